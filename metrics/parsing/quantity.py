"""The number of an answer: `12.5 dB`, `12,5 dB`, `minus three point five`, `10-12 dB`."""

from __future__ import annotations

import re

from audioflan_tasks.metrics.parsing.figures import figures_in, is_range
from audioflan_tasks.metrics.values import ParsedAnswer, Status

__all__ = ["read_number"]

_OWN_UNITS = ("db", "decibel", "year", "bpm", "岁", "分贝")
# fmt: off
_DIGITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
# fmt: on
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: n for n, word in enumerate(_DIGITS)} | {
    word: 10 * n for n, word in enumerate(_TENS, 2)
}
_WORD = rf"(?:{'|'.join(sorted(_VALUES, key=len, reverse=True))})"
_SPELT = re.compile(
    rf"\b((?:minus |negative )?{_WORD}(?:[- ]{_WORD}){{0,2}}(?: point {_WORD}(?: {_WORD}){{0,3}})?)"
    r"(?:\W*\Z|\s+(?:dB|decibels?|years?)\b)",
    re.IGNORECASE,
)


def read_number(text: str) -> ParsedAnswer:
    """The one number of a text; two that are joined give their middle, others are ambiguous.

    Numbers in the unit of the question come before bare ones, those in other units do not count.
    """
    figures = [f for f in figures_in(text) if not f.unit or f.unit.startswith(_OWN_UNITS)]
    figures = [f for f in figures if f.unit] or figures
    values = {figure.value for figure in figures}
    if len(values) == 1:
        return ParsedAnswer(values.pop(), Status.OK)
    if len(figures) == 2 and is_range(text[figures[0].end : figures[1].start]):
        return ParsedAnswer(sum(values) / 2, Status.OK)
    if values:
        return ParsedAnswer(None, Status.AMBIGUOUS)
    spelt = _SPELT.search(text[:2000])
    value = _number_in_words(spelt[1]) if spelt else None
    return ParsedAnswer(value, Status.OK if value is not None else Status.MALFORMED)


def _number_in_words(text: str) -> float:
    """A number in English words below a hundred, with minus and point."""
    sign, value, places = 1.0, 0.0, 0
    for word in re.findall(r"[a-z]+", text.casefold()):
        if word in ("minus", "negative"):
            sign = -1.0
        elif word == "point":
            places = 1
        elif places:
            value += _VALUES[word] / 10**places
            places += 1
        else:
            value += _VALUES[word]
    return sign * value
