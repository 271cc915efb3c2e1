"""Stretches of a plan: how many draws each task has had by a place, in closed form.

A place is a chunk boundary. By boundary j a task is expected to have had A(j) draws, a
real number that never falls. Its k-th draw stands where A passes k + u(k), u(k) being a
random number in [0, 1) of that draw: so the count is floor(A), plus one if u(floor(A)) is
below the rest. Counts are thus always within one of what is expected, never fall, and show
no period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHUNK", "Finite", "Stretch", "Tail", "split"]

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# Steps that are ordered at once.
CHUNK = 1024


class Stretch(Protocol):
    """Chunks of steps that follow one law. `chunks` is None where there is no end."""

    @property
    def base(self) -> I64: ...

    @property
    def chunks(self) -> int | None: ...

    @property
    def steps_a_chunk(self) -> int:
        """About as many draws stand in a chunk."""
        ...

    def at(self, chunk: int) -> tuple[I64, F64]:
        """Expected draws [tasks] by the start of a chunk: whole part and rest in [0, 1)."""
        ...


@dataclass(frozen=True)
class Finite:
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
        """See `Stretch`."""
        return self.width

    def at(self, chunk: int) -> tuple[I64, F64]:
        """See `Stretch`."""
        x = min(chunk * self.width, self.steps)
        if x == self.steps:
            return self.base + self.draws, np.zeros(len(self.base))
        whole, rest = split(self.draws * self._done(x))
        over = whole >= self.draws
        return self.base + np.minimum(whole, self.draws), np.where(over, 0.0, rest)

    def _done(self, x: int) -> F64:
        """The part [tasks] of a task's draws that is expected by step x.

        Written so that rounding never makes it fall: only sums and products of numbers that
        are not negative and grow with x, and for shares that fall the same from the end.
        """
        total = (self.begin + self.end) * self.steps / 2
        half = np.abs(self.end - self.begin) / (2 * self.steps)
        y = self.steps - x
        rising = x * (self.begin + half * x)
        falling = np.maximum(total - y * (self.end + half * y), 0.0)
        done = np.where(self.end >= self.begin, rising, falling)
        return np.divide(done, total, out=np.zeros_like(total), where=total > 0)


@dataclass(frozen=True)
class Tail:
    """Constant shares from place `start` on, in chunks `width` wide, `chunks` of them.

    Places are steps as long as no task has run out; afterwards they pass faster. `last` marks
    the one after which no draw is left.
    """

    base: I64
    share: F64
    start: float
    width: float
    chunks: int | None
    steps_a_chunk: int
    last: bool = False

    def at(self, chunk: int) -> tuple[I64, F64]:
        """See `Stretch`."""
        if self.last and chunk == self.chunks:
            return np.full(len(self.base), np.iinfo(np.int64).max), np.zeros(len(self.base))
        whole, rest = split(self.share * (self.start + chunk * self.width))
        return self.base + whole, rest


def split(values: F64) -> tuple[I64, F64]:
    """Whole part and rest of numbers that are not negative."""
    whole = np.floor(values)
    return whole.astype(np.int64), values - whole
