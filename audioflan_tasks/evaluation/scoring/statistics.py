"""Intervals of a score, and the least difference that a run of a given size can detect.

An interval is the exact one of a count, with the effective number of examples in the place of
their number: the number at which a count would vary as much as the score does by the jackknife.
Of a score between two bounds (accuracy, F1, BLEU) it is the binomial one (Clopper & Pearson 1934;
Korn & Graubard 1998), of an error rate or a distance the Poisson one (Garwood 1936; Fay & Feuer
1997). A run without an error so has an interval. Means and differences of scores have their
intervals from those of the scores (Zou & Donner 2008). `scripts/significance_table.py` simulates
how often all of them hold the truth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.metrics import Sums

__all__ = [
    "Spread", "correlation", "difference_bounds", "interval", "least_detectable", "mean_bounds",
]  # fmt: skip

_TAIL = 0.025
_Z_95, _Z_POWER = 1.959964, 0.841621
# Groups of examples that the jackknife leaves out in turn.
_MOST_GROUPS = 1000
# An event that was not seen weighs as an answer that is missing, but at most so many times as
# much as those that were seen weigh: found by simulation.
_LEAST_WEIGHT = 3.0
_SMALL = 1e-12


class Spread(NamedTuple):
    """Standard error and the bounds of a 95 % interval."""

    stderr: float
    low: float
    high: float


def interval(sums: Sums, bounds: tuple[float, float], unanswered: float) -> Spread:
    """The interval of a metric whose value is within `bounds`.

    `unanswered` is the value if no question had an answer; of an error rate without an upper
    bound it says what an error that was not seen may cost.
    """
    low, high = bounds
    value, variance = _jackknife(sums)
    stderr = math.sqrt(variance)
    if not math.isfinite(value):
        return Spread(math.nan, math.nan, math.nan)
    count = max(1.0, sums.size)
    # Few examples do not show their own variance well.
    variance *= (_t_quantile(count) / _Z_95) ** 2
    if math.isfinite(low) and math.isfinite(high):
        width = high - low
        ends = _binomial((value - low) / width, variance / width**2, count, sums.most_trials)
        return Spread(stderr, low + width * ends[0], low + width * ends[1])
    if low == 0:
        return Spread(stderr, *_poisson(value, variance, count, abs(unanswered)))
    half = _Z_95 * math.sqrt(variance)
    return Spread(stderr, value - half, value + half)


def mean_bounds(spreads: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """Bounds of the mean of independent scores, each given as value, low and high."""
    values, lows, highs = np.array(spreads, np.float64).T
    mean, count = float(values.mean()), len(values)
    below = math.sqrt(float(((values - lows) ** 2).sum())) / count
    above = math.sqrt(float(((highs - values) ** 2).sum())) / count
    return mean - below, mean + above


def difference_bounds(
    base: tuple[float, float, float], other: tuple[float, float, float], correlation: float
) -> tuple[float, float]:
    """Bounds of `other` less `base`, each value, low and high, whose errors are correlated."""
    (value, low, high), (other_value, other_low, other_high) = base, other

    def reach(first: float, second: float) -> float:
        square = first**2 + second**2 - 2 * correlation * first * second
        return math.sqrt(max(0.0, square))

    gain = other_value - value
    return (
        gain - reach(high - value, other_value - other_low),
        gain + reach(value - low, other_high - other_value),
    )


def correlation(base: Sums, other: Sums) -> float:
    """How the errors of two runs over the same examples go together, -1 to 1; 0 if unknown.

    Of two examples it is always -1 or 1: it counts the less, the fewer there are.
    """
    pairs = np.stack([s.in_groups(_MOST_GROUPS).without_each() for s in (base, other)])
    pairs = pairs[:, np.isfinite(pairs).all(axis=0)]
    if not pairs.size or any(np.ptp(side) <= _SMALL * (1 + abs(side[0])) for side in pairs):
        return 0.0
    return float(np.asarray(np.corrcoef(pairs))[0, 1] * (1 - 1 / (pairs.shape[1] - 1)))


def least_detectable(spread: tuple[float, float]) -> float:
    """The least true difference that two such runs detect with a power of 80 % at the 5 % level.

    It comes from the bounds of one run's interval, and is for unpaired runs, so it is
    conservative: `audioflan compare` pairs the examples and detects smaller differences.
    """
    stderr = (spread[1] - spread[0]) / (2 * _Z_95)
    return (_Z_95 + _Z_POWER) * float(np.sqrt(2.0)) * stderr


def _jackknife(sums: Sums) -> tuple[float, float]:
    """The value, and its variance by leaving out one example, or group of examples, in turn."""
    value, groups = sums.whole, sums.in_groups(_MOST_GROUPS)
    values: NDArray[np.float64] = groups.without_each()
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return value, 0.0
    return value, float(((values - values.mean()) ** 2).sum()) * (len(values) - 1) / len(values)


def _t_quantile(count: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(max(1.0, count - 1), 1 - _TAIL))


def _binomial(
    share: float, variance: float, count: float, most_trials: float | None
) -> tuple[float, float]:
    """Clopper-Pearson bounds of a share at the number of trials that varies as it does.

    That is at least the number of examples, where the score varies no more than right and wrong
    do. Where rare examples decide it may vary more, and the jackknife does not see by how much if
    there are none by chance: then an example is worth `most_trials` at most (`Sums`).
    """
    from scipy.special import betaincinv

    share = min(1.0, max(0.0, share))
    most = share * (1 - share)
    trials = most / variance if variance > _SMALL * most > 0 else count
    trials = max(trials, count) if most_trials is None else min(trials, most_trials * count)
    hits, misses = share * trials, (1 - share) * trials
    low = betaincinv(hits, misses + 1, _TAIL) if hits > _SMALL else 0.0
    high = betaincinv(hits + 1, misses, 1 - _TAIL) if misses > _SMALL else 1.0
    return float(low), float(high)


def _poisson(rate: float, variance: float, count: float, unanswered: float) -> tuple[float, float]:
    """Gamma bounds of a rate; an error that was not seen adds a missing answer or less."""
    from scipy.special import gammaincinv

    if rate <= 0:
        weight = unanswered / count
        return 0.0, weight * float(gammaincinv(1.0, 1 - _TAIL))
    if variance <= _SMALL * rate**2:
        variance = rate**2 / count
    # Where all examples are about equally bad, there may be a good one that was not seen.
    low_variance = variance + (rate / (count + 1)) ** 2
    low = low_variance / rate * float(gammaincinv(rate**2 / low_variance, _TAIL))
    weight = min(unanswered / count, max(_LEAST_WEIGHT, unanswered / rate) * variance / rate)
    top, top_variance = rate + weight, variance + weight**2
    return low, top_variance / top * float(gammaincinv(top**2 / top_variance, 1 - _TAIL))
