"""Numbers in text: `12.5 dB`, `12,5 dB`, `minus three point five`, `10-12 dB`."""

from __future__ import annotations

import math
import re

from audioflan_tasks.metrics.values import ParsedAnswer, Status

__all__ = ["read_number"]

_LARGEST = 1e9
# Units of numbers that an answer may mention beside the one in question.
_OTHER_UNITS = frozenset(("hz", "s", "seconds", "second", "%"))
_TOLERANCE = re.compile(r"(?:±|\+/-)\s?\d{1,9}(?:\.\d{1,9})?")
_NUMBER = re.compile(
    r"(?<![\w.])([-+−–]\s?)?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,15}(?:[.,]\d{1,15})?|\.\d{1,15})"
    r"(e[-+]?\d{1,3})?"
    r"(?:\s?(dB|decibels?|years?(?:[- ]old)?|Hz|BPM|seconds?|s|%|岁|分贝)(?![^\W\d_]))?",
    re.IGNORECASE,
)
_NUMBER_RANGE = re.compile(
    r"(?<![\w.])(-?\d+(?:\.\d+)?)\s?(?:dB|years?|Hz|BPM)?\s*(?:-|–|—|~|\bto\b|\band\b|至|到)\s*"
    r"(-?\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
_WORDS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}


def read_number(text: str) -> ParsedAnswer:
    """The one number of a text; a range is its middle, several numbers are ambiguous.

    A number with a unit is preferred to bare ones: "12 dB, about 4 times as strong" is 12.
    """
    text = _TOLERANCE.sub("", text)
    numbers = [
        (value, (m[4] or "").casefold())
        for m in _NUMBER.finditer(text)
        if (value := _value(m)) is not None
    ]
    if not numbers:
        value = _number_in_words(text)
        return ParsedAnswer(value, Status.OK if value is not None else Status.MALFORMED)
    if len({unit for _, unit in numbers}) > 1:
        numbers = [(v, u) for v, u in numbers if u not in _OTHER_UNITS] or numbers
    values = {value for value, _ in numbers}
    range_match = _NUMBER_RANGE.search(text)
    if range_match and {float(range_match[1]), float(range_match[2])} == values:
        return ParsedAnswer((float(range_match[1]) + float(range_match[2])) / 2, Status.OK)
    values = {value for value, unit in numbers if unit} or values
    if len(values) == 1:
        return ParsedAnswer(values.pop(), Status.OK)
    return ParsedAnswer(None, Status.AMBIGUOUS)


def _value(match: re.Match[str]) -> float | None:
    digits = match[2]
    thousands = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits)
    plain = digits.replace(",", "") if thousands else digits.replace(",", ".")
    value = float(plain + (match[3] or ""))
    if not math.isfinite(value) or value > _LARGEST:
        return None
    return -value if match[1] and match[1].strip() in "-−–" else value


def _number_in_words(text: str) -> float | None:
    """A number in English words below a hundred, with minus and point."""
    words = re.findall(r"[a-z]+", text.casefold())
    value: float | None = None
    sign, places = 1.0, 0
    for word in words:
        if word in ("minus", "negative") and value is None:
            sign = -1.0
        elif word == "point" and value is not None:
            places = 1
        elif word in _TENS and value is None:
            value = float(_TENS[word])
        elif word in _WORDS and places:
            value = (value or 0.0) + _WORDS[word] / 10**places
            places += 1
        elif word in _WORDS and (value is None or (value in _TENS.values() and _WORDS[word] < 10)):
            value = (value or 0.0) + _WORDS[word]
    return None if value is None else sign * value
