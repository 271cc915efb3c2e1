"""Whether an instruction asks the plain question of its task, and which way round.

The rules are those of the task's row (`PlainQuestion`) and of `question_rules.toml`. Each sentence
of an instruction must be one that they allow, as a whole, and one of them must ask.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.catalogue.question import Polarity
from audioflan_tasks.preprocessors.phrase_matcher import PhraseMatcher
from audioflan_tasks.preprocessors.phrase_rules import NEVER

__all__ = ["ASKS", "NEITHER", "OPPOSITE", "question_rules", "rules_digest", "ways_asked"]

# Ways round to ask: none, as the task does, and the opposite.
NEITHER, ASKS, OPPOSITE = "", "asks", "opposite"


def ways_asked(
    row: TaskRow, sentences: Sequence[Sequence[str]], *, lists_options: bool
) -> frozenset[str] | None:
    """Which ways round sentences ask the question of a task; None where they ask something else.

    They are the words of an instruction without its options, with `FACT` in place of its facts.
    """
    # Options alone, "real or fake?", ask for one of them.
    ways, is_asked = set(), lists_options and not sentences
    for words in sentences:
        reading = _read(row, words, lists_options)
        if reading is None:
            return None
        ways.add(reading.way)
        is_asked |= reading.asks
    return frozenset(ways - {NEITHER}) if is_asked else None


class _SentenceReading(NamedTuple):
    """Which way round a sentence asks, and whether it asks without another beside it."""

    way: str
    asks: bool


def _read(row: TaskRow, words: Sequence[str], lists_options: bool) -> _SentenceReading | None:
    has_ways = row.question is not None and row.question.polarity is not None
    tail_reading = None
    for way in (NEITHER, ASKS, OPPOSITE) if has_ways else (NEITHER,):
        names = _matcher(row, way, lists_options).names(words)
        if "asks" in names:
            return _SentenceReading(way, asks=True)
        if names and tail_reading is None:
            tail_reading = _SentenceReading(way, asks=False)
    return tail_reading


@lru_cache(maxsize=1024)
def _matcher(row: TaskRow, way: str, lists_options: bool) -> PhraseMatcher:
    return PhraseMatcher(question_rules(row, way, lists_options=lists_options), ("asks", "beside"))


def question_rules(row: TaskRow, way: str, *, lists_options: bool) -> Mapping[str, str]:
    """The rules with which a task is asked one way round, by name."""
    return dict(_rules(row, way, lists_options))


def _rules(row: TaskRow, way: str, lists_options: bool) -> Iterator[tuple[str, str]]:
    """Names and texts of rules, of which a later one replaces an earlier one of its name."""
    table = _table()
    yield from ((name, NEVER) for name in table["terms"]["names"].split())
    yield from table["rules"].items()
    yield from table["domain"][row.domain].items()
    yield "listed", "" if lists_options else NEVER
    if row.question is not None:
        yield from row.question.terms
        yield "question", row.question.asks
        yield "tail", row.question.tails or NEVER
        yield from _words_of_way(row.question.polarity, way)


def _words_of_way(polarity: Polarity | None, way: str) -> Iterator[tuple[str, str]]:
    words = {NEITHER: (), ASKS: polarity.asks, OPPOSITE: polarity.opposite} if polarity else {}
    yield "way", "/".join(word.replace(" ", "_") for word in words.get(way, ())) or NEVER
    yield "asking", "" if way == ASKS else NEVER
    yield "opposing", "" if way == OPPOSITE else NEVER


@cache
def rules_digest() -> str:
    """A digest of the rules that all tasks share."""
    return hashlib.sha256(_file().read_bytes()).hexdigest()[:16]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(_file().read_text(encoding="utf-8"))


def _file() -> Traversable:
    return resources.files("audioflan_tasks.preprocessors") / "question_rules.toml"
