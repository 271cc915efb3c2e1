"""Stems of English words, so that `belting`, `belted` and `belt` are one.

Endings of verbs and of nouns and adjectives made of them go; what is left must have a vowel and
three letters. A label keeps its own "s" (blues, drums), a word of an answer loses it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from audioflan_tasks.vocabularies.equal_values import words_of_forms
from audioflan_tasks.vocabularies.spelling import label_key

__all__ = ["stem_of_label", "stem_of_word"]

_ENDING = re.compile(r"(?:ations?|ated|ating|ate|ions?|ings?|ed|e?ments?|ness|ity|e?dom|ly|e)\Z")
_VOWEL = re.compile(r"[aeiouy]")
_DOUBLE = re.compile(r"([bdglmnprt])\1\Z")
_SHORTEST = 3
_SHORTEST_WORD = 4


def stem_of_label(name: str) -> str:
    """The stem of a label that is one English word; "" of any other, and of yes, real, first …"""
    key = label_key(name)
    is_word = name.isascii() and name.isalpha() and len(key) >= _SHORTEST
    return "" if not is_word or key in _fixed_words() else _stem(key)


@lru_cache(maxsize=65536)
def stem_of_word(word: str) -> str:
    """The stem of a word of a text; "\\0" of one that is too short to have an ending."""
    if len(word) < _SHORTEST_WORD or not word.isascii():
        return "\0"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return _stem(word)


def _stem(word: str) -> str:
    ending = _ENDING.search(word)
    stem = word[: ending.start()] if ending else word
    if len(stem) < _SHORTEST or not _VOWEL.search(stem):
        return word
    if ending is None or ending[0] != "e":
        stem = _DOUBLE.sub(r"\1", stem)
    return stem[:-1] + "i" if stem.endswith("y") and len(stem) > _SHORTEST else stem


@cache
def _fixed_words() -> frozenset[str]:
    """Words for the values of two: "really" is no "real", "firstly" no "first"."""
    return frozenset(map(label_key, words_of_forms()))
