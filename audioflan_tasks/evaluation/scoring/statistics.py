"""Bootstrap intervals, and the least difference that a run of a given size can detect.

References: Efron & Tibshirani 1993 (percentile bootstrap); Card et al. 2020 (power of
comparisons in NLP) for the least detectable difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spread", "least_detectable", "replicates", "spread"]

_Z_95, _Z_POWER = 1.959964, 0.841621
# Metrics that are not a mean are computed again for each resample. Their number is between
# these limits, and lower for many examples.
_RECOMPUTE_RANGE = (30, 200)
_RECOMPUTE_BUDGET = 100_000


class Spread(NamedTuple):
    """Standard error and the bounds of a 95 % percentile interval."""

    stderr: float
    low: float
    high: float


def replicates(
    count: int,
    resamples: int,
    seed: int,
    *,
    singles: NDArray[np.float64] | None = None,
    recompute: Callable[[Sequence[int]], float] | None = None,
) -> NDArray[np.float64]:
    """Values of a metric over `resamples` resamples of `count` examples, [resamples].

    With `singles` [count] a value is the mean of a resample without its NaNs. Else it is
    `recompute(indices)`, on 30 to 200 resamples whose values are repeated to fill the array.
    """
    generator = np.random.default_rng(seed)
    if singles is not None:
        # In blocks, so that a million examples need no [resamples, count] array.
        block = max(1, 4_000_000 // max(1, count))
        means: list[NDArray[Any]] = []
        for start in range(0, resamples, block):
            size = min(block, resamples - start)
            means.append(_means(singles[generator.integers(0, count, (size, count))]))
        return np.concatenate(means)
    if recompute is None:
        raise TypeError("give singles or recompute")
    low, high = _RECOMPUTE_RANGE
    repeats = min(resamples, max(low, min(high, _RECOMPUTE_BUDGET // max(1, count))))
    values = [recompute(generator.integers(0, count, count).tolist()) for _ in range(repeats)]
    return np.resize(np.array(values, np.float64), resamples)


def _means(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of the finite values of each row; NaN for a row without any."""
    finite = np.isfinite(rows)
    counts = finite.sum(axis=1)
    totals = np.where(finite, rows, 0.0).sum(axis=1)
    means = np.full(len(rows), np.nan)
    np.divide(totals, counts, out=means, where=counts > 0)
    return means


def spread(values: NDArray[np.float64]) -> Spread:
    """Standard error and 95 % interval of replicates; NaN replicates are left out."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Spread(float("nan"), float("nan"), float("nan"))
    low, high = np.percentile(finite, [2.5, 97.5])
    return Spread(float(finite.std(ddof=1)) if len(finite) > 1 else 0.0, float(low), float(high))


def least_detectable(stderr: float) -> float:
    """The least true difference that two such runs detect with a power of 80 % at the 5 % level.

    It is for unpaired runs, so it is conservative: `audioflan compare` pairs the examples and
    detects smaller differences.
    """
    return (_Z_95 + _Z_POWER) * float(np.sqrt(2.0)) * stderr
