"""From answer text to a value, by the answer format of a task."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.parsing import clean, quantity, seconds, symbols, texts
from audioflan_tasks.metrics.parsing.matching import LabelMatcher, matcher
from audioflan_tasks.metrics.values import AudioAnswer, Interval, Parsed, Status
from audioflan_tasks.preprocessors.templates import strip_lead_in

__all__ = ["Kind", "kind_of", "parse", "read", "size_of"]

Kind = Literal[
    "text", "caption", "phones", "label", "labels", "key", "number", "times", "intervals",
    "chords", "sequence", "note", "progression", "contour", "audio",
]  # fmt: skip

_RUNAWAY_TIMES = 3
# Lengths that may be exceeded before three times the reference counts: words, else items.
_MARGIN = {"text": 10, "caption": 20}
_ITEM_MARGIN = 5
# How many words of the prompt an answer must copy to be an echo; other kinds are never one.
_ECHO_WORDS: Mapping[str, int] = MappingProxyType(
    {"text": 5, "caption": 5, "phones": 4, "times": 3, "intervals": 3, "chords": 3,
     "contour": 4, "progression": 3, "label": 8, "labels": 8, "sequence": 8}
)  # fmt: skip
# What a speaker says may follow who it is.
_SPEAKER = re.compile(r"(?:speaker|spk)[ _-]?\w{1,12}(?=\s*:)", re.IGNORECASE)
# "I cannot listen to audio, but it is probably jazz" is an answer.
_YET = re.compile(r"\b(?:but|however|still)\b|但", re.IGNORECASE)
_MAY_BE_NONE = frozenset(("times", "intervals", "labels"))


def kind_of(row: TaskRow) -> Kind:
    """What a task's answers are read as: its answer format, with keys and chords told apart."""
    if row.answer == "transcript":
        return "text"
    if row.answer == "label" and row.labels:
        parsed = [symbols.read_key(label) for label in row.labels]
        return "key" if all(p.status is Status.OK for p in parsed) else "label"
    if row.answer == "intervals":
        return "chords" if "chord" in row.attributes else "intervals"
    return row.answer


def parse(
    row: TaskRow,
    answer: Any,
    options: Sequence[str] = (),
    *,
    prompt: str = "",
    reference: Any = None,
) -> Parsed:
    """Reads a model's answer to a task; never raises on any text.

    `options` are the labels that were to choose from (default: the task's own closed set; an
    open set where it has none). `prompt` is what the model was asked: copies of its examples
    are told apart with it, and letters of options resolved. `reference`, the value of the
    right answer, tells what is too long.
    """
    return read(
        kind_of(row), answer, tuple(options) or row.labels, task=row.id, prompt=prompt,
        reference=reference,
    )  # fmt: skip


def read(
    kind: Kind,
    answer: Any,
    labels: tuple[str, ...] = (),
    *,
    task: str = "",
    prompt: str = "",
    reference: Any = None,
) -> Parsed:
    """As `parse`, by kind instead of by task."""
    if isinstance(answer, Parsed):
        return answer
    if kind == "audio" or isinstance(answer, AudioAnswer) or answer is None:
        heard = isinstance(answer, AudioAnswer) and len(answer.samples) > 0
        return Parsed(answer if heard else None, Status.OK if heard else Status.EMPTY)
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    cut = text[: clean.MAX_CHARS]
    said, reasoning = clean.split_reasoning(cut)
    body = clean.bare(said)
    body = clean.unquoted(strip_lead_in(task, body)) if task else body
    found = _value(kind, body, labels, task, prompt)
    if found.value is not None and _is_runaway(kind, found.value, body, reference, cut is not text):
        found = Parsed(found.value, Status.RUNAWAY)
    return found._replace(reasoning=reasoning)


def size_of(kind: Kind, value: Any) -> int:
    """Words of running text (characters where words are not spaced), else items."""
    if kind in ("text", "caption"):
        text = value[0] if isinstance(value, tuple) else str(value)
        return max(len(text.split()), len(re.findall(r"[぀-ヿ㐀-鿿฀-໿]", text)))
    if kind == "contour":
        return len(value.times)
    return len(value) if hasattr(value, "__len__") else 1


def _value(kind: Kind, body: str, labels: tuple[str, ...], task: str, prompt: str) -> Parsed:
    if clean.says_nothing(body):
        nothing = kind in _MAY_BE_NONE and body.strip() in ("[]", "()", "{}")
        empty: Any = frozenset() if kind == "labels" else ()
        return Parsed(empty if nothing else None, Status.OK if nothing else Status.EMPTY)
    if prompt and kind in _ECHO_WORDS and clean.echoes(body, prompt, _ECHO_WORDS[kind]):
        return Parsed(None, Status.PROMPT_ECHO)
    if kind in ("text", "caption"):
        if clean.is_refusal(body, strong=True):
            return Parsed(None, Status.REFUSAL)
        return Parsed(texts.running_text(body), Status.OK)
    found = _READERS[kind](body, labels, task, prompt)
    failed = found.status in (Status.MALFORMED, Status.OUT_OF_SET, Status.AMBIGUOUS)
    if clean.is_refusal(body, strong=not failed) and (failed or not _YET.search(body)):
        return Parsed(None, Status.REFUSAL)
    return found


def _is_runaway(kind: Kind, value: Any, body: str, reference: Any, was_cut: bool) -> bool:
    if was_cut:
        return True
    if kind in ("label", "labels", "key", "note", "number", "audio"):
        return False
    size = size_of(kind, value)
    if reference is not None:
        margin = _MARGIN.get(kind, _ITEM_MARGIN)
        return size > max(_RUNAWAY_TIMES * size_of(kind, reference), margin)
    return kind in _MARGIN and _repeats(body)


def _repeats(text: str) -> bool:
    """Whether a text goes round in circles: at least 60 words, under a tenth of them different."""
    words = text.split()
    return len(words) >= 60 and len(set(words)) * 10 < len(words)


def _label(body: str, labels: tuple[str, ...], task: str, prompt: str) -> Parsed:
    if not labels:
        plain = texts.plain_label(body)
        return Parsed(plain or None, Status.OK if plain else Status.EMPTY)
    found = texts.read_label(body, matcher(labels, task), prompt)
    if found.status is Status.OUT_OF_SET and task == "age_recognition":
        return _age_group(body, labels)
    if task == "tempo_comparison" and "slower" in body.casefold():
        return _faster(body, matcher(labels, task))
    return found


def _faster(body: str, labels: LabelMatcher) -> Parsed:
    """Which of two is faster, in a text that says which is slower."""
    clauses = re.split(r"[,.;\n]|\b(?:and|but|while|whereas)\b", body, flags=re.IGNORECASE)
    told = [c for c in clauses if "slower" not in c.casefold()]
    if any("faster" in c.casefold() for c in told):
        return texts.read_label(",".join(told), labels)
    found = texts.read_label(body, labels)
    other = {"first": "second", "second": "first"}
    return found._replace(value=other.get(str(found.value), found.value))


def _age_group(body: str, labels: tuple[str, ...]) -> Parsed:
    """The group that a stated age in years falls in: child to 12, teenager to 19, adult to 59."""
    years = quantity.read_number(body)
    if years.value is None or not 0 <= years.value <= 120:
        return Parsed(None, Status.OUT_OF_SET)
    bounds = (("child", 13), ("teenager", 20), ("adult", 60), ("senior", 121))
    group = next(name for name, above in bounds if years.value < above)
    return Parsed(group, Status.OK) if group in labels else Parsed(None, Status.OUT_OF_SET)


def _known(labels: tuple[str, ...], task: str) -> LabelMatcher | None:
    return matcher(labels, task) if labels else None


def _intervals(body: str, labels: tuple[str, ...], task: str, prompt: str) -> Parsed:
    found = seconds.read_intervals(body)
    if found.value is None:
        return found
    known = _known(labels, task)
    return found._replace(
        value=tuple(Interval(i.start, i.end, _event(i.label, known)) for i in found.value)
    )


def _event(text: str, known: LabelMatcher | None) -> str:
    if known is not None and text:
        named = {known.exact(text)} - {None} or {m.label for m in known.mentions(text)}
        if len(named) == 1:
            return str(named.pop())
    speaker = _SPEAKER.match(text)
    return texts.plain_label(speaker[0] if speaker else text)


def _chords(body: str, labels: tuple[str, ...], task: str, prompt: str) -> Parsed:
    found = seconds.read_intervals(body)
    if not found.value or any(i.end <= i.start for i in found.value):
        return Parsed(None, Status.MALFORMED)
    chords = tuple(sorted(Interval(i.start, i.end, symbols.chord(i.label)) for i in found.value))
    overlap = any(a.end > b.start + 1e-6 for a, b in itertools.pairwise(chords))
    return Parsed(None, Status.MALFORMED) if overlap else Parsed(chords, Status.OK)


def _sequence(body: str, labels: tuple[str, ...], task: str, prompt: str) -> Parsed:
    if not labels and "," not in body and _is_progression(body):
        return symbols.read_progression(body)
    return texts.read_sequence(body, _known(labels, task))


@lru_cache(maxsize=4096)
def _is_progression(body: str) -> bool:
    return "-" in body and symbols.read_progression(body).status is Status.OK


_READERS: Mapping[str, Callable[[str, tuple[str, ...], str, str], Parsed]] = MappingProxyType(
    {
        "label": _label,
        "labels": lambda body, labels, task, prompt: texts.read_labels(body, _known(labels, task)),
        "key": lambda body, labels, task, prompt: symbols.read_key(body),
        "number": lambda body, labels, task, prompt: quantity.read_number(body),
        "times": lambda body, labels, task, prompt: seconds.read_times(body),
        "intervals": _intervals,
        "chords": _chords,
        "sequence": _sequence,
        "note": lambda body, labels, task, prompt: symbols.read_note(body),
        "progression": lambda body, labels, task, prompt: symbols.read_progression(body),
        "contour": lambda body, labels, task, prompt: symbols.read_contour(body),
        "phones": lambda body, labels, task, prompt: texts.read_phones(body),
    }
)
