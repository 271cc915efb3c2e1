"""Segments of a plan: how many draws each task has had by a place, in closed form.

A segment is cut into chunks. By the start of chunk j a task is expected to have had A(j)
draws, a real number that never falls. Draw k comes where A passes k + u(k), with a random
number u(k) in [0, 1) of that draw: so the count at j is floor(A), plus one if u(floor(A)) is
below the fraction of A. Counts at a place are always within one of their expectation there, never
fall, and have no period. After n steps a task of share s among T is within 1 + s (T - 2) of s n:
where the counts add up to n depends on what all tasks are ahead or behind (docs/mixtures.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHUNK", "FiniteSegment", "PlanSegment", "TailSegment", "split"]

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# Steps that are sorted at once.
CHUNK = 1024


class PlanSegment(Protocol):
    """Chunks of steps with one rule for the shares. `chunks` is None where there is no end."""

    @property
    def base(self) -> I64: ...

    @property
    def chunks(self) -> int | None: ...

    @property
    def steps_a_chunk(self) -> int:
        """Draws in a chunk, about."""
        ...

    def at(self, chunk: int) -> tuple[I64, F64]:
        """Expected draws [tasks] by the start of a chunk: whole part and fraction in [0, 1)."""
        ...


@dataclass(frozen=True, slots=True)
class FiniteSegment:
    """`steps` steps in which task i has exactly `draws[i]`, at a share that may change linearly."""

    base: I64
    draws: I64
    begin: F64
    end: F64
    steps: int
    width: int

    @property
    def chunks(self) -> int | None:
        """Number of chunks; the last may be short."""
        return -(-self.steps // self.width)

    @property
    def steps_a_chunk(self) -> int:
        """See `PlanSegment`."""
        return self.width

    def at(self, chunk: int) -> tuple[I64, F64]:
        """See `PlanSegment`."""
        x = min(chunk * self.width, self.steps)
        if x == self.steps:
            return self.base + self.draws, np.zeros(len(self.base))
        whole, fraction = split(self.draws * self._expected_part(x))
        complete = whole >= self.draws
        return self.base + np.minimum(whole, self.draws), np.where(complete, 0.0, fraction)

    def _expected_part(self, x: int) -> F64:
        """The part [tasks] of a task's draws that is expected by step x.

        Rounding never makes it fall: it has only sums and products of numbers that are not
        negative and grow with x; for falling shares the same, counted from the end.
        """
        total = (self.begin + self.end) * self.steps / 2
        half = np.abs(self.end - self.begin) / (2 * self.steps)
        y = self.steps - x
        rising = x * (self.begin + half * x)
        falling = np.maximum(total - y * (self.end + half * y), 0.0)
        expected_draws = np.where(self.end >= self.begin, rising, falling)
        return np.divide(expected_draws, total, out=np.zeros_like(total), where=total > 0)


@dataclass(frozen=True, slots=True)
class TailSegment:
    """Constant shares from place `start` on, in chunks `width` wide, `chunks` of them.

    Places are steps until the first task has run out; from then on a step covers more than
    one place. `last` marks the segment after which no draw is left.
    """

    base: I64
    share: F64
    start: float
    width: float
    chunks: int | None
    steps_a_chunk: int
    last: bool = False

    def at(self, chunk: int) -> tuple[I64, F64]:
        """See `PlanSegment`."""
        if self.last and chunk == self.chunks:
            return np.full(len(self.base), np.iinfo(np.int64).max), np.zeros(len(self.base))
        whole, fraction = split(self.share * (self.start + chunk * self.width))
        return self.base + whole, fraction


def split(values: F64) -> tuple[I64, F64]:
    """Whole part and fraction of numbers that are not negative."""
    whole = np.floor(values)
    return whole.astype(np.int64), values - whole
