"""Answers as models write them, with the value that a careful reader gives them.

Files of `tests/data/answers`: a heading `[part] task`, lines `options:`, `prompt:` and
`reference:`, then a line `answer => value` each. `!status` is a status without a value, `!` any
such; `~value` is a value that is not read yet, where no other may be; `\\n` is a line break. A
note is its MIDI number, or its pitch class with `?`; intervals are as in records, but
with one decimal where that is enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import Contour, Interval, Note, ParsedAnswer, parse

__all__ = ["FOLDER", "AnswerCase", "cases_in"]

FOLDER = Path(__file__).parent / "data" / "answers"


@dataclass(frozen=True, slots=True)
class AnswerCase:
    """One answer: where it stands, what is asked, and what it should become."""

    file: str
    part: str
    task: str
    options: tuple[str, ...]
    prompt: str
    reference: str
    answer: str
    value: str

    def read(self) -> ParsedAnswer:
        """What the parsers make of the answer."""
        return parse(
            catalogue.get(self.task), self.answer, self.options, prompt=self.prompt,
            reference=self.reference or None,
        )  # fmt: skip

    @property
    def result(self) -> str:
        """The value as the files have it, or "!" and the status."""
        parsed = self.read()
        if str(parsed.status) != "ok":
            return f"!{parsed.status}"
        return _written(parsed.value)

    @property
    def is_right(self) -> bool:
        """Whether the reading is the value of the file."""
        result = self.result
        if self.value.startswith("~") and result.startswith("!"):
            return True
        return result.startswith("!") if self.value == "!" else result == self.value.lstrip("~")


def cases_in(name: str) -> list[AnswerCase]:
    """The cases of a file."""
    return list(_cases(name, (FOLDER / f"{name}.txt").read_text(encoding="utf-8")))


def _cases(name: str, text: str) -> Iterator[AnswerCase]:
    part = task = ""
    facts: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(": ")
        if line.startswith(("[handed] ", "[dev] ", "[held] ")):
            part, _, task = line[1:].partition("] ")
            facts = {}
        elif key in ("options", "prompt", "reference"):
            facts[key] = value.replace("\\n", "\n")
        elif " =>" in line:
            answer, _, value = line.rpartition(" =>")
            options = tuple(filter(None, facts.get("options", "").split("; ")))
            yield AnswerCase(
                name, part, task, options, facts.get("prompt", ""), facts.get("reference", ""),
                answer.replace("\\n", "\n"), value.strip(),
            )  # fmt: skip


def _written(value: Any) -> str:
    if isinstance(value, Note):
        return str(value.midi) if value.midi is not None else f"{value.pitch_class}?"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Contour):
        points = zip(value.times.tolist(), value.hz.tolist(), strict=True)
        return "; ".join(f"{time} {hz}" for time, hz in points)
    if not isinstance(value, tuple):
        return str(value)
    if any(isinstance(item, Interval) for item in value):
        return "; ".join(f"{i.start}-{i.end} {i.label}".strip() for i in value)
    if all(isinstance(item, float) for item in value):
        return ", ".join(map(str, value))
    return " ".join(value)
