"""Same and near-same texts over millions of them, by hashing.

Texts are compared by their words without case and punctuation (characters where words are
not spaced). Near-same means that the sets of words and word pairs overlap by at least
`NEAR` (Jaccard). Candidates come from MinHash bands (Broder 1997; Leskovec et al. 2020,
section 3.4): of pairs at 0.7 the bands find 97 of 100, and each is then compared exactly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.evaluation.leakage.joins import hash_of

__all__ = ["MIN_WORDS", "NEAR", "NearPair", "Shingles", "near_pairs", "shingles", "words"]

NEAR = 0.7
MIN_WORDS = 4  # shorter texts are labels and numbers, which repeat by nature

_BANDS, _ROWS = 10, 3
_PER_BAND = 20  # training texts that are compared with one text per band
_UNSPACED = re.compile("([぀-ヿ㐀-䶿一-鿿豈-﫿฀-໿က-႟ក-៿])")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")

U64 = NDArray[np.uint64]


class Shingles(NamedTuple):
    """Sets of 64-bit shingles, one after the other: set i is flat[starts[i]:starts[i + 1]]."""

    flat: U64
    starts: NDArray[np.int64]


class NearPair(NamedTuple):
    """Places of two near-same texts and their overlap."""

    train: int
    eval: int
    overlap: float


def words(text: str) -> list[str]:
    """Words without case and punctuation; characters of scripts without spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(_UNSPACED.sub(r" \1 ", plain))


def shingles(texts: Sequence[Sequence[str]]) -> Shingles:
    """Words and word pairs of each text, each once and sorted."""
    known: dict[str, int] = {}
    ids = [known.setdefault(w, hash_of(w)) for text in texts for w in text]
    single = np.array(ids, np.uint64)
    counts = np.array([len(text) for text in texts], np.int64)
    owner = np.repeat(np.arange(len(texts)), counts)
    together = owner[1:] == owner[:-1]
    pairs = _mixed(single[:-1] * np.uint64(3) + single[1:])[together]
    values = np.concatenate([single, pairs])
    owners = np.concatenate([owner, owner[1:][together]])
    order = np.lexsort((values, owners))
    values, owners = values[order], owners[order]
    fresh = np.ones(len(values), bool)
    fresh[1:] = (values[1:] != values[:-1]) | (owners[1:] != owners[:-1])
    values, owners = values[fresh], owners[fresh]
    starts = np.searchsorted(owners, np.arange(len(texts) + 1))
    return Shingles(values, starts.astype(np.int64))


def near_pairs(train: Shingles, measured: Shingles) -> Iterator[NearPair]:
    """For each measured text the training text that overlaps most, if by at least `NEAR`."""
    if not len(train.flat) or not len(measured.flat):
        return
    best: dict[int, NearPair] = {}
    seen: set[tuple[int, int]] = set()
    for band_train, band_eval in zip(_bands(train), _bands(measured), strict=True):
        order = np.argsort(band_train, kind="stable")
        sorted_train = band_train[order]
        low = np.searchsorted(sorted_train, band_eval, "left")
        high = np.searchsorted(sorted_train, band_eval, "right")
        for at in np.flatnonzero(high > low).tolist():
            for place in order[low[at] : min(high[at], low[at] + _PER_BAND)].tolist():
                if (at, place) in seen or (at in best and best[at].overlap == 1.0):
                    continue
                seen.add((at, place))
                overlap = _jaccard(_set(train, place), _set(measured, at))
                if overlap >= NEAR and (at not in best or overlap > best[at].overlap):
                    best[at] = NearPair(place, at, overlap)
    yield from (best[at] for at in sorted(best))


def _bands(of: Shingles) -> Iterator[U64]:
    """The key of every text in each band, [texts]."""
    empty = np.diff(of.starts) == 0
    for band in range(_BANDS):
        key = np.zeros(len(of.starts) - 1, np.uint64)
        for row in range(_ROWS):
            salt = np.uint64(hash_of(f"band {band} {row}"))
            mixed = _mixed(of.flat ^ salt)
            # reduceat takes the next element for an empty set; those are overwritten below.
            low = np.minimum.reduceat(mixed, np.minimum(of.starts[:-1], len(mixed) - 1))
            key = _mixed(key * np.uint64(31) + low)
        key[empty] = np.arange(int(empty.sum()), dtype=np.uint64)
        yield key


def _mixed(values: U64) -> U64:
    """The finaliser of splitmix64: spreads every bit over the word."""
    x = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _set(of: Shingles, at: int) -> U64:
    return of.flat[of.starts[at] : of.starts[at + 1]]


def _jaccard(one: U64, other: U64) -> float:
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / (len(one) + len(other) - both)
