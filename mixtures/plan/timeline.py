"""From shares that change with the step to the stretches of a plan."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.segments import CHUNK, Finite, Stretch, Tail
from audioflan_tasks.mixtures.plan.shares import Piece, Shares

__all__ = ["apportioned", "timeline"]

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


def timeline(shares: Shares, cursors: I64, limit: I64 | None) -> list[Stretch]:
    """The stretches of `shares`, starting from `cursors` draws.

    Where one piece of the shares ends, every task has had a whole number of draws that
    together are exactly the steps up to there. `limit` is the number of draws after which a
    task has none left.

    Raises:
      MixtureError: shares that end with a task which has draws left but no share.
    """
    found: list[Stretch] = []
    base, target = cursors.copy(), cursors.astype(np.float64)
    width = _width(len(cursors))
    for piece in shares.pieces[:-1]:
        steps = piece.steps or 0
        expected = (piece.begin + piece.end) * (steps / 2)
        target = target + expected
        draws = apportioned(target - base, expected > 0, steps)
        # Inside a chunk a ramp is taken as level: so short that it is off by a quarter of a draw.
        turn = float(np.abs(piece.end - piece.begin).max())
        level = width if turn == 0 else max(1, min(width, math.isqrt(int(2 * steps / turn))))
        found.append(Finite(base, draws, piece.begin, piece.end, steps, level))
        base = base + draws
    last = shares.pieces[-1]
    found += _endless(last, base, width) if limit is None else _ending(last, base, limit, width)
    return found


def apportioned(wanted: F64, may: NDArray[np.bool_], total: int) -> I64:
    """Whole numbers near `wanted` that sum to `total`; 0 where not `may`."""
    wanted = np.where(may, np.maximum(wanted, 0.0), 0.0)
    given = np.floor(wanted).astype(np.int64)
    while (missing := total - int(given.sum())) != 0:
        rest = np.where(may, wanted - given, -np.inf)
        if missing > 0:
            given[np.argsort(-rest, kind="stable")[: min(missing, int(may.sum()))]] += 1
        else:
            some = np.flatnonzero(given > 0)
            given[some[np.argsort(rest[some], kind="stable")[:-missing]]] -= 1
    return given


def _endless(piece: Piece, base: I64, width: int) -> list[Stretch]:
    return [Tail(base, piece.begin, 0.0, float(width), None, width)]


def _ending(piece: Piece, base: I64, limit: I64, width: int) -> list[Stretch]:
    """Stretches until every task has run out; chunks grow as fewer tasks are left."""
    left = limit - base
    if (starved := (left > 0) & (piece.begin <= 0)).any():
        raise MixtureError(
            f"{int(starved.sum())} tasks have rows left but no share after the last point of the "
            "schedule, so that not every row can be given; use stop='first_exhausted'"
        )
    active = np.flatnonzero(left > 0)
    if not len(active):
        return [Tail(base, np.zeros(len(base)), 0.0, 1.0, 1, width, last=True)]
    end = left[active] / piece.begin[active]
    order = np.argsort(end, kind="stable")
    # Share that is still drawn from once the tasks before have run out.
    after = np.cumsum(piece.begin[active][order][::-1])[::-1]
    found: list[Stretch] = []
    start, density = 0.0, float(after[0])
    for at, alive in zip(end[order][:-1].tolist(), after[1:].tolist(), strict=True):
        if alive <= density / 2 and at > start:
            wide = width / density
            # Whole chunks, so that the next stretch begins where this one ends.
            chunks = math.ceil((at - start) / wide)
            found.append(Tail(base, piece.begin, start, wide, chunks, width))
            start, density = start + chunks * wide, alive
    chunks = max(1, math.ceil((float(end.max()) - start) / (width / density)) + 1)
    found.append(Tail(base, piece.begin, start, width / density, chunks, width, last=True))
    return found


def _width(tasks: int) -> int:
    """Steps of a chunk: enough that a chunk holds more draws than its ends are uncertain by."""
    return max(CHUNK, 1 << (2 * tasks).bit_length())
