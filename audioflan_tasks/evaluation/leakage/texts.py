"""Near-duplicate texts among millions, by MinHash.

Texts are compared as words without case and punctuation (as characters in scripts that do
not space words). Two texts are near-duplicates if the Jaccard overlap of their sets of words
and word pairs is at least `MIN_OVERLAP`. Candidates come from MinHash bands (Broder 1997;
Leskovec et al. 2020, section 3.4), which find 97 of 100 pairs with an overlap of 0.7; the
overlap of every candidate is then computed exactly.

One other word in a short text changes more of these than the threshold allows: of 8 words with
one changed 0.67 is left. Texts of `FEWEST_WORDS` to `SHORT_WORDS` words are near-duplicates too if
they differ in one word: another, one more or one less. In scripts that do not space words a word
is a stretch of up to `_WORD_CHARACTERS` characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.evaluation.leakage.joins import hash_of
from audioflan_tasks.records.prose import is_unspaced

__all__ = [
    "FEWEST_WORDS", "MIN_OVERLAP", "SHORT_WORDS", "NearPair", "Shingles", "near_pairs",
    "shingles", "short_pairs",
]  # fmt: skip

MIN_OVERLAP = 0.7
FEWEST_WORDS = 3  # shorter texts are labels and numbers, which repeat without any leak
SHORT_WORDS = 8  # texts of up to this many words are compared word by word as well
# Of scripts that do not space words: characters of the longest word that is looked for, which is
# a third of the text at most, rounded up.
_WORD_CHARACTERS = 4

_BANDS, _ROWS = 10, 3
_PER_BAND = 20  # candidates of one evaluation text in each band
U64 = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Shingles:
    """Sets of 64-bit shingles, one after the other: set i is flat[starts[i]:starts[i + 1]]."""

    flat: U64
    starts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NearPair:
    """Indices of two near-duplicate texts, and their Jaccard overlap."""

    train: int
    eval: int
    overlap: float


def shingles(texts: Sequence[Sequence[str]]) -> Shingles:
    """The set of words and word pairs of each text, hashed and sorted."""
    hashes: dict[str, int] = {}
    ids = [hashes.setdefault(w, hash_of(w)) for text in texts for w in text]
    single = np.array(ids, np.uint64)
    counts = np.array([len(text) for text in texts], np.int64)
    owner = np.repeat(np.arange(len(texts)), counts)
    same_text = owner[1:] == owner[:-1]
    pairs = _mix_bits(single[:-1] * np.uint64(3) + single[1:])[same_text]
    values = np.concatenate([single, pairs])
    owners = np.concatenate([owner, owner[1:][same_text]])
    order = np.lexsort((values, owners))
    values, owners = values[order], owners[order]
    fresh = np.ones(len(values), bool)
    fresh[1:] = (values[1:] != values[:-1]) | (owners[1:] != owners[:-1])
    values, owners = values[fresh], owners[fresh]
    starts = np.searchsorted(owners, np.arange(len(texts) + 1))
    return Shingles(values, starts.astype(np.int64))


def near_pairs(train: Shingles, evaluation: Shingles) -> Iterator[NearPair]:
    """For each evaluation text the training text of largest overlap, from `MIN_OVERLAP` up."""
    if not len(train.flat) or not len(evaluation.flat):
        return
    best: dict[int, NearPair] = {}
    compared_pairs: set[tuple[int, int]] = set()
    for band_train, band_eval in zip(_bands(train), _bands(evaluation), strict=True):
        order = np.argsort(band_train, kind="stable")
        sorted_train = band_train[order]
        low = np.searchsorted(sorted_train, band_eval, "left")
        high = np.searchsorted(sorted_train, band_eval, "right")
        for text in np.flatnonzero(high > low).tolist():
            end = min(high[text], low[text] + _PER_BAND)
            for candidate in order[low[text] : end].tolist():
                best_overlap = best[text].overlap if text in best else 0.0
                if (text, candidate) in compared_pairs or best_overlap == 1.0:
                    continue
                compared_pairs.add((text, candidate))
                overlap = _jaccard(_set(train, candidate), _set(evaluation, text))
                if overlap >= MIN_OVERLAP and overlap > best_overlap:
                    best[text] = NearPair(candidate, text, overlap)
    yield from (best[text] for text in sorted(best))


def short_pairs(train: Sequence[str], evaluation: Sequence[str]) -> Iterator[NearPair]:
    """For each short evaluation text the first training text that differs from it in one word.

    Texts are words with blanks between them; `overlap` is the share of words that stay.
    """
    eval_keys = {key for text in evaluation for key in _keys_of_short(text)}
    first_owners: dict[int, int] = {}
    for number, text in enumerate(train):
        for key in eval_keys.intersection(_keys_of_short(text)):
            first_owners.setdefault(key, number)
    for number, text in enumerate(evaluation):
        owners = [first_owners[key] for key in _keys_of_short(text) if key in first_owners]
        if owners:
            yield NearPair(min(owners), number, _share_kept(train[min(owners)], text))


def _keys_of_short(text: str) -> Iterator[int]:
    """Keys of what stands before and after each word and each gap; none of a longer text.

    Two short texts have one in common if they differ in one word.
    """
    parts = text.split()
    longest = _WORD_CHARACTERS if is_unspaced(text) else 1
    if not FEWEST_WORDS <= len(parts) <= SHORT_WORDS * longest:
        return
    places = range(len(parts) + 1)
    before = [hash_of(" ".join(parts[:place])) for place in places]
    after = [hash_of(" ".join(parts[place:])) for place in places]
    for length in range(min(longest, -(-len(parts) // 3)) + 1):
        for start in places[: len(places) - length]:
            yield (3 * before[start] + after[start + length]) % 2**64


def _share_kept(text: str, other: str) -> float:
    """The share of words, from 0 to 1, that stand before and after the stretch that differs."""
    first, second = text.split(), other.split()
    before = _equal_words(first, second)
    after = _equal_words(first[before:][::-1], second[before:][::-1])
    return (before + after) / max(len(first), len(second))


def _equal_words(first: Sequence[str], second: Sequence[str]) -> int:
    """How many words two texts begin with alike."""
    differ = (
        place for place, pair in enumerate(zip(first, second, strict=False)) if len({*pair}) > 1
    )
    return next(differ, min(len(first), len(second)))


def _bands(sets: Shingles) -> Iterator[U64]:
    """For each band the key of every text, [texts]."""
    empty = np.diff(sets.starts) == 0
    for band in range(_BANDS):
        key = np.zeros(len(sets.starts) - 1, np.uint64)
        for row in range(_ROWS):
            salt = np.uint64(hash_of(f"band {band} {row}"))
            hashes = _mix_bits(sets.flat ^ salt)
            # For an empty set reduceat gives the next element; these keys are replaced below.
            low = np.minimum.reduceat(hashes, np.minimum(sets.starts[:-1], len(hashes) - 1))
            key = _mix_bits(key * np.uint64(31) + low)
        key[empty] = np.arange(int(empty.sum()), dtype=np.uint64)
        yield key


def _mix_bits(values: U64) -> U64:
    """The finaliser of splitmix64: spreads every bit over the word."""
    x = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _set(sets: Shingles, place: int) -> U64:
    return sets.flat[sets.starts[place] : sets.starts[place + 1]]


def _jaccard(first: U64, second: U64) -> float:
    num_common = len(np.intersect1d(first, second, assume_unique=True))
    return num_common / (len(first) + len(second) - num_common)
