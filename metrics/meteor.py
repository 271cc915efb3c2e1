"""METEOR (Banerjee & Lavie 2005) of words and stems, as nltk 3 has it without synonyms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

__all__ = ["meteor_of"]

_ALPHA, _BETA, _GAMMA = 0.9, 3.0, 0.5

# Words that are not matched yet, by their places.
_Words = dict[int, str]
_Pairs = list[tuple[int, int]]


def meteor_of(reference: Sequence[str], answer: Sequence[str], stem: Callable[[str], str]) -> float:
    """A value from 0 to 1; equal words are matched first, then words with equal stems."""
    words, reference_words = dict(enumerate(answer)), dict(enumerate(reference))
    pairs = _matched(words, reference_words)
    if words and reference_words:
        stems = {place: stem(word) for place, word in words.items()}
        pairs += _matched(stems, {place: stem(word) for place, word in reference_words.items()})
    if not pairs:
        return 0.0
    precision, recall = len(pairs) / len(answer), len(pairs) / len(reference)
    mean = precision * recall / (_ALPHA * precision + (1 - _ALPHA) * recall)
    penalty = _GAMMA * (_chunks(sorted(pairs)) / len(pairs)) ** _BETA
    return float((1 - penalty) * mean)


def _matched(words: _Words, reference_words: _Words) -> _Pairs:
    """The places of equal words, the last with the last; they are taken out."""
    places: dict[str, list[int]] = {}
    for place, word in reference_words.items():
        places.setdefault(word, []).append(place)
    pairs = []
    for place in reversed(words):
        free = places.get(words[place])
        if free:
            pairs.append((place, free.pop()))
    for place, reference_place in pairs:
        del words[place], reference_words[reference_place]
    return pairs


def _chunks(pairs: _Pairs) -> int:
    """Runs of pairs that are adjacent in both texts."""
    return 1 + sum((b[0] - a[0], b[1] - a[1]) != (1, 1) for a, b in pairwise(pairs))
