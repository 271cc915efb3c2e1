"""The n-grams of many texts as arrays: what BLEU and CIDEr-D count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ORDERS", "Grams", "Integers", "grams_of", "places_in"]

ORDERS = 4

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grams:
    """How often texts have n-grams of one order, an entry for each pair, sorted by text and gram.

    `texts`, `grams` and `counts` are [k]; n-grams are numbered from 0 to `kinds` - 1.
    """

    texts: Integers
    grams: Integers
    counts: Integers
    kinds: int

    def keys(self, owners: Integers) -> Integers:
        """A number for each owner of a text with an n-gram; `owners` are by text."""
        return owners[self.texts] * self.kinds + self.grams


def grams_of(texts: Sequence[Sequence[str]]) -> Iterator[Grams]:
    """The n-grams of one to four words of the texts, order by order."""
    numbers: dict[str, int] = {}
    words = np.array(
        [numbers.setdefault(w, len(numbers)) for text in texts for w in text], np.int64
    )
    lengths = np.array([len(text) for text in texts], np.int64)
    owners = np.repeat(np.arange(len(texts)), lengths)
    # Words from each one to the end of its text.
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(words))
    names = words
    for order in range(1, ORDERS + 1):
        starts = np.flatnonzero(left >= order)
        longer = names[starts] * len(numbers) + words[starts + order - 1]
        kinds, places = np.unique(longer, return_inverse=True)
        names = np.zeros(len(words), np.int64)
        names[starts] = places
        count = max(1, len(kinds))
        keys, counts = np.unique(owners[starts] * count + names[starts], return_counts=True)
        yield Grams(keys // count, keys % count, counts, count)


def places_in(keys: Integers, others: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """Where each of `others` stands in the sorted `keys`, and whether it does."""
    if not len(keys):
        return np.zeros(len(others), np.int64), np.zeros(len(others), np.bool_)
    places = np.minimum(np.searchsorted(keys, others), len(keys) - 1)
    return places, keys[places] == others
