"""From shares that change with the step to the segments of a plan."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.segments import CHUNK, FiniteSegment, PlanSegment, TailSegment
from audioflan_tasks.mixtures.plan.shares import SharePiece, Shares

__all__ = ["apportioned", "timeline"]

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


def timeline(shares: Shares, cursors: I64, limit: I64 | None) -> list[PlanSegment]:
    """The segments of `shares`, starting from `cursors` draws.

    At the end of a piece of the shares every task has a whole number of draws, and together
    these are exactly the steps so far. `limit` is the number of draws after which a task has
    none left.

    Raises:
      MixtureError: shares that end with a task which has draws left but no share.
    """
    segments: list[PlanSegment] = []
    base, target = cursors.copy(), cursors.astype(np.float64)
    width = _width(len(cursors))
    for piece in shares.pieces[:-1]:
        steps = piece.steps or 0
        piece_draws = (piece.begin + piece.end) * (steps / 2)
        target = target + piece_draws
        draws = apportioned(target - base, piece_draws > 0, steps)
        # A chunk ignores the slope of a ramp: it is so short that this is a quarter of a draw.
        turn = float(np.abs(piece.end - piece.begin).max())
        level = width if turn == 0 else max(1, min(width, math.isqrt(int(2 * steps / turn))))
        segments.append(FiniteSegment(base, draws, piece.begin, piece.end, steps, level))
        base = base + draws
    last = shares.pieces[-1]
    segments += _endless(last, base, width) if limit is None else _ending(last, base, limit, width)
    return segments


def apportioned(amounts: F64, may_grow: NDArray[np.bool_], total: int) -> I64:
    """Whole numbers near `amounts` that sum to `total`; 0 where not `allowed`."""
    amounts = np.where(may_grow, np.maximum(amounts, 0.0), 0.0)
    counts = np.floor(amounts).astype(np.int64)
    while (missing := total - int(counts.sum())) != 0:
        fractions = np.where(may_grow, amounts - counts, -np.inf)
        if missing > 0:
            counts[np.argsort(-fractions, kind="stable")[: min(missing, int(may_grow.sum()))]] += 1
        else:
            nonzero = np.flatnonzero(counts > 0)
            counts[nonzero[np.argsort(fractions[nonzero], kind="stable")[:-missing]]] -= 1
    return counts


def _endless(piece: SharePiece, base: I64, width: int) -> list[PlanSegment]:
    return [TailSegment(base, piece.begin, 0.0, float(width), None, width)]


def _ending(piece: SharePiece, base: I64, limit: I64, width: int) -> list[PlanSegment]:
    """Segments until every task has run out; chunks grow as fewer tasks are left."""
    remaining = limit - base
    if (never_drawn := (remaining > 0) & (piece.begin <= 0)).any():
        raise MixtureError(
            f"{int(never_drawn.sum())} tasks have rows left but no share after the last point "
            "of the schedule, so that not every row can be given; use stop='first_exhausted'"
        )
    active = np.flatnonzero(remaining > 0)
    if not len(active):
        return [TailSegment(base, np.zeros(len(base)), 0.0, 1.0, 1, width, last=True)]
    end = remaining[active] / piece.begin[active]
    order = np.argsort(end, kind="stable")
    # Share of the tasks that remain once those that end earlier have run out.
    active_share = np.cumsum(piece.begin[active][order][::-1])[::-1]
    segments: list[PlanSegment] = []
    start, density = 0.0, float(active_share[0])
    for place, share_left in zip(end[order][:-1].tolist(), active_share[1:].tolist(), strict=True):
        if share_left <= density / 2 and place > start:
            chunk_width = width / density
            # Whole chunks, so that the next segment begins where this one ends.
            chunks = math.ceil((place - start) / chunk_width)
            segments.append(TailSegment(base, piece.begin, start, chunk_width, chunks, width))
            start, density = start + chunks * chunk_width, share_left
    chunks = max(1, math.ceil((float(end.max()) - start) / (width / density)) + 1)
    segments.append(
        TailSegment(base, piece.begin, start, width / density, chunks, width, last=True)
    )
    return segments


def _width(tasks: int) -> int:
    """Steps of a chunk: enough that a chunk holds more draws than its ends are uncertain by."""
    return max(CHUNK, 1 << (2 * tasks).bit_length())
