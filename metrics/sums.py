"""Metrics as functions of sums over examples.

A mean is a sum of values by a count, WER is errors by words, BLEU a function of ten counts. Where
each example has its part of the sums, any resample, subset or exchange of examples costs a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Floats", "Sums", "each", "mean", "of_groups", "ratio"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sums:
    """The parts of each example, [n, k], and the value of their sums, [..., k] to [...].

    `most_trials` is how many trials of right and wrong an example is worth at most where the value
    may vary more than these: where rare ones decide, as in a product of rates (BLEU) or a mean over
    labels (macro F1). None where it varies as they do or less.
    """

    parts: Floats
    value: Callable[[Floats], Floats]
    most_trials: float | None = None

    @property
    def whole(self) -> float:
        """The metric over all examples."""
        return float(self.value(self.parts.sum(axis=0)))

    @property
    def singles(self) -> Floats | None:
        """The value of each example, [n], NaN where it has none; None if their mean is not it."""
        if self.value is not _mean:
            return None
        counts = self.parts[:, 1]
        return np.where(counts > 0, self.parts[:, 0], np.nan)

    @property
    def size(self) -> float:
        """The number of examples; fewer where some weigh more than others (Kish 1965)."""
        if self.value is _mean:
            return float(self.parts[:, 1].sum())
        weights = np.abs(self.parts).sum(axis=1)
        return float(weights.sum() ** 2 / max(np.square(weights).sum(), 1e-300)) or 1.0

    def without_each(self) -> Floats:
        """The metric without each of the examples, [n]."""
        return self.value(self.parts.sum(axis=0) - self.parts)

    def in_groups(self, most: int) -> Sums:
        """The sums of at most `most` groups of examples, the same for every n examples."""
        n = len(self.parts)
        if n <= most:
            return self
        places = np.random.default_rng(n).permutation(n) % most
        groups = np.zeros((most, self.parts.shape[1]))
        np.add.at(groups, places, self.parts)
        return Sums(groups, self.value, self.most_trials)


def mean(values: ArrayLike) -> Sums:
    """The mean of values, one for each example; NaN is an example that is left out."""
    values = np.asarray(values, np.float64)
    finite = np.isfinite(values)
    return Sums(np.stack([np.where(finite, values, 0.0), finite], axis=1), _mean)


def of_groups(values: ArrayLike) -> Sums:
    """A metric whose mean over these values of groups of examples it is."""
    return Sums(mean(values).parts, lambda sums: _mean(sums))


def ratio(parts: ArrayLike, *, when_none: float = 0.0) -> Sums:
    """Sums of the first column by sums of the second; of 0 by 0 it is `when_none`, else 1."""
    parts = np.asarray(parts, np.float64).reshape(-1, 2)

    def value(sums: Floats) -> Floats:
        above, below = sums[..., 0], sums[..., 1]
        undefined = np.where(above > 0, 1.0, when_none)
        return np.where(below > 0, above / np.where(below > 0, below, 1.0), undefined)

    return Sums(parts, value)


def each(function: Callable[[Sequence[Any]], float]) -> Callable[[Floats], Floats]:
    """A function of one row of sums as a function of many."""

    def value(sums: Floats) -> Floats:
        rows = sums.reshape(-1, sums.shape[-1]).tolist()
        return np.array([function(row) for row in rows], np.float64).reshape(sums.shape[:-1])

    return value


def _mean(sums: Floats) -> Floats:
    total, count = sums[..., 0], sums[..., 1]
    return np.where(count > 0, total / np.where(count > 0, count, 1.0), np.nan)
