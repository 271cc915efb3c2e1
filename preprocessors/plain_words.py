"""How facts are written in instructions, and answers of yes and no: `plain_words.toml`."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

__all__ = ["FactForm", "fact_forms", "polar_words", "words_digest"]


@dataclass(frozen=True, slots=True)
class FactForm:
    """How the values of a slot are written: a regular expression with a group `value`, or words."""

    pattern: str = ""
    words: tuple[str, ...] = ()


@cache
def fact_forms() -> Mapping[str, FactForm]:
    """How facts are written, by slot."""
    return {
        slot: FactForm(form.get("pattern", ""), tuple(form.get("words", ())))
        for slot, form in _table()["facts"].items()
    }


@cache
def polar_words() -> frozenset[str]:
    """Answers to questions that are answered with yes or no."""
    return frozenset(_table()["polar"].split())


@cache
def words_digest() -> str:
    """A digest of the words that all tasks share."""
    return hashlib.sha256(_file().read_bytes()).hexdigest()[:16]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(_file().read_text(encoding="utf-8"))


def _file() -> Traversable:
    return resources.files("audioflan_tasks.preprocessors") / "plain_words.toml"
