"""Options that an instruction lists: "Options: a, b", "(A) a (B) b", "is it a or b?".

A list is read where it stands after a colon, in letters, on lines of its own, or at the end after
words such as "among"; labels that are known are read wherever they stand in a row.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audioflan_tasks.preprocessors.option_items import (
    IsKnown,
    has_separator,
    is_name,
    item_splits,
    plain_item,
)
from audioflan_tasks.records.answer_sentences import owns_stop
from audioflan_tasks.vocabularies import label_key

__all__ = ["OptionsRead", "listed_options", "named_labels"]

_LETTER_MARK = re.compile(r"(?:^|(?<=[\s:,;]))\(?([A-Z])[.):]\)?\s+")
_BULLET = re.compile(r"^\s*(?:[-*•‣]|\d+[.)])\s+", re.MULTILINE)
_AFTER_COLON = re.compile(r"[:：](?!\d)\s*(?P<items>[^:：]+)$", re.DOTALL)
_AFTER_WORDS = re.compile(
    r"\b(?:among|amongst|between|from|out of|one of|either)\s+"
    r"(?P<items>(?:[^,?!.:;\n]+,\s*)*[^,?!.:;\n]+?,?\s+(?:or|and)\s+[^,?!.:;\n]+)[.?!]*\s*$",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(r"[,;]?\s+(?:or|and)$")
# Between two labels of a row: "real, or is it fake".
_CONNECTION = re.compile(
    r"[\s,/]*(?:\b(?:or|and|vs|versus|is|are|was|it|they|this|that|the|a|an|in|both|either)\b\.?"
    r"[\s,/]*)*",
    re.IGNORECASE,
)


class OptionsRead(NamedTuple):
    """Options as an instruction writes them, and the instruction without them.

    The answer must be one of the `unsure` options, if there are any: otherwise nothing tells
    this way to read the list from another one.
    """

    options: tuple[str, ...]
    other_text: str
    unsure: tuple[str, ...] = ()


def _is_unknown(_: str) -> bool:
    return False


def listed_options(text: str, is_known: IsKnown = _is_unknown) -> Iterator[OptionsRead]:
    """The ways to read a list of options in an instruction, the surest first.

    `is_known` says whether a text is the name of a label, commas and all.
    """
    yield from _lettered(text)
    yield from _bulleted(text)
    for pattern in (_AFTER_COLON, _AFTER_WORDS):
        for match in pattern.finditer(text):
            items, following_text = _first_line(match["items"])
            head = text[: match.start("items")].rstrip(" :：\n")
            splits = item_splits(
                items, is_known, ends_question="?" not in head, is_pair=pattern is _AFTER_WORDS
            )
            for split in splits:
                yield OptionsRead(split.items, f"{head} {following_text}".strip(), split.unsure)


def named_labels(text: str, labels: Sequence[str]) -> OptionsRead | None:
    """The labels that stand in a row in an instruction, joined by "or", with their spelling.

    None where fewer than two different ones do, or where more is said of a label elsewhere.
    """
    places = [match.span() for match in _names(tuple(labels)).finditer(text)] if labels else []
    names = [text[start:stop] for start, stop in places]
    gaps = [text[a:b] for (_, a), (b, _) in itertools.pairwise(places)]
    if len({label_key(name) for name in names}) < 2 or len(set(names)) < len(names):
        return None
    if not all(map(_CONNECTION.fullmatch, gaps)) or not re.search(
        r"\b(?:or|vs|versus)\b|/", " ".join(gaps).lower()
    ):
        return None
    other_text = f"{text[: places[0][0]]} {text[places[-1][1] :]}"
    return OptionsRead(tuple(names), other_text)


def _names(labels: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True) if label)
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)


def _first_line(text: str) -> tuple[str, str]:
    """A list on one line and the lines after it; all of a list that has an item a line."""
    first, _, following_text = text.strip().partition("\n")
    return (first, following_text) if has_separator(first) else (text, "")


def _lettered(text: str) -> Iterator[OptionsRead]:
    marks = list(_LETTER_MARK.finditer(text))
    letters = [mark[1] for mark in marks]
    if len(marks) > 1 and letters == [chr(ord("A") + n) for n in range(len(marks))]:
        last, _, following_text = text[marks[-1].end() :].partition("\n")
        starts = [mark.end() for mark in marks[:-1]]
        stops = [mark.start() for mark in marks[1:]]
        parts = [*(text[a:b] for a, b in zip(starts, stops, strict=True)), last]
        items = tuple(map(_lettered_item, parts))
        head = text[: marks[0].start()].rstrip(" :：\n")
        if all(map(is_name, items)):
            yield OptionsRead(items, f"{head} {following_text}".strip())


def _bulleted(text: str) -> Iterator[OptionsRead]:
    marks = list(_BULLET.finditer(text))
    if len(marks) > 1:
        lines = [line for line in text[marks[0].start() :].splitlines() if line.strip()]
        items = tuple(_BULLET.sub("", line).strip() for line in lines)
        if all(map(_BULLET.match, lines)) and all(map(is_name, items)):
            yield OptionsRead(items, text[: marks[0].start()].rstrip(" :：\n"))


def _lettered_item(part: str) -> str:
    text = _LAST_WORD.sub("", part.strip(" \n,;"))
    return plain_item(text if owns_stop(text) else text.rstrip("."))
