"""CIDEr-D (Vedantam, Zitnick & Parikh 2015) without Java and without torch.

Written from section 4 of the paper (arXiv 1411.5726); aac-metrics 0.6 is what it is tested
against. There the reference tokenizer is Stanford's, a Java program; here texts are
tokenized by the caller.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

__all__ = ["cider_d"]

_ORDERS = 4
_SIGMA = 6.0
_SCALE = 10.0
_Grams = Counter[tuple[str, ...]]


def cider_d(
    references: Sequence[Sequence[Sequence[str]]], answers: Sequence[Sequence[str]]
) -> list[float]:
    """A value from 0 to 10 for each example; `references` has several texts for each."""
    frequency: Counter[tuple[str, ...]] = Counter()
    for texts in references:
        frequency.update({gram for text in texts for gram in _grams(text)})
    # A lone example would weigh every word with log(1 / 1) = 0: it counts as one of two.
    total = math.log(max(2, len(references)))
    values = []
    for texts, answer in zip(references, answers, strict=True):
        said = _weighted(_grams(answer), frequency, total)
        one = [
            _similarity(said, _weighted(_grams(text), frequency, total), len(answer), len(text))
            for text in texts
        ]
        values.append(_SCALE * sum(one) / max(1, len(one)))
    return values


def _grams(words: Sequence[str]) -> _Grams:
    return Counter(
        tuple(words[at : at + order])
        for order in range(1, _ORDERS + 1)
        for at in range(len(words) - order + 1)
    )


def _weighted(
    grams: _Grams, frequency: Counter[tuple[str, ...]], total: float
) -> list[dict[tuple[str, ...], float]]:
    """TF-IDF weights by order."""
    orders: list[dict[tuple[str, ...], float]] = [{} for _ in range(_ORDERS)]
    for gram, count in grams.items():
        orders[len(gram) - 1][gram] = count * (total - math.log(max(1, frequency[gram])))
    return orders


def _similarity(
    said: list[dict[tuple[str, ...], float]],
    wanted: list[dict[tuple[str, ...], float]],
    said_length: int,
    wanted_length: int,
) -> float:
    penalty = math.exp(-((said_length - wanted_length) ** 2) / (2 * _SIGMA**2))
    total = 0.0
    for ours, theirs in zip(said, wanted, strict=True):
        norm = _norm(ours) * _norm(theirs)
        if norm:
            dot = sum(min(w, theirs[g]) * theirs[g] for g, w in ours.items() if g in theirs)
            total += penalty * dot / norm
    return total / _ORDERS


def _norm(weights: dict[tuple[str, ...], float]) -> float:
    return math.sqrt(sum(w * w for w in weights.values()))
