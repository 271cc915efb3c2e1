"""Shares of tasks as a function of the step: piecewise linear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MixtureError

__all__ = ["SharePiece", "Shares", "quantised"]

F64 = NDArray[np.float64]

_UNIT = 2.0**48


@dataclass(frozen=True, slots=True)
class SharePiece:
    """Shares [tasks] in a straight line from `begin` to `end` over `steps` (None: no end)."""

    steps: int | None
    begin: F64
    end: F64


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of each task at each step; shares of a step sum to one.

    `pieces` follow one another from step 0; only the last has no end, and it is constant.
    """

    tasks: tuple[str, ...]
    pieces: tuple[SharePiece, ...]

    @classmethod
    def constant(cls, tasks: Sequence[str], rates: Sequence[float] | F64) -> Shares:
        """The same shares at every step, from rates that need not sum to one."""
        share = quantised(np.asarray(rates, np.float64))
        return cls(tuple(tasks), (SharePiece(None, share, share),))

    @property
    def starts(self) -> tuple[int, ...]:
        """The step at which each piece begins."""
        steps = [0]
        for piece in self.pieces[:-1]:
            steps.append(steps[-1] + (piece.steps or 0))
        return tuple(steps)

    def at(self, step: int) -> F64:
        """Shares [tasks] at a step."""
        for start, piece in zip(self.starts, self.pieces, strict=True):
            if piece.steps is None or step < start + piece.steps:
                part = 0.0 if piece.steps is None else (step - start) / piece.steps
                return np.asarray(piece.begin + (piece.end - piece.begin) * part)
        return self.pieces[-1].begin

    def expected(self, steps: int) -> F64:
        """Examples [tasks] of the first `steps` steps: the integral of the shares."""
        total = np.zeros(len(self.tasks))
        for start, piece in zip(self.starts, self.pieces, strict=True):
            duration = max(0, steps - start)
            if piece.steps is None:
                return np.asarray(total + piece.begin * duration)
            duration = min(duration, piece.steps)
            slope = (piece.end - piece.begin) / piece.steps
            total = total + piece.begin * duration + slope * duration * duration / 2
        return total

    def later(self, step: int) -> Shares:
        """The same shares as seen from `step` on."""
        pieces = []
        for start, piece in zip(self.starts, self.pieces, strict=True):
            if piece.steps is None:
                pieces.append(piece)
            elif step < start + piece.steps:
                elapsed_steps = max(0, step - start)
                begin = piece.begin + (piece.end - piece.begin) * (elapsed_steps / piece.steps)
                pieces.append(SharePiece(piece.steps - elapsed_steps, begin, piece.end))
        return Shares(self.tasks, tuple(pieces))


def quantised(rates: F64) -> F64:
    """Rates as shares that are whole multiples of 2^-48, at least one where not zero.

    Powers and logarithms differ in their last bit between machines; whole multiples do not,
    so that a plan is the same everywhere.

    Raises:
      MixtureError: a rate is negative or not finite, or all are zero.
    """
    if not np.isfinite(rates).all() or (rates < 0).any() or not rates.any():
        raise MixtureError(f"rates must be finite, not negative and not all zero; got {rates}")
    share = rates / rates.sum()
    units = np.where(share > 0, np.maximum(np.rint(share * _UNIT), 1.0), 0.0)
    return np.asarray(units / _UNIT)
