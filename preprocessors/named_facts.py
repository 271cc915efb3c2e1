"""Facts that an instruction states: "to 32 kHz", "on the 5th beat", "in a happy tone".

`plain_words.toml` has for each slot of the catalogue how its values are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from audioflan_tasks.preprocessors.plain_words import fact_forms
from audioflan_tasks.preprocessors.wording import FACT

__all__ = ["FactsRead", "read_facts"]

_PLACES = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]


class FactsRead(NamedTuple):
    """Values by slot, and the instruction with `FACT` in their place."""

    facts: Mapping[str, str]
    other_text: str


def read_facts(text: str, slots: tuple[str, ...], facts: Mapping[str, str]) -> FactsRead | None:
    """The values that an instruction has for these slots, with those of the record first.

    None where the instruction says another value than the record, or several for one slot.
    """
    values = {}
    other_text = text
    for slot in slots:
        value = facts.get(slot, "")
        if value and (place := _place(other_text, value)):
            other_text = _without(other_text, [place])
        mentions = list(_mentions(slot, other_text))
        said_values = {mention[0].casefold() for mention in mentions}
        if len(mentions) > 1 or (value and said_values - {value.casefold()}):
            return None
        other_text = _without(other_text, [mention[1] for mention in mentions])
        values[slot] = value or (mentions[0][0] if mentions else "")
    return FactsRead(values, other_text)


def _place(text: str, value: str) -> tuple[int, int] | None:
    match = re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE)
    return match.span() if match else None


def _without(text: str, places: list[tuple[int, int]]) -> str:
    for start, stop in sorted(places, reverse=True):
        text = f"{text[:start]} {FACT} {text[stop:]}"
    return text


def _mentions(slot: str, text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each value of a slot in a text, and where it stands."""
    pattern = _pattern(slot)
    for match in pattern.finditer(text) if pattern else ():
        if match["value"]:
            yield match["value"], match.span("value")
        else:
            yield _number(match["place"]), match.span("place")


def _number(place: str) -> str:
    """The number of an ordinal: "5th" and "fifth" are "5"."""
    word = place.lower()
    return str(_PLACES.index(word) + 1) if word in _PLACES else word[:-2]


@cache
def _pattern(slot: str) -> re.Pattern[str] | None:
    form = fact_forms().get(slot)
    if form is None:
        return None
    if form.words:
        longest_first = sorted(form.words, key=len, reverse=True)
        words = "|".join(map(re.escape, longest_first))
        return re.compile(rf"(?<!\w)(?P<value>{words})(?!\w)", re.IGNORECASE)
    return re.compile(form.pattern, re.IGNORECASE)
