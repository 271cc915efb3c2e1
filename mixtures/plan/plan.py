"""Which row of which task stands at which step: random access by arithmetic, without state.

A plan sorts the draws of all tasks by the place at which each is expected
(`mixtures.plan.segments`). The number of draws before a place has a closed form, so the chunk
that holds a step is found by bisection in O(tasks) time, and only that chunk is sorted.
Draw k of a task with n rows is position k mod n of epoch k div n; the rows of an epoch are a
permutation with the key (seed, task, epoch) (`mixtures.plan.row_order`). So the order of a task's
rows depends neither on the other tasks of the mixture nor on its share.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.permutation import unit
from audioflan_tasks.mixtures.plan.row_order import Shuffle, row_order
from audioflan_tasks.mixtures.plan.segments import PlanSegment
from audioflan_tasks.mixtures.plan.shares import Shares
from audioflan_tasks.mixtures.plan.timeline import timeline
from audioflan_tasks.seeds import seed_of

__all__ = ["STOPS", "UNKNOWN_SIZE", "Draws", "Plan", "Stop"]

I64 = NDArray[np.int64]

Stop = Literal["every_row", "first_exhausted", "all_exhausted"]

STOPS: tuple[str, ...] = get_args(Stop)


# Rows of a task that does not say how many it has: more than any stream draws.
UNKNOWN_SIZE = 2**60

# Chunks whose rows are computed in one go.
_CHUNKS_AT_ONCE = 4


class Draws(NamedTuple):
    """Steps of a plan, arrays [n]: index into `Plan.tasks`, draw of that task, epoch, row."""

    task: I64
    draw: I64
    epoch: I64
    row: I64


@dataclass(frozen=True, slots=True)
class _ChunkOrder:
    """Tasks and draws [n] of one chunk in their order; `first` is the step of the first."""

    first: int
    task: I64
    draw: I64


@dataclass(frozen=True, slots=True)
class _ChunkDraws:
    """Draws [n] of consecutive chunks; `first` is the step of the first."""

    first: int
    draws: Draws


class Plan:
    """The order of all examples of a mixture.

    Args:
      shares: share of each task at each step, counted from the first step of this plan.
      sizes: rows of each task, all at least 1.
      seed: another seed gives another order of tasks and rows.
      epochs: passes over each task; None is without end.
      stop: how a plan of some epochs ends. `every_row` gives every row of every task exactly
        `epochs` times: it is the endless plan without the draws that follow a task's last
        epoch. `first_exhausted` and `all_exhausted` keep the shares to the end, and end with
        the last row of the task that finishes its epochs first, or last.
      shuffle: False gives rows in their own order, a `BlockShuffle` reads few places of a store at
        once; the order of tasks is random in any case.
      cursors: draws that each task has had before this plan, where it revises another one.
      in_order: tasks whose rows always come in their own order.
      unit: rows per draw; draw k is then rows k*unit … of the task's sequence, which only
        `rows_of` gives.

    Raises:
      MixtureError: a task without rows or share, an unknown `stop`, `epochs` below 1, or
        tasks that can never finish.
    """

    def __init__(
        self,
        shares: Shares,
        sizes: Mapping[str, int] | Sequence[int],
        seed: int,
        *,
        epochs: int | None = None,
        stop: Stop = "every_row",
        shuffle: Shuffle = True,
        cursors: Sequence[int] | None = None,
        in_order: Collection[str] = (),
        unit: int = 1,
    ) -> None:
        self.tasks, self.shares, self.seed = shares.tasks, shares, seed
        size_list = [sizes[t] for t in self.tasks] if isinstance(sizes, Mapping) else list(sizes)
        self.sizes = np.array(size_list, np.int64)
        self.epochs, self.stop, self.unit = epochs, stop, unit
        self._is_shuffled = np.array(
            [bool(shuffle) and t not in in_order for t in self.tasks], np.bool_
        )
        self._check()
        self.cursors = np.zeros(len(size_list), np.int64)
        if cursors is not None:
            self.cursors += np.array(cursors, np.int64)
        self._draw_keys = self._keys("draw")
        self._order = row_order(self.sizes, self._keys("rows"), shuffle)
        whole = -(-self.sizes * (epochs or 0) // unit)
        self._limit = None if epochs is None else np.maximum(whole, self.cursors)
        limit = self._limit if stop == "every_row" else None
        self._segments = timeline(shares, self.cursors, limit)
        # Replaced as a whole and never changed in place: tf.data reads from several threads.
        self._recent: tuple[_ChunkDraws, ...] = ()

    @cached_property
    def total(self) -> int | None:
        """Number of steps; None is without end."""
        if self._limit is None:
            return None
        if self.stop == "every_row":
            return int((self._limit - self.cursors).sum())
        return self._when_exhausted(self._limit)

    def take(self, start: int, count: int) -> Draws:
        """The draws of steps start … start+count-1; fewer at the end of the plan."""
        stop = start + count if self.total is None else min(start + count, self.total)
        parts: list[Draws] = []
        step = start
        while step < stop:
            chunk = self._chunks_around(step)
            window = slice(step - chunk.first, stop - chunk.first)
            parts.append(Draws(*(column[window] for column in chunk.draws)))
            step = chunk.first + len(chunk.draws.task)
        if len(parts) == 1:
            return parts[0]
        empty = np.zeros(0, np.int64)
        return Draws(*(np.concatenate([empty, *columns]) for columns in _columns(parts)))

    def pick(self, steps: I64) -> Draws:
        """The draws of any steps, in the order of `steps`."""
        if len(steps) and (steps[1:] - steps[:-1] == 1).all():
            return self.take(int(steps[0]), len(steps))
        order = np.argsort(steps, kind="stable")
        draws = Draws(*(np.empty(len(steps), np.int64) for _ in Draws._fields))
        begin = 0
        sorted_steps = steps[order]
        while begin < len(steps):
            chunk = self._chunks_around(int(sorted_steps[begin]))
            end = int(np.searchsorted(sorted_steps, chunk.first + len(chunk.draws.task)))
            positions = sorted_steps[begin:end] - chunk.first
            for column, values in zip(draws, chunk.draws, strict=True):
                column[order[begin:end]] = values[positions]
            begin = end
        return draws

    def counts(self, step: int) -> I64:
        """Draws [tasks] of each task before a step, its cursor included."""
        if step <= 0:
            return self.cursors.copy()
        if self.total is not None and step >= self.total:
            step = self.total
            if self.stop == "every_row" and self._limit is not None:
                return self._limit.copy()
        location = self._locate(step - 1)
        chunk = self._order_chunk(*location)
        chunk_counts = np.bincount(chunk.task[: step - chunk.first], minlength=len(self.tasks))
        return np.asarray(self._counts(*location) + chunk_counts)

    def rows_of(self, task: int, draw: int) -> tuple[I64, I64]:
        """Epochs and rows [unit] of one draw of a task (an index); fewer at the task's end."""
        draws = np.arange(draw * self.unit, (draw + 1) * self.unit)
        if self.epochs is not None and self.stop == "every_row":
            draws = draws[draws < self.sizes[task] * self.epochs]
        rows = self._rows(np.full(len(draws), task, np.int64), draws)
        return rows.epoch, rows.row

    def _rows(self, task: I64, draw: I64) -> Draws:
        size = self.sizes[task]
        epoch, position = np.divmod(draw, size)
        if self._is_shuffled.all():
            return Draws(task, draw, epoch, self._order.rows(task, epoch, position))
        mask = self._is_shuffled[task]
        position[mask] = self._order.rows(task[mask], epoch[mask], position[mask])
        return Draws(task, draw, epoch, position)

    def _counts(self, segment: int, chunk: int) -> I64:
        whole, fraction = self._segments[segment].at(chunk)
        return self._draw_counts(whole, fraction)

    def _draw_counts(self, whole: I64, fraction: NDArray[np.float64]) -> I64:
        count = whole + (unit(self._draw_keys, whole) < fraction)
        if self._limit is None or self.stop != "every_row":
            return count
        return np.minimum(count, self._limit)

    @cached_property
    def _firsts(self) -> list[int]:
        """The step at which each segment begins."""
        earlier_draws = int(self.cursors.sum())
        return [int(self._counts(s, 0).sum()) - earlier_draws for s in range(len(self._segments))]

    def _locate(self, step: int) -> tuple[int, int]:
        """The segment and chunk that hold a step."""
        number = int(np.searchsorted(self._firsts, step, side="right")) - 1
        segment = self._segments[number]
        earlier_draws = int(self.cursors.sum())

        def first(chunk: int) -> int:
            return int(self._counts(number, chunk).sum()) - earlier_draws

        low, high = _guess_chunks(step - self._firsts[number], segment)
        while low and first(low) > step:
            low = max(0, low - 2 * (high - low))
        while (segment.chunks is None or high < segment.chunks) and first(high) <= step:
            high += 2 * (high - low)
        high = high if segment.chunks is None else min(high, segment.chunks)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if first(middle) <= step else (low, middle)
        return number, low

    def _chunks_around(self, step: int) -> _ChunkDraws:
        """Draws of the chunk that holds a step and of some that follow it, from a small cache."""
        for chunk in reversed(self._recent):
            if 0 <= step - chunk.first < len(chunk.draws.task):
                return chunk
        number, first = self._locate(step)
        # The rows of several chunks cost little more than those of one.
        last, end = first + _CHUNKS_AT_ONCE, self._segments[number].chunks
        parts = [
            self._order_chunk(number, n)
            for n in range(first, last if end is None else min(last, end))
        ]
        task, draw = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("task", "draw")
        )
        chunk = _ChunkDraws(parts[0].first, self._rows(task, draw))
        self._recent = (*self._recent[-3:], chunk)
        return chunk

    def _order_chunk(self, number: int, chunk: int) -> _ChunkOrder:
        """Tasks and draws of a chunk, sorted by the place at which each is expected."""
        segment = self._segments[number]
        whole, fraction = segment.at(chunk)
        next_whole, next_fraction = segment.at(chunk + 1)
        begin, end = (
            self._draw_counts(whole, fraction),
            self._draw_counts(next_whole, next_fraction),
        )
        counts = end - begin
        task = np.repeat(np.arange(len(self.tasks)), counts)
        position = np.arange(len(task)) - np.repeat(np.cumsum(counts) - counts, counts)
        draw = begin[task] + position
        # Floats hold only differences of nearby numbers: exact at any step.
        progress = (draw - whole[task]) + (unit(self._draw_keys[task], draw) - fraction[task])
        span = np.maximum((next_whole - whole) + (next_fraction - fraction), 1e-300)
        order = np.argsort(progress / span[task], kind="stable")
        first = int(begin.sum()) - int(self.cursors.sum())
        return _ChunkOrder(first, task[order], draw[order])

    def _when_exhausted(self, limit: I64) -> int:
        """The step after which the first task, or the last, has had all its draws."""
        is_met = np.any if self.stop == "first_exhausted" else np.all
        if is_met(self.cursors >= limit):
            return 0
        is_idle = (self._segments[-1].at(1)[0] < limit) & (self.shares.pieces[-1].begin <= 0)
        if is_met is np.all and is_idle.any():
            task = self.tasks[int(np.flatnonzero(is_idle)[0])]
            raise MixtureError(
                f"{task} has rows left but no share after the last point of the schedule; "
                "use stop='first_exhausted'"
            )
        number = 0
        while number + 1 < len(self._segments) and not is_met(self._counts(number + 1, 0) >= limit):
            number += 1
        chunks, low, high = self._segments[number].chunks, 0, 1
        while not is_met(self._counts(number, high) >= limit) and (chunks is None or high < chunks):
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            is_enough = is_met(self._counts(number, middle) >= limit)
            low, high = (low, middle) if is_enough else (middle, high)
        chunk = self._order_chunk(number, low)
        last = chunk.draw == limit[chunk.task] - 1
        places = np.flatnonzero(last)
        place = places[0] if self.stop == "first_exhausted" else places[-1]
        return chunk.first + int(place) + 1

    def _keys(self, use: str) -> NDArray[np.uint64]:
        return np.array([seed_of(use, self.seed, task) for task in self.tasks], np.uint64)

    def _check(self) -> None:
        small = [t for t, n in zip(self.tasks, self.sizes.tolist(), strict=True) if n < 1]
        if small:
            raise MixtureError(f"{small[0]} has no rows; leave it out of the plan")
        if self.epochs is not None and self.epochs < 1:
            raise MixtureError(f"epochs must be at least 1 or None, got {self.epochs}")
        if self.stop not in STOPS:
            raise MixtureError(f"stop={self.stop!r}: expected one of {', '.join(STOPS)}")
        is_idle = sum(piece.begin + piece.end for piece in self.shares.pieces) == 0
        if np.any(is_idle):
            task = self.tasks[int(np.flatnonzero(is_idle)[0])]
            raise MixtureError(f"{task} has no share at any step; leave it out of the plan")


def _columns(parts: list[Draws]) -> list[list[I64]]:
    return [[part[number] for part in parts] for number in range(len(Draws._fields))]


def _guess_chunks(step: int, segment: PlanSegment) -> tuple[int, int]:
    """Chunks between which a step of a segment probably lies."""
    guess = step // segment.steps_a_chunk
    low, high = max(0, guess - 1), guess + 2
    if segment.chunks is None:
        return low, high
    return min(low, segment.chunks - 1), min(high, segment.chunks)
