"""The counts of BLEU (Papineni et al. 2002) for many texts at once, as sacrebleu 2 has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from audioflan_tasks.metrics.grams import ORDERS, Grams, Integers, grams_of, places_in
from audioflan_tasks.metrics.sums import Floats

__all__ = ["bleu_counts"]

_Tokens = Sequence[str]


def bleu_counts(references: Sequence[Sequence[_Tokens]], answers: Sequence[_Tokens]) -> Floats:
    """[n, 10]: the lengths of answer and closest reference, right and all n-grams by order."""
    texts = [text for several in references for text in several]
    examples = np.repeat(np.arange(len(answers)), [len(several) for several in references])
    owners = np.concatenate([examples, np.arange(len(answers))])
    lengths = np.array([len(answer) for answer in answers], np.int64)
    closest = [
        min((abs(len(text) - length), len(text)) for text in several)[1]
        for several, length in zip(references, lengths.tolist(), strict=True)
    ]
    right = [_right(grams, owners, len(texts)) for grams in grams_of([*texts, *answers])]
    possible = [np.maximum(lengths - order, 0) for order in range(ORDERS)]
    return np.stack([lengths, np.array(closest), *right, *possible], axis=1).astype(np.float64)


def _right(grams: Grams, owners: Integers, texts: int) -> Floats:
    """For each answer the n-grams that one of its references has as often.

    References are the first `texts` texts, the others answers; `owners` are the examples of all.
    """
    keys, is_reference = grams.keys(owners), grams.texts < texts
    reference_keys, numbers = np.unique(keys[is_reference], return_inverse=True)
    most = np.zeros(len(reference_keys), np.int64)
    np.maximum.at(most, numbers, grams.counts[is_reference])
    places, is_common = places_in(reference_keys, keys[~is_reference])
    common = np.minimum(grams.counts[~is_reference][is_common], most[places[is_common]])
    answers = grams.texts[~is_reference][is_common] - texts
    return np.bincount(answers, common, minlength=len(owners) - texts).astype(np.float64)
