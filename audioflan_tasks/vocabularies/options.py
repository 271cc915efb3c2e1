"""The options that a question lists: labels of a vocabulary, spelt as the right answer is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from audioflan_tasks.seeds import mixed, seed_of
from audioflan_tasks.vocabularies.items import split_labels
from audioflan_tasks.vocabularies.spelling import TOKEN, fold
from audioflan_tasks.vocabularies.style import Style, is_chinese
from audioflan_tasks.vocabularies.vocabulary import Label, Vocabulary

__all__ = ["DRAWS", "options_for"]

# Different lists for one right answer. Stores number rows by their options: there must be few.
DRAWS = 8

_SHORT_WORD = 2


def _code(label: Label) -> str:
    return label.code


def _language_of_code(label: Label) -> str:
    """The first part of a code of a language and a region: `sw` of `sw_ke`."""
    return re.split("[_-]", label.code)[0]


# What a right answer in codes is made of.
_CODES: tuple[Callable[[Label], str], ...] = (_code, _language_of_code)


def options_for(
    vocabulary: Vocabulary, gold: str | Sequence[str], limit: int, draw: int = 0
) -> tuple[str, ...]:
    """The labels to choose from, in the order of the vocabulary, as the right answer is spelt.

    All labels where there are at most `limit`; else the right ones and distractors that `draw`
    (taken modulo `DRAWS`) draws. No two of them mean the same, and no distractor is a broader or
    narrower name of a right one. `gold` is an answer, which may list labels, or its items; it is
    among the options as it is spelt. Empty where an item is no label of the vocabulary.
    """
    items = split_labels(gold, vocabulary) if isinstance(gold, str) else tuple(gold)
    right = {vocabulary.find(item): item for item in items}
    if not items or None in right:
        return ()
    golds = {label: item for label, item in right.items() if label is not None}
    labels = _labels(vocabulary, tuple(golds), limit, draw % DRAWS)
    first, item = next(iter(golds.items()))
    speller = _Speller(vocabulary, item, first)
    return tuple(golds[label] if label in golds else speller.spelt(label) for label in labels)


def _labels(vocabulary: Vocabulary, golds: Sequence[Label], limit: int, draw: int) -> list[Label]:
    twins = vocabulary.twins
    meanings = {twins[label]: label for label in golds}
    candidates = [x for x in vocabulary.labels if twins[x] is x and x not in meanings]
    if len(candidates) + len(golds) > limit:
        candidates = _distractors(vocabulary, golds, candidates, limit - len(golds), draw)
    label_set = {*candidates, *golds}
    return [label for label in vocabulary.labels if label in label_set]


def _distractors(
    vocabulary: Vocabulary,
    golds: Sequence[Label],
    candidates: Sequence[Label],
    count: int,
    draw: int,
) -> list[Label]:
    """`count` labels that are drawn; those that overlap with a right one are left out."""
    distinct_labels = [x for x in candidates if not any(_overlap(x, label) for label in golds)]
    seed = seed_of(vocabulary.name, *(label.name for label in golds), draw)
    order = sorted(range(len(distinct_labels)), key=lambda n: mixed(seed + n * 0x9E3779B97F4A7C15))
    return [distinct_labels[n] for n in order[: max(0, count)]]


def _overlap(label: Label, other: Label) -> bool:
    """Whether all words of one name are among those of the other: guitar, electric guitar."""
    others = _word_sets(other)
    return any(a <= b or b <= a for a in _word_sets(label) for b in others)


@lru_cache(maxsize=16_384)
def _word_sets(label: Label) -> tuple[frozenset[str], ...]:
    """The words of each name that is not Chinese."""
    names = (name for name in (label.name, *label.aliases) if not is_chinese(name))
    return tuple(words for words in map(_words, names) if words)


def _words(name: str) -> frozenset[str]:
    return frozenset(w for w in TOKEN.findall(fold(name)) if len(w) > _SHORT_WORD)


class _Speller:
    """Spells labels in the way of a right answer: its column of names, case and separators."""

    def __init__(self, vocabulary: Vocabulary, item: str, label: Label) -> None:
        self._vocabulary = vocabulary
        self._is_chinese = is_chinese(item) and not is_chinese(label.name)
        spelling = item.strip()
        codes = (code(label).casefold() for code in _CODES)
        is_code = [c == spelling.casefold() and spelling != label.name for c in codes]
        self._code = next((code for code, fits in zip(_CODES, is_code, strict=True) if fits), None)
        self._style = Style.of(item, label.name) if self._code is None else Style()

    def spelt(self, label: Label) -> str:
        """The label as the right answer would have it; its plain name where that is another's."""
        spellings = self._spellings(label)
        return next((s for s in spellings if self._vocabulary.find(s) is label), label.name)

    def _spellings(self, label: Label) -> Iterator[str]:
        if self._is_chinese and label.zh:
            yield label.zh
        if self._code is not None:
            yield self._code(label)
        yield self._style.spelt(label.name)
        yield replace(self._style, suffix="").spelt(label.name)
