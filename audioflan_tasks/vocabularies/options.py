"""The options that a question lists: labels of a vocabulary, spelt as the right answer is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from audioflan_tasks.seeds import mixed, seed_of
from audioflan_tasks.vocabularies.items import split_labels
from audioflan_tasks.vocabularies.matching import matcher
from audioflan_tasks.vocabularies.spelling import TOKEN, fold, names_within
from audioflan_tasks.vocabularies.style import Style, is_chinese
from audioflan_tasks.vocabularies.vocabulary import Label, Vocabulary

__all__ = ["DRAWS", "labels_like", "options_for"]

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
    (taken modulo `DRAWS`) draws. No two of them mean the same, and none is a broader or narrower
    name of a right one while there are others. `gold` is an answer, which may list labels, or its
    items; they stand among the options as they are spelt. Empty where one is no label.
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


def labels_like(labels: Sequence[str], gold: str, task: str = "") -> tuple[str, ...]:
    """The labels of a closed set, spelt as the right answer is: "Female" stands with "Male".

    Empty where the answer is none of them, or is in Chinese where they are not.
    """
    spelling = gold.strip()
    label = matcher(tuple(labels), task).exact(spelling)
    if label is None or is_chinese(spelling) != is_chinese(label):
        return ()
    style = Style.of(spelling, label)
    return tuple(spelling if x == label else replace(style, suffix="").spelt(x) for x in labels)


@lru_cache(maxsize=8192)
def _labels(vocabulary: Vocabulary, golds: tuple[Label, ...], limit: int, draw: int) -> list[Label]:
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
    """`count` labels that are drawn, of those first that do not overlap with a right one."""
    words = _words_of_names(vocabulary)
    overlaps = [any(_overlap(words[x], words[label]) for label in golds) for x in candidates]
    seed = seed_of(vocabulary.name, *(label.name for label in golds), draw)
    numbers = [mixed(seed + n * 0x9E3779B97F4A7C15) for n in range(len(candidates))]
    # Those that overlap come last: a short list must not run out.
    order = sorted(range(len(candidates)), key=lambda n: (overlaps[n], numbers[n]))
    return [candidates[n] for n in order[: max(0, count)]]


def _overlap(words: frozenset[str], others: frozenset[str]) -> bool:
    """Whether all words of one name are among those of the other: guitar, electric guitar."""
    return bool(words and others) and (words <= others or others <= words)


@cache
def _words_of_names(vocabulary: Vocabulary) -> Mapping[Label, frozenset[str]]:
    """The words of each label's name; short ones do not count."""
    return {label: frozenset(_words(label.name)) for label in vocabulary.labels}


def _words(name: str) -> list[str]:
    return [word for word in TOKEN.findall(fold(name)) if len(word) > _SHORT_WORD]


class _Speller:
    """Spells labels in the way of a right answer: its column of names, case and separators."""

    def __init__(self, vocabulary: Vocabulary, item: str, label: Label) -> None:
        self._vocabulary = vocabulary
        self._is_chinese = is_chinese(item) and not is_chinese(label.name)
        spelling = item.strip()
        codes = (code(label).casefold() for code in _CODES)
        is_code = [c == spelling.casefold() and spelling != label.name for c in codes]
        self._code = next((code for code, fits in zip(_CODES, is_code, strict=True) if fits), None)
        keys = {vocabulary.key(name) for name in names_within(spelling)}
        self._is_first_alias = bool(
            vocabulary.first_aliases and vocabulary.key(label.aliases[0]) in keys
        )
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
        if self._is_first_alias:
            yield label.aliases[0]
        yield self._style.spelt(label.name)
        yield replace(self._style, suffix="").spelt(label.name)
