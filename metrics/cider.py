"""CIDEr-D (Vedantam, Zitnick & Parikh 2015) without Java and without torch.

Written from section 4 of the paper (arXiv 1411.5726); aac-metrics 0.6 is what it is tested
against. There the reference tokenizer is Stanford's, a Java program; here texts are
tokenized by the caller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from audioflan_tasks.metrics.grams import ORDERS, Grams, Integers, grams_of, places_in
from audioflan_tasks.metrics.sums import Floats

__all__ = ["cider_d"]

_SIGMA = 6.0
_SCALE = 10.0


def cider_d(
    references: Sequence[Sequence[Sequence[str]]], answers: Sequence[Sequence[str]]
) -> list[float]:
    """A value from 0 to 10 for each example; `references` has several texts for each."""
    texts = [text for several in references for text in several]
    examples = np.repeat(np.arange(len(answers)), [len(several) for several in references])
    # A lone example would weigh every word with log(1 / 1) = 0: it counts as one of two.
    total = math.log(max(2, len(references)))
    owners = np.concatenate([examples, np.arange(len(answers))])
    cosines = sum(
        _cosines(grams, owners, len(texts), total) for grams in grams_of([*texts, *answers])
    )
    lengths = np.array([len(answer) for answer in answers], np.int64)[examples]
    longer = lengths - np.array([len(text) for text in texts], np.int64)
    values = cosines * np.exp(-(longer**2) / (2 * _SIGMA**2)) / ORDERS
    sums = np.bincount(examples, values, minlength=len(answers))
    counts = np.bincount(examples, minlength=len(answers))
    return [float(value) for value in _SCALE * sums / np.maximum(counts, 1)]


def _cosines(grams: Grams, owners: Integers, texts: int, total: float) -> Floats:
    """For each reference its likeness to the answer of its example, by TF-IDF weights.

    References are the first `texts` texts, the others answers; `owners` are the examples of all.
    """
    keys, is_reference = grams.keys(owners), grams.texts < texts
    in_examples = np.unique(keys[is_reference]) % grams.kinds
    frequency = np.bincount(in_examples, minlength=grams.kinds)
    rarity = total - np.log(np.maximum(frequency, 1))
    weights = grams.counts * rarity[grams.grams]
    norms = np.sqrt(np.bincount(grams.texts, weights**2, minlength=len(owners)))
    places, is_common = places_in(keys[~is_reference], keys[is_reference])
    own = weights[is_reference][is_common]
    common = np.minimum(own, weights[~is_reference][places[is_common]]) * own
    dots = np.bincount(grams.texts[is_reference][is_common], common, minlength=texts)
    scale = norms[:texts] * norms[texts:][owners[:texts]]
    cosines: Floats = np.divide(dots, scale, out=np.zeros(texts), where=scale > 0)
    return cosines
