"""A person has the last word: the queue of a run, item by item."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.templates import pool
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.judgement import instruction_objections
from audioflan_tasks.variation.pools import PoolOutcome, reviewed
from audioflan_tasks.variation.records import reviewed_record
from audioflan_tasks.variation.run import QUEUE, REVIEWS
from audioflan_tasks.variation.run_files import (
    QueuedRewrite,
    Review,
    pool_file,
    pool_text,
    read_lines,
    read_pool,
    write_lines,
)
from audioflan_tasks.whole_files import write_whole

__all__ = ["Terminal", "review_queue"]

_CHOICES = "[a]ccept, [e]dit, [r]eject, [s]kip, [q]uit? "


@dataclass(frozen=True, slots=True)
class Terminal:
    """How a person is asked: `ask` gives the line that is typed, None at the end of the input."""

    ask: Callable[[str], str | None]
    show: Callable[[str], None]


def review_queue(folder: Path, terminal: Terminal, reviewer: str, date: str) -> int:
    """Asks about every rewrite of the queue; the number of those that were decided.

    A decision is kept at once, and an accepted rewrite joins its pool or its records.
    """
    queue = read_lines(folder / QUEUE, QueuedRewrite)
    decided_keys: list[str] = []
    for number, item in enumerate(queue, 1):
        terminal.show(f"\n{number} of {len(queue)}: {item.task} ({item.language})")
        for line in _difference(item):
            terminal.show(line)
        text = _decision(item, terminal)
        if text is None:
            break
        if text is not _SKIP:
            _keep(folder, item, Review(key=item.key, text=text, reviewer=reviewer, date=date))
            decided_keys.append(item.key)
            write_lines(folder / QUEUE, [other for other in queue if other.key not in decided_keys])
    return len(decided_keys)


# Not equal to any text that somebody accepts.
_SKIP = "\x00"


def _decision(item: QueuedRewrite, terminal: Terminal) -> str | None:
    """The accepted text, "" where it is rejected, `_SKIPPED`, or None to end."""
    while True:
        choice = terminal.ask(_CHOICES)
        if choice is None or choice.strip().lower() in ("q", "quit"):
            return None
        match choice.strip().lower()[:1]:
            case "a":
                return item.rewrite
            case "r":
                return ""
            case "s":
                return _SKIP
            case "e":
                edited_text = _edited(item, terminal)
                if edited_text is not None:
                    return edited_text


def _edited(item: QueuedRewrite, terminal: Terminal) -> str | None:
    """The rewrite with an instruction that was typed; None where it was thought better of."""
    line = terminal.ask("instruction: ")
    if not line or not line.strip():
        return None
    fields = json.loads(item.rewrite) if item.record else {}
    original = item.record.get("instruction", "") if item.record else item.original
    case = InstructionRewrite(catalogue.get(item.task), original, line.strip(), item.language)
    for objection in instruction_objections(case):
        terminal.show(f"  still {objection}")
    if not item.record:
        return line.strip()
    return json.dumps({**fields, "instruction": line.strip()}, ensure_ascii=False)


def _keep(folder: Path, item: QueuedRewrite, review: Review) -> None:
    with (folder / REVIEWS).open("ab") as stream:
        stream.write(msgspec.json.encode(review) + b"\n")
    if not review.text:
        return
    if item.record:
        file = folder / "records" / f"{item.task}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(reviewed_record(item, review), ensure_ascii=False) + "\n")
    else:
        _add_to_pool(folder, item, review)


def _add_to_pool(folder: Path, item: QueuedRewrite, review: Review) -> None:
    row = catalogue.get(item.task)
    hand_written = pool(row.id, row.pool or None, row=row, language=item.language)
    file = pool_file(folder, item.task, item.language)
    outcome = PoolOutcome(queue=[item])
    words = hand_written
    if file.exists():
        words = read_pool(file)
        outcome.instructions += words.instruction
        outcome.wordings_origin = words.origin
    grown_pool = reviewed(outcome, row, item.language, {review.key: review}).pool(words)
    if grown_pool is not None:
        write_whole(file, pool_text(grown_pool))


def _difference(item: QueuedRewrite) -> Iterator[str]:
    original_texts, rewrite_texts = _texts(item.original), _texts(item.rewrite)
    for name, text in original_texts.items():
        if rewrite_texts.get(name) != text or name == "instruction":
            yield f"  {name}"
            yield f"    - {_marked(text, rewrite_texts.get(name, ''), '-')}"
            yield f"    + {_marked(text, rewrite_texts.get(name, ''), '+')}"
    yield from (f"  breaks {objection}" for objection in item.objections)


def _texts(text: str) -> dict[str, str]:
    return dict(json.loads(text)) if text.startswith('{"') else {"instruction": text}


def _marked(original_texts: str, rewrite_texts: str, side: str) -> str:
    """One side of two texts, with brackets around what the other lacks."""
    tokens, other = _tokens(original_texts), _tokens(rewrite_texts)
    parts = []
    for kind, begin, end, start, stop in difflib.SequenceMatcher(None, tokens, other).get_opcodes():
        words = "".join(tokens[begin:end] if side == "-" else other[start:stop])
        parts.append(words if kind == "equal" or not words else f"[{words}]")
    return "".join(parts)


def _tokens(text: str) -> Sequence[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", text)
