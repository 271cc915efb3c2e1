"""The number of an answer: `12.5 dB`, `12,5 dB`, `minus three point five`, `10-12 dB`."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from audioflan_tasks.metrics.parsing.figures import figures_in, is_range, with_years
from audioflan_tasks.metrics.parsing.notes import is_denied
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
_CHINESE_DIGITS = {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_CHINESE = re.compile(
    r"(负|负的|零下)?([一二三四五六七八九]?十[一二三四五六七八九]?|[零一二两三四五六七八九])\s?(?:分贝|岁)"
)
_REACH = 60
_SPELT_RANGE = re.compile(
    rf"\b({_WORD}(?:[- ]{_WORD})?)\s+(?:or|to|and)\s+({_WORD}(?:[- ]{_WORD})?)"
    r"(?:\W*\Z|\s+(?:dB|decibels?|years?)\b)",
    re.IGNORECASE,
)
_SPELT = re.compile(
    rf"\b((?:minus |negative )?{_WORD}(?:[- ]{_WORD}){{0,2}}(?: point {_WORD}(?: {_WORD}){{0,3}})?)"
    r"(?:\W*\Z|\s+(?:dB|decibels?|years?)\b)",
    re.IGNORECASE,
)


def read_number(text: str, nouns: Collection[str] = ()) -> ParsedAnswer:
    """The one number of a text; two that are joined give their middle, others are ambiguous.

    Numbers in the unit of the question come before bare ones, those in other units do not count.
    Of several the one that a noun of the question stands before counts: "so the SNR is 15 dB".
    """
    text = with_years(text)
    figures = [f for f in figures_in(text) if not f.unit or f.unit.startswith(_OWN_UNITS)]
    figures = [f for f in figures if f.unit] or figures
    figures = [f for f in figures if not is_denied(text, f.start)] or figures
    are_two = len(figures) == 2 and is_range(text[figures[0].end : figures[1].start])
    if len(figures) > 1 and nouns and not are_two:
        name = _name_before(tuple(nouns))
        figures = [
            f for f in figures if name.search(text[max(0, f.start - _REACH) : f.start])
        ] or figures
    values = {figure.value for figure in figures}
    if len(values) == 1:
        return ParsedAnswer(values.pop(), Status.OK)
    if are_two and len(values) == 2:
        return ParsedAnswer(sum(values) / 2, Status.OK)
    if values:
        return ParsedAnswer(None, Status.AMBIGUOUS)
    chinese = _CHINESE.search(text[:2000])
    if chinese:
        sign = -1.0 if chinese[1] else 1.0
        return ParsedAnswer(sign * _chinese_number(chinese[2]), Status.OK)
    words = _SPELT_RANGE.search(text[:2000])
    if words:
        return ParsedAnswer(
            (_number_in_words(words[1]) + _number_in_words(words[2])) / 2, Status.OK
        )
    spelt = _SPELT.search(text[:2000])
    value = _number_in_words(spelt[1]) if spelt else None
    return ParsedAnswer(value, Status.OK if value is not None else Status.MALFORMED)


@lru_cache
def _name_before(nouns: tuple[str, ...]) -> re.Pattern[str]:
    """What stands before a number that a noun names."""
    names = "|".join(re.escape(noun) for noun in nouns)
    return re.compile(
        rf"(?:{names})\W{{0,3}}(?:(?:is|was|of|be|about|around|roughly|approximately)\s){{0,3}}\W{{0,3}}\Z",
        re.IGNORECASE,
    )


def _chinese_number(text: str) -> float:
    """A Chinese numeral up to ninety-nine."""
    tens, ten, units = text.rpartition("十")
    value = 10 * (_CHINESE_DIGITS[tens] if tens else 1) if ten else 0
    return float(value + (_CHINESE_DIGITS[units] if units else 0))


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
