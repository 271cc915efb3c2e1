"""What came of a run: accepted variations with where they come from, and those for a person.

A run's folder:

    replies.jsonl           every reply of a model, as it came
    reviews.jsonl           every decision of a person
    queue.jsonl             rewrites that no attempt made valid
    pools/TASK.toml         accepted instructions, labels and lead-ins; `pools/zh/TASK.toml`
    records/TASK.jsonl      rewritten records
    report.json             counts by rule, also of those that a judge overruled, tokens

All but the first two are made of these two again at the end of every run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError

from audioflan_tasks.errors import SettingsError, reason_of
from audioflan_tasks.evaluation.results import UNREADABLE_JSON
from audioflan_tasks.plain_files import open_plain_file, read_plain_text, toml_content
from audioflan_tasks.preprocessors.templates import ENGLISH, Origin, Pool
from audioflan_tasks.whole_files import write_whole

__all__ = [
    "QueuedRewrite",
    "Review",
    "pool_file",
    "pool_text",
    "read_lines",
    "read_pool",
    "write_lines",
]


Line = TypeVar("Line")


class QueuedRewrite(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A rewrite that a person has to look at; `objections` are "rule: place".
    Of a record, `original` and `rewrite` are its three fields as JSON, and `record` is it whole."""

    key: str
    task: str
    language: str
    original: str
    rewrite: str
    objections: tuple[str, ...] = ()
    model: str = ""
    prompt: str = ""
    uuid: str = ""
    record: dict[str, Any] = {}


class Review(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a person decided on a rewrite: `text` as accepted, "" where it was rejected."""

    key: str
    text: str = ""
    reviewer: str
    date: str


def pool_file(folder: Path, task: str, language: str) -> Path:
    """Where the accepted variations of a task lie in a run's folder."""
    parts = () if language == ENGLISH else (language,)
    return folder.joinpath("pools", *parts, f"{task}.toml")


def pool_text(words: Pool) -> str:
    """A pool as TOML."""
    lines = [f"task = {_quoted(words.task)}"]
    if words.origin is not None:
        lines.append(f"origin = {_inline(words.origin)}")
    for instruction in words.instruction:
        lines += ["", "[[instruction]]", f"ask = {_quoted(instruction.ask)}"]
        lines.append(f"mood = {_quoted(instruction.mood)}")
        if instruction.answers:
            lines.append(f"answers = {_quoted(instruction.answers)}")
        if instruction.origin is not None:
            lines.append(f"origin = {_inline(instruction.origin)}")
    lines += ["", "[inputs]"]
    lines += [f"{name} = {_quoted(labels)}" for name, labels in words.inputs.items()]
    lines += ["", "[answer]", f"lead_ins = {_quoted(words.answer.lead_ins)}"]
    return "\n".join(lines) + "\n"


def read_pool(file: Path) -> Pool:
    """The pool in a file of a run, as it is now: other readers keep what they have read.

    Raises:
      SettingsError: it cannot be read, or is no pool.
    """
    try:
        return Pool.model_validate(toml_content(read_plain_text(file)))
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(map(str, fault["loc"]))
        raise SettingsError(f"{file}: no pool: {name}: {fault['msg']}") from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: not a readable TOML file: {reason_of(error)}") from error


def write_lines(file: Path, items: Iterable[Any]) -> None:
    """Writes records as lines of JSON."""
    write_whole(file, "".join(f"{msgspec.json.encode(item).decode()}\n" for item in items))


def read_lines(file: Path, kind: type[Line]) -> list[Line]:
    """Records of a file of lines of JSON; [] where there is none.

    Raises:
      SettingsError: it cannot be read, or a line is no such record.
    """
    records: list[Line] = []
    try:
        with open_plain_file(file) as lines:
            for line in lines:
                records.append(msgspec.json.decode(line, type=kind))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {reason_of(error)}") from error
    except UNREADABLE_JSON as error:
        raise SettingsError(f"{file}:{len(records) + 1}: {error}") from error
    return records


def _quoted(value: str | Sequence[str]) -> str:
    """Text as a TOML string, which is that of JSON."""
    items = value if isinstance(value, str) else list(value)
    return json.dumps(items, ensure_ascii=False).replace("\x7f", "\\u007f")


def _inline(origin: Origin) -> str:
    fields: Mapping[str, str] = origin.model_dump()
    return "{ " + ", ".join(f"{name} = {_quoted(text)}" for name, text in fields.items()) + " }"
