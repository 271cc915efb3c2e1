"""Onsets of an answer that gives more than times where times are asked for.

The rule: where every time stands in an interval that ends after it begins (`0.5-0.9`, "0.5 to
0.9", pairs in brackets or columns, objects with `start` and `end`), the beginnings are the answer.
Where one of two columns counts (1, 2, 3, 4, 1, …), as files of beats do, the other one is. A chain
("0.5 - 1.0 - 1.5") is a list of times, and so are pairs joined by "and" or a comma.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["onsets"]

_Pairs = list[tuple[float, float]]

_STARTS = ("start", "start_time", "onset", "begin", "from", "start_s", "t0")
_NUMBER = r"(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})"
_COLUMNS = re.compile(rf"\s*({_NUMBER})(?:[ \t]+|[ \t]*,[ \t]*)({_NUMBER})\s*")
_JOINT = r"\s*(?:-->|->|→|[-–—~～至到]|\bto\b|\buntil\b|\btill\b|\bthrough\b)\s*"
_ANY_JOINT = re.compile(r"[-–—~～→至到]|to|ti|th", re.IGNORECASE)
_CHAIN = re.compile(r"\s*[-–—~]\s*[\d.]")
_NAMED = re.compile(r"\b(?:down)?beats?\s*#?\d{1,4}\b", re.IGNORECASE)
_MOST_IN_BAR = 16


def onsets(
    text: str, value: Any, time: str, seconds: Callable[[str], float]
) -> tuple[float, ...] | None:
    """The onsets in seconds; None where the answer is no list of intervals or counted beats.

    `value` is the literal in the text, `time` the pattern of one time and `seconds` reads it.
    """
    pairs = _of_objects(value, seconds) or _of_lists(value) or _of_columns(text)
    if not pairs:
        return _of_ranges(text, time, seconds)
    firsts, seconds_of_pairs = zip(*pairs, strict=True)
    if _counts(firsts) and not _rise(pairs) and not _counts(seconds_of_pairs):
        return tuple(seconds_of_pairs)  # the first column counts
    return tuple(firsts) if _counts(seconds_of_pairs) or _rise(pairs) else None


def _of_objects(value: Any, seconds: Callable[[str], float]) -> _Pairs:
    """Starts of objects, each with a made-up end: an object that has a start is an interval."""
    if not isinstance(value, list | tuple) or not all(isinstance(v, Mapping) for v in value):
        return []
    starts = [next((item[k] for k in _STARTS if k in item), None) for item in value]
    if not all(isinstance(s, int | float | str) for s in starts):
        return []
    numbers = [seconds(str(s).strip()) for s in starts]
    return [(number, number + 1.0) for number in numbers]


def _of_lists(value: Any) -> _Pairs:
    if not isinstance(value, list | tuple):
        return []
    items = [item for item in value if isinstance(item, list | tuple) and len(item) == 2]
    fine = len(items) == len(value) and all(_is_number(n) for item in items for n in item)
    return [(float(first), float(second)) for first, second in items] if fine else []


def _of_columns(text: str) -> _Pairs:
    """Two numbers in each of several lines; with a comma between only where the second is whole."""
    lines = [line for line in text.splitlines() if line.strip()]
    matches: list[re.Match[str]] = []
    for line in lines:
        match = _COLUMNS.fullmatch(line)
        if match is None:
            return []
        matches.append(match)
    is_count = all(m[2].isdigit() for m in matches)
    if len(matches) < 2 or ("," in text and not is_count):
        return []
    return [(float(m[1]), float(m[2])) for m in matches]


def _of_ranges(text: str, time: str, seconds: Callable[[str], float]) -> tuple[float, ...] | None:
    if not _ANY_JOINT.search(text):
        return None
    span = re.compile(rf"(?<![\w.:])({time}){_JOINT}({time})(?!\.{{0,3}}\d)", re.IGNORECASE)
    spans = list(span.finditer(text))
    if not spans or any(_CHAIN.match(text, m.end()) for m in spans):
        return None
    if re.search(r"\d", _NAMED.sub("", span.sub("", text))):
        return None
    pairs = [(seconds(m[1]), seconds(m[2])) for m in spans]
    return tuple(first for first, _ in pairs) if _rise(pairs) else None


def _counts(numbers: Sequence[float]) -> bool:
    """Whether whole numbers count the beats of bars: each is one more than the last, or 1."""
    steps = itertools.pairwise(numbers)
    return all(1 <= n <= _MOST_IN_BAR and n == int(n) for n in numbers) and all(
        b in (a + 1, 1) for a, b in steps
    )


def _rise(pairs: _Pairs) -> bool:
    return all(first < second for first, second in pairs) and all(
        a[0] <= b[0] for a, b in itertools.pairwise(pairs)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
