"""Words that any record may use in its instruction: `plain_words.toml`, and lexicons of tasks."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.catalogue.question import phrases
from audioflan_tasks.preprocessors.wording import Lexicon

__all__ = [
    "ASKS",
    "OPPOSITE",
    "PLAIN",
    "UNSURE",
    "FactForm",
    "detail",
    "fact_forms",
    "lexicon",
    "polar_words",
    "words_digest",
]

# Marks of words: no matter, asks as the task does, the opposite, for several, or something else.
PLAIN, ASKS, OPPOSITE, PLURAL, UNSURE = "plain", "asks", "opposite", "plural", "unsure"
_DETAIL = "detail "


@dataclass(frozen=True, slots=True)
class FactForm:
    """How the values of a slot are written: a regular expression with a group `value`, or words.

    `context` is a regular expression with {value} for where they must stand, "" for anywhere.
    """

    pattern: str = ""
    words: tuple[str, ...] = ()
    context: str = ""


def detail(number: int) -> str:
    """The mark of words of a group of a question's details."""
    return f"{_DETAIL}{number}"


@cache
def fact_forms() -> Mapping[str, FactForm]:
    """How facts are written, by slot."""
    return {
        slot: FactForm(
            form.get("pattern", ""), tuple(form.get("words", ())), form.get("context", "")
        )
        for slot, form in _table()["facts"].items()
    }


@cache
def polar_words() -> frozenset[str]:
    """Answers to questions that are answered with yes or no."""
    return frozenset(_table()["polar"].split())


@lru_cache(maxsize=1024)
def lexicon(row: TaskRow, *, lists_options: bool) -> Lexicon:
    """The words with which a task may be asked; those around options where they are listed."""
    table, question = _table(), row.question
    plain = [*_words(table, "manners", "requests", "media"), *phrases(table["domain"][row.domain])]
    if lists_options:
        plain += phrases(table["around"]["options"])
    phrases_by_mark: dict[str, tuple[str, ...]] = {PLAIN: tuple(plain)}
    if question is not None:
        phrases_by_mark[PLAIN] += question.words
        for number, group in enumerate(question.details):
            phrases_by_mark[detail(number)] = group
        if question.polarity is not None:
            phrases_by_mark |= {ASKS: question.polarity.asks, OPPOSITE: question.polarity.opposite}
        phrases_by_mark |= {PLURAL: question.plural, UNSURE: question.unsure}
    return Lexicon(phrases_by_mark, table["grammar"].split())


@cache
def words_digest() -> str:
    """A digest of the words that all tasks share."""
    return hashlib.sha256(_file().read_bytes()).hexdigest()[:16]


def _words(table: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    return tuple(phrase for name in names for phrase in phrases(table[name]))


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(_file().read_text(encoding="utf-8"))


def _file() -> Traversable:
    return resources.files("audioflan_tasks.preprocessors") / "plain_words.toml"
