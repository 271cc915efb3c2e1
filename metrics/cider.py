"""CIDEr-D (Vedantam, Zitnick & Parikh 2015) without Java and without torch.

Written from section 4 of the paper (arXiv 1411.5726); aac-metrics 0.6 is what it is tested
against. There the reference tokenizer is Stanford's, a Java program; here texts are
tokenized by the caller.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

__all__ = ["cider_d"]

_ORDERS = 4
_SIGMA = 6.0
_SCALE = 10.0
_Grams = Mapping[tuple[str, ...], int]
_Weights = tuple[dict[tuple[str, ...], float], float]


def cider_d(
    references: Sequence[Sequence[Sequence[str]]], answers: Sequence[Sequence[str]]
) -> list[float]:
    """A value from 0 to 10 for each example; `references` has several texts for each."""
    grams = [[_grams(text) for text in texts] for texts in references]
    frequency: Counter[tuple[str, ...]] = Counter()
    for several in grams:
        frequency.update({gram for orders in several for order in orders for gram in order})
    # A lone example would weigh every word with log(1 / 1) = 0: it counts as one of two.
    total = math.log(max(2, len(references)))
    rarity = {gram: total - math.log(count) for gram, count in frequency.items()}
    values = []
    for texts, orders, answer in zip(references, grams, answers, strict=True):
        weights = _weights(_grams(answer), rarity, total)
        similarities = [
            _similarity(weights, _weights(own, rarity, total), len(answer) - len(text))
            for text, own in zip(texts, orders, strict=True)
        ]
        values.append(_SCALE * sum(similarities) / max(1, len(similarities)))
    return values


def _grams(words: Sequence[str]) -> list[_Grams]:
    """How often each n-gram occurs, by its order."""
    shifted = [words[start:] for start in range(_ORDERS)]
    return [Counter(zip(*shifted[:order], strict=False)) for order in range(1, _ORDERS + 1)]


def _weights(
    grams: Sequence[_Grams], rarity: Mapping[tuple[str, ...], float], total: float
) -> list[_Weights]:
    """TF-IDF weights by order, with their norm."""
    orders = []
    for counts in grams:
        weights = {gram: count * rarity.get(gram, total) for gram, count in counts.items()}
        orders.append((weights, math.sqrt(sum([w * w for w in weights.values()]))))
    return orders


def _similarity(answer: Sequence[_Weights], reference: Sequence[_Weights], longer: int) -> float:
    """Of an answer that is `longer` words longer than the reference, from 0 to 1."""
    total = 0.0
    for (answer_weights, answer_norm), (weights, norm) in zip(answer, reference, strict=True):
        if answer_norm and norm:
            common = answer_weights.keys() & weights.keys()
            dot = sum([min(answer_weights[g], weights[g]) * weights[g] for g in common])
            total += dot / (answer_norm * norm)
    return total * math.exp(-(longer**2) / (2 * _SIGMA**2)) / _ORDERS
