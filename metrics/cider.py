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
        weights = _tf_idf(_grams(answer), frequency, total)
        similarities = [
            _similarity(weights, _tf_idf(_grams(text), frequency, total), len(answer), len(text))
            for text in texts
        ]
        values.append(_SCALE * sum(similarities) / max(1, len(similarities)))
    return values


def _grams(words: Sequence[str]) -> _Grams:
    return Counter(
        tuple(words[start : start + order])
        for order in range(1, _ORDERS + 1)
        for start in range(len(words) - order + 1)
    )


def _tf_idf(
    grams: _Grams, frequency: Counter[tuple[str, ...]], total: float
) -> list[dict[tuple[str, ...], float]]:
    """TF-IDF weights by order."""
    orders: list[dict[tuple[str, ...], float]] = [{} for _ in range(_ORDERS)]
    for gram, count in grams.items():
        orders[len(gram) - 1][gram] = count * (total - math.log(max(1, frequency[gram])))
    return orders


def _similarity(
    answer: list[dict[tuple[str, ...], float]],
    reference: list[dict[tuple[str, ...], float]],
    answer_length: int,
    reference_length: int,
) -> float:
    penalty = math.exp(-((answer_length - reference_length) ** 2) / (2 * _SIGMA**2))
    total = 0.0
    for answer_weights, reference_weights in zip(answer, reference, strict=True):
        norm = _norm(answer_weights) * _norm(reference_weights)
        if norm:
            dot = sum(
                min(w, reference_weights[g]) * reference_weights[g]
                for g, w in answer_weights.items()
                if g in reference_weights
            )
            total += penalty * dot / norm
    return total / _ORDERS


def _norm(weights: dict[tuple[str, ...], float]) -> float:
    return math.sqrt(sum(w * w for w in weights.values()))
