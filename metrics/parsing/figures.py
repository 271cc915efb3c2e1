"""Numbers in sentences, each with its unit; numbers that count or number other things are left out.

Left out are scales ("on a scale from 0 to 9", "out of 9"), time signatures, numbers of examples,
files and lists, and counts of things ("2 speakers", "3 times").
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, replace

from audioflan_tasks.vocabularies import word_set

__all__ = [
    "Figure",
    "figures_in",
    "is_joint",
    "is_range",
    "with_years",
    "without_numbering",
    "without_scales",
]

_LARGEST = 1e9
# Chinese has no blanks between words.
_LETTER = r"[^\W\d_\u3400-\u9fff]"
_MOST_NUMBERS = 1000
_N = r"\d{1,15}(?:[.,]\d{1,15})?"
_UNIT = (
    r"dB|decibels?|years?(?:[- ]old)?|k?Hz|hertz|BPM|milliseconds?|ms|seconds?|secs?|s|minutes?|"
    r"mins?|%|percent|cents?|岁|分贝|秒|赫兹"
)
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])([-+−–]\s?|(?:minus|negative)\s|[负負]|零下)?(\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,15})?|\d{1,15}(?:[.,]\d{1,15})?|\.\d{1,15})"
    rf"(e[-+]?\d{{1,3}})?(?!\d)(?:[\s-]?({_UNIT})(?!{_LETTER}))?(?![A-Za-z_])",
    re.IGNORECASE,
)
_SCALE = re.compile(
    rf"\b(?:scale|range)\b\s*(?:is|of|from|between|:)?\s*{_N}\s?(?:dB)?\s*(?:-|–|to|and)\s*{_N}(?:\s?dB\b)?"
    rf"|\bout of\s+{_N}|(?:满分)\s*{_N}|±\s?{_N}|\bplus or minus\s+{_N}|\+/-\s?{_N}",
    re.IGNORECASE,
)
# Numbers of other things, each pattern after a sign that is in all that it matches.
_NUMBERINGS = tuple(
    (re.compile(sign), re.compile(pattern, re.IGNORECASE))
    for sign, pattern in (
        ("/", r"\b\d{1,3}/\d{1,3}\b"),
        (
            "[A-Za-z]",
            r"\b(?:labels?|tracks?|files?|examples?|options?|speakers?|audio|clips?|versions?|"
            r"takes?|parts?|figures?|velocity|volume|tempo|bpm|program|channel)"
            r"(?:\s+(?:of|is)|\s*[:=#])?\s*\d{1,5}\b(?!\.\d)",
        ),
        ("[A-Za-z]", r"\b(?:beat|measure|bar|step)\s+\d{1,4}\b(?!\.\d)"),
        ("力度", r"力度\s*(?:为|是|:|：)?\s*\d{1,3}"),
        (r"\d[.)]\s", r"(?:^|(?<=[\n,;.])|(?<=\s))\(?\d{1,2}[.)]\s+(?=[\d(-])"),
    )
)
_DECADES = {
    "twent": 2, "thirt": 3, "fort": 4, "fift": 5, "sixt": 6, "sevent": 7, "eight": 8, "ninet": 9,
}  # fmt: skip
_DECADE_WORD = re.compile(rf"\b({'|'.join(_DECADES)})ies\b", re.IGNORECASE)
_DECADE = re.compile(r"\b([1-9])0s\b")
# Words after a number that are no thing it counts.
_FUNCTION = word_set(
    "and or to on with at in which that is are for out as if but because since so overall "
    "perhaps maybe probably approximately roughly about i it e plus minus played likely "
    "midi"
)
_NEXT = re.compile(r"[\s-]+([A-Za-z]+)")
_JOINT = re.compile(r"\s*(?:,|、|-|–|—|~|至|到|或|和|,?\s*\b(?:or|to|and)\b)\s*", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|—|~|至|到|或|\b(?:or|to|and)\b)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its unit in small letters ("" for none), and its place in the text."""

    value: float
    unit: str
    start: int
    end: int


def without_numbering(text: str) -> str:
    """A text without the numbers of lists, files, time signatures and the like, as long as it."""
    for sign, pattern in _NUMBERINGS:
        if sign.search(text):
            text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text


def figures_in(text: str) -> list[Figure]:
    """The numbers of a text that may be its answer."""
    plain = _SCALE.sub(lambda match: " " * len(match[0]), text)
    plain = without_numbering(plain)
    figures = []
    for match in itertools.islice(_NUMBER.finditer(plain), _MOST_NUMBERS):
        value = _value(match)
        if value is not None and not (match[4] is None and _counts(plain, match.end())):
            figures.append(Figure(value, (match[4] or "").casefold(), match.start(), match.end()))
    return _with_units(plain, figures)


def with_years(text: str) -> str:
    """A text with a number for a decade: "in his 30s" is 35 years."""
    plain = _DECADE.sub(r"\g<1>5 years", text)
    return _DECADE_WORD.sub(lambda match: f"{_DECADES[match[1].casefold()]}5 years", plain)


def without_scales(text: str) -> str:
    """A text without "on a scale from 1 to 9" and "out of 9"."""
    return _SCALE.sub(" ", text)


def is_joint(text: str) -> bool:
    """Whether a stretch between two numbers joins them in a list."""
    return bool(_JOINT.fullmatch(text))


def is_range(text: str) -> bool:
    """Whether a stretch between two numbers makes one value of them: "4 or 5", "4-5"."""
    return bool(_RANGE.fullmatch(text))


def _with_units(text: str, figures: list[Figure]) -> list[Figure]:
    """Numbers with the unit that stands after the last one of their list: "5, 10 or 15 dB"."""
    result = figures[-1:]
    for figure in reversed(figures[:-1]):
        following = result[-1]
        if not figure.unit and is_joint(text[figure.end : following.start]):
            figure = replace(figure, unit=following.unit)
        result.append(figure)
    return result[::-1]


def _counts(text: str, end: int) -> bool:
    """Whether a number counts the things named after it."""
    word = _NEXT.match(text, end, end + 40)
    return word is not None and word[1].casefold() not in _FUNCTION


def _value(match: re.Match[str]) -> float | None:
    digits = match[2]
    thousands = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits)
    plain = digits.replace(",", "") if thousands else digits.replace(",", ".")
    value = float(plain + (match[3] or ""))
    if not math.isfinite(value) or value > _LARGEST:
        return None
    return -value if match[1] and match[1].strip() != "+" else value
