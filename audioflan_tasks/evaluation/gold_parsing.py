"""Parsing of gold answers, which have a canonical form; `metrics` parses answers of models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from audioflan_tasks.catalogue import AnswerKind

__all__ = ["names_in", "number", "plain"]

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_INTERVAL = re.compile(r"^\s*\d+(?:\.\d+)?\s*-\s*\d+(?:\.\d+)?\s*(.*?)\s*$")


def plain(text: str) -> str:
    """The text in lower case, without outer quotes, final stop and repeated blanks."""
    return " ".join(text.strip(" .\"'`\n\t").casefold().split())


def names_in(text: str, answer: AnswerKind) -> tuple[str, ...]:
    """The names in a gold answer, each `plain`, with repeats; () if it has none."""
    return _NAMES[answer.names](text)


def number(text: str) -> float | None:
    """The first number in a text; None if it has none."""
    match = _NUMBER.search(text)
    return float(match[0]) if match else None


def _labels_of_intervals(text: str) -> tuple[str, ...]:
    """Labels of `0.10-2.44 speaker 1; ...`, each `plain`, with repeats."""
    matches = (_INTERVAL.match(part) for part in text.split(";"))
    return tuple(name for match in matches if match and (name := plain(match[1])))


def _listed_names(text: str) -> tuple[str, ...]:
    """Names separated by commas, each `plain`."""
    return tuple(name for part in text.split(",") if (name := plain(part)))


_NAMES: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "none": lambda text: (),
    "one": lambda text: (plain(text),),
    "list": _listed_names,
    "intervals": _labels_of_intervals,
}
