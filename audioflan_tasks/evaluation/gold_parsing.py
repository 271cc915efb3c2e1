"""Gold answers in their canonical form, taken apart; for answers of models there is `metrics`."""

from __future__ import annotations

import re

__all__ = ["labels_of_intervals", "names", "number", "plain"]

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_INTERVAL = re.compile(r"^\s*\d+(?:\.\d+)?\s*-\s*\d+(?:\.\d+)?\s*(.*?)\s*$")


def plain(text: str) -> str:
    """Without case, quotes, final stop and doubled blanks."""
    return " ".join(text.strip(" .\"'`\n\t").casefold().split())


def names(text: str) -> tuple[str, ...]:
    """Names of a comma list, each `plain`."""
    return tuple(name for part in text.split(",") if (name := plain(part)))


def number(text: str) -> float | None:
    """The first number."""
    found = _NUMBER.search(text)
    return float(found[0]) if found else None


def labels_of_intervals(text: str) -> tuple[str, ...]:
    """Labels of `0.10-2.44 speaker 1; ...`, each `plain`, repeats kept."""
    found = (_INTERVAL.match(part) for part in text.split(";"))
    return tuple(name for match in found if match and (name := plain(match[1])))
