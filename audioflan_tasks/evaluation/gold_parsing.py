"""Gold answers in their canonical form, taken apart; for answers of models there is `metrics`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from audioflan_tasks.catalogue import AnswerKind

__all__ = ["names_in", "number", "plain"]

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_INTERVAL = re.compile(r"^\s*\d+(?:\.\d+)?\s*-\s*\d+(?:\.\d+)?\s*(.*?)\s*$")


def plain(text: str) -> str:
    """Without case, quotes, final stop and doubled blanks."""
    return " ".join(text.strip(" .\"'`\n\t").casefold().split())


def names_in(text: str, answer: AnswerKind) -> tuple[str, ...]:
    """What a gold answer names, each `plain`, repeats kept; () where it names nothing."""
    return _NAMES[answer.names](text)


def number(text: str) -> float | None:
    """The first number."""
    match = _NUMBER.search(text)
    return float(match[0]) if match else None


def _labels_of_intervals(text: str) -> tuple[str, ...]:
    """Labels of `0.10-2.44 speaker 1; ...`, each `plain`, repeats kept."""
    matches = (_INTERVAL.match(part) for part in text.split(";"))
    return tuple(name for match in matches if match and (name := plain(match[1])))


def _listed_names(text: str) -> tuple[str, ...]:
    """Names of a comma list."""
    return tuple(name for part in text.split(",") if (name := plain(part)))


_NAMES: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "none": lambda text: (),
    "one": lambda text: (plain(text),),
    "list": _listed_names,
    "intervals": _labels_of_intervals,
}
