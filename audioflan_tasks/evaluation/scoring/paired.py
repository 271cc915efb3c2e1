"""Paired tests of two runs: answers of pairs are exchanged between them.

If the runs do not differ, each pair is as likely the other way round. The p-value is the share of
exchanges with a difference as large as the one between the runs, over all exchanges where these
are few or the differences are of one size (the sign test, McNemar's test of right and wrong
answers), else over random ones until it is known (Besag & Clifford 1991). It holds for every
metric that is a function of sums over the examples.
References: Fisher 1935, McNemar 1947, Good 2005, Noreen 1989 (approximate randomisation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.evaluation.scoring.normalisation import Anchors, normalise
from audioflan_tasks.metrics import Sums

__all__ = ["Exchange", "exchange_of", "mean_gain_p", "paired_p"]

Floats = NDArray[np.float64]

# Of so many pairs that differ, all exchanges are tried.
_ALL_PAIRS = 14
# Pairs beyond these are exchanged in groups: as valid, and as cheap for any number.
_MOST_PAIRS = 512
_MOST_PAIRS_OF_EACH = 64
# Random exchanges end after so many with as large a difference, or after so many in all.
_ENOUGH, _MOST_EXCHANGES = 100, 50_000
_FIRST_BLOCK, _LARGEST_BLOCK = 250, 4_000
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Exchange:
    """Sums of both runs, and what each pair that differs adds to one of them, [pairs, k]."""

    base: Sums
    other: Sums
    steps: Floats

    def values(self, masks: Floats) -> tuple[Floats, Floats]:
        """The metric of both runs if the pairs where a mask is 1 are exchanged, [masks] each."""
        shift = masks @ self.steps
        base, other = self.base.parts.sum(axis=0), self.other.parts.sum(axis=0)
        return self.base.value(base + shift), self.other.value(other - shift)

    def differences(self, masks: Floats) -> Floats:
        """The value of the other run less that of the base, after each exchange."""
        base, other = self.values(masks)
        return np.nan_to_num(other - base)

    def in_groups(self, most: int) -> Exchange:
        """Pairs joined at random to at most `most` that are exchanged together."""
        return Exchange(
            self.base, self.other, Sums(self.steps, self.base.value).in_groups(most).parts
        )


def exchange_of(base: Sums, other: Sums) -> Exchange:
    """What can be exchanged between two runs over the same examples."""
    steps = other.parts - base.parts
    return Exchange(base, other, steps[np.abs(steps).max(axis=1, initial=0.0) > 0])


def paired_p(exchange: Exchange, seed: int) -> tuple[float, str]:
    """The two-sided p-value of a difference between two runs, and the name of the test."""
    count = len(exchange.steps)
    if not count:
        return 1.0, "no answer differs"
    signs = _signs(exchange)
    if signs is not None:
        return _sign_p(signs), "exact sign test"
    if count <= _ALL_PAIRS:
        sizes = np.abs(exchange.differences(_all_masks(count)))
        return float((sizes >= _reached(sizes[0])).mean()), "exact permutation test"
    exchange = exchange.in_groups(_MOST_PAIRS)
    generator = np.random.default_rng(seed)
    actual = float(np.abs(exchange.differences(np.zeros((1, len(exchange.steps)))))[0])

    def draw(size: int) -> Floats:
        return np.abs(exchange.differences(_masks(generator, size, len(exchange.steps))))

    return _sampled_p(draw, actual), "permutation test"


def mean_gain_p(exchanges: Sequence[tuple[Exchange, Anchors]], seed: int) -> float:
    """The two-sided p-value of the mean gain over tasks on their scales, exchanged within each."""
    groups = [(e.in_groups(_MOST_PAIRS_OF_EACH), scale) for e, scale in exchanges]
    generator = np.random.default_rng(seed)

    def gains(masks: Iterator[Floats]) -> Floats:
        total = np.zeros(1)
        for (exchange, scale), mask in zip(groups, masks, strict=True):
            base, other = (normalise(values, scale) for values in exchange.values(mask))
            total = total + np.nan_to_num(other - base)
        return np.asarray(np.abs(total) / len(groups))

    def draw(size: int) -> Floats:
        return gains(_masks(generator, size, len(e.steps)) for e, _ in groups)

    actual = float(gains(np.zeros((1, len(e.steps))) for e, _ in groups)[0])
    return _sampled_p(draw, actual) if actual else 1.0


def _signs(exchange: Exchange) -> NDArray[np.bool_] | None:
    """Which pairs go up, where the metric is a mean and all differences are of one size."""
    if exchange.base.singles is None or np.ptp(exchange.steps[:, 1]) > 0:
        return None
    sizes = np.abs(exchange.steps[:, 0])
    return exchange.steps[:, 0] > 0 if np.ptp(sizes) <= _ROUNDING * sizes[0] else None


def _sign_p(signs: NDArray[np.bool_]) -> float:
    from scipy.stats import binomtest

    return float(binomtest(int(signs.sum()), len(signs)).pvalue)


def _all_masks(count: int) -> Floats:
    return ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(np.float64)


def _masks(generator: np.random.Generator, size: int, count: int) -> Floats:
    return generator.integers(0, 2, (size, count), np.int8).astype(np.float64)


def _reached(size: float) -> float:
    """The least difference that counts as equally large."""
    return size - _ROUNDING * (1 + size)


def _sampled_p(draw: Callable[[int], Floats], actual: float) -> float:
    exchanges = extremes = 0
    while exchanges < _MOST_EXCHANGES:
        size = min(_LARGEST_BLOCK, max(_FIRST_BLOCK, exchanges), _MOST_EXCHANGES - exchanges)
        places = np.flatnonzero(draw(size) >= _reached(actual))
        if extremes + len(places) >= _ENOUGH:
            return _ENOUGH / (exchanges + int(places[_ENOUGH - extremes - 1]) + 1)
        extremes += len(places)
        exchanges += size
    return (extremes + 1) / (exchanges + 1)
