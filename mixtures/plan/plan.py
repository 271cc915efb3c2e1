"""Which row of which task stands at which step: pure arithmetic, no memory of what came before.

A plan orders the draws of all tasks by the place at which each is expected
(`mixtures.plan.segments`). Any step is reached in O(tasks) time: the number of draws before a
place is a sum of closed forms, so that the chunk which holds a step is found by bisection,
and one chunk is ordered at a time. Draw k of a task is position k mod n of epoch k div n;
its row is a permutation drawn from (seed, task, epoch). So a task's rows come in the same
order whatever it is mixed with, and whatever its share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.permutation import key_of, shuffled, sides, unit
from audioflan_tasks.mixtures.plan.segments import Stretch
from audioflan_tasks.mixtures.plan.shares import Shares
from audioflan_tasks.mixtures.plan.timeline import timeline
from audioflan_tasks.seeds import seed_of

__all__ = ["STOPS", "Draws", "Plan", "Stop"]

I64 = NDArray[np.int64]

Stop = Literal["every_row", "first_exhausted", "all_exhausted"]

STOPS: tuple[str, ...] = get_args(Stop)


# Chunks whose rows are worked out at once.
_TOGETHER = 4


class Draws(NamedTuple):
    """Steps of a plan, arrays [n]: index into `Plan.tasks`, draw of that task, epoch, row."""

    task: I64
    draw: I64
    epoch: I64
    row: I64


class _Ordered(NamedTuple):
    """Tasks and draws [n] of one chunk in their order; `first` is the step of the first."""

    first: int
    task: I64
    draw: I64


class _Chunk(NamedTuple):
    """Draws [n] of chunks that follow each other; `first` is the step of the first."""

    first: int
    draws: Draws


class Plan:
    """The order of all examples of a mixture.

    Args:
      shares: share of each task at each step, counted from the first step of this plan.
      sizes: rows of each task, all at least 1.
      seed: another seed gives another order of tasks and rows.
      epochs: None is without end; else see `stop`.
      stop: `every_row` gives every row of every task exactly `epochs` times: the endless plan
        with each task's draws after its last epoch left out. `first_exhausted` and
        `all_exhausted` keep the shares to the end, which comes with the last row of the first
        task, or of the last task, to finish its epochs.
      shuffle: False gives rows in their own order; the order of tasks is drawn all the same.
      cursors: draws that each task has had before this plan (a revision of another one).
      unit: rows that one draw stands for; draw k is then rows k*unit … of the task's sequence,
        and only `rows_of` tells them.

    Raises:
      MixtureError: sizes or shares that cannot be.
    """

    def __init__(
        self,
        shares: Shares,
        sizes: Mapping[str, int] | Sequence[int],
        seed: int,
        *,
        epochs: int | None = None,
        stop: Stop = "every_row",
        shuffle: bool = True,
        cursors: Sequence[int] | None = None,
        unit: int = 1,
    ) -> None:
        self.tasks, self.shares, self.seed = shares.tasks, shares, seed
        listed = [sizes[t] for t in self.tasks] if isinstance(sizes, Mapping) else list(sizes)
        self.sizes = np.array(listed, np.int64)
        self.epochs, self.stop, self.shuffle, self.unit = epochs, stop, shuffle, unit
        self._check()
        self.cursors = np.zeros(len(listed), np.int64)
        if cursors is not None:
            self.cursors += np.array(cursors, np.int64)
        sides_of = [sides(n) for n in listed]
        self._a = np.array([a for a, _ in sides_of], np.int64)
        self._b = np.array([b for _, b in sides_of], np.int64)
        self._draw_keys = self._keys("draw")
        self._row_keys = self._keys("rows")
        whole = -(-self.sizes * (epochs or 0) // unit)
        self._limit = None if epochs is None else np.maximum(whole, self.cursors)
        limit = self._limit if stop == "every_row" else None
        self._stretches = timeline(shares, self.cursors, limit)
        # Replaced as a whole, never changed: tf.data asks from several threads.
        self._recent: tuple[_Chunk, ...] = ()

    @cached_property
    def total(self) -> int | None:
        """Number of steps; None is without end."""
        if self._limit is None:
            return None
        if self.stop == "every_row":
            return int((self._limit - self.cursors).sum())
        return self._when_exhausted(self._limit)

    def take(self, start: int, count: int) -> Draws:
        """The draws of steps start … start+count-1, fewer where the plan ends before."""
        stop = start + count if self.total is None else min(start + count, self.total)
        parts: list[Draws] = []
        at = start
        while at < stop:
            chunk = self._holding(at)
            inside = slice(at - chunk.first, stop - chunk.first)
            parts.append(Draws(*(column[inside] for column in chunk.draws)))
            at = chunk.first + len(chunk.draws.task)
        if len(parts) == 1:
            return parts[0]
        empty = np.zeros(0, np.int64)
        return Draws(*(np.concatenate([empty, *columns]) for columns in _columns(parts)))

    def pick(self, steps: I64) -> Draws:
        """The draws of any steps, in the order asked for."""
        if len(steps) and (np.diff(steps) == 1).all():
            return self.take(int(steps[0]), len(steps))
        order = np.argsort(steps, kind="stable")
        found = Draws(*(np.empty(len(steps), np.int64) for _ in Draws._fields))
        done = 0
        ordered = steps[order]
        while done < len(steps):
            chunk = self._holding(int(ordered[done]))
            upto = int(np.searchsorted(ordered, chunk.first + len(chunk.draws.task)))
            inside = ordered[done:upto] - chunk.first
            for column, values in zip(found, chunk.draws, strict=True):
                column[order[done:upto]] = values[inside]
            done = upto
        return found

    def counts(self, step: int) -> I64:
        """Draws [tasks] that each task has had before a step, those before the plan included."""
        if step <= 0:
            return self.cursors.copy()
        if self.total is not None and step >= self.total:
            step = self.total
            if self.stop == "every_row" and self._limit is not None:
                return self._limit.copy()
        place = self._find(step - 1)
        chunk = self._ordered(*place)
        seen = np.bincount(chunk.task[: step - chunk.first], minlength=len(self.tasks))
        return np.asarray(self._counts(*place) + seen)

    def rows_of(self, task: int, draw: int) -> tuple[I64, I64]:
        """Epochs and rows [unit] of one draw of a task (an index); fewer at its very end."""
        draws = np.arange(draw * self.unit, (draw + 1) * self.unit)
        if self.epochs is not None and self.stop == "every_row":
            draws = draws[draws < self.sizes[task] * self.epochs]
        found = self._rows(np.full(len(draws), task, np.int64), draws)
        return found.epoch, found.row

    def _rows(self, task: I64, draw: I64) -> Draws:
        size = self.sizes[task]
        epoch, position = np.divmod(draw, size)
        if not self.shuffle:
            return Draws(task, draw, epoch, position)
        keys = key_of(self._row_keys[task], epoch)
        return Draws(
            task, draw, epoch, shuffled(position, size, self._a[task], self._b[task], keys)
        )

    def _counts(self, stretch: int, chunk: int) -> I64:
        whole, rest = self._stretches[stretch].at(chunk)
        return self._drawn(whole, rest)

    def _drawn(self, whole: I64, rest: NDArray[np.float64]) -> I64:
        count = whole + (unit(self._draw_keys, whole) < rest)
        if self._limit is None or self.stop != "every_row":
            return count
        return np.minimum(count, self._limit)

    @cached_property
    def _firsts(self) -> list[int]:
        """The step at which each stretch begins."""
        before = int(self.cursors.sum())
        return [int(self._counts(s, 0).sum()) - before for s in range(len(self._stretches))]

    def _find(self, step: int) -> tuple[int, int]:
        """The stretch and chunk that hold a step."""
        number = int(np.searchsorted(self._firsts, step, side="right")) - 1
        stretch = self._stretches[number]
        before = int(self.cursors.sum())

        def first(chunk: int) -> int:
            return int(self._counts(number, chunk).sum()) - before

        low, high = _around(step - self._firsts[number], stretch)
        while low and first(low) > step:
            low = max(0, low - 2 * (high - low))
        while (stretch.chunks is None or high < stretch.chunks) and first(high) <= step:
            high += 2 * (high - low)
        high = high if stretch.chunks is None else min(high, stretch.chunks)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if first(middle) <= step else (low, middle)
        return number, low

    def _holding(self, step: int) -> _Chunk:
        """Chunks that hold a step; at once where one of the last few does."""
        for chunk in reversed(self._recent):
            if 0 <= step - chunk.first < len(chunk.draws.task):
                return chunk
        number, first = self._find(step)
        # Rows of several chunks cost little more than those of one.
        last, end = first + _TOGETHER, self._stretches[number].chunks
        parts = [
            self._ordered(number, n) for n in range(first, last if end is None else min(last, end))
        ]
        task, draw = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("task", "draw")
        )
        chunk = _Chunk(parts[0].first, self._rows(task, draw))
        self._recent = (*self._recent[-3:], chunk)
        return chunk

    def _ordered(self, number: int, chunk: int) -> _Ordered:
        """Tasks and draws of a chunk in their order."""
        stretch = self._stretches[number]
        whole, rest = stretch.at(chunk)
        next_whole, next_rest = stretch.at(chunk + 1)
        begin, end = self._drawn(whole, rest), self._drawn(next_whole, next_rest)
        many = end - begin
        task = np.repeat(np.arange(len(self.tasks)), many)
        within = np.arange(len(task)) - np.repeat(np.cumsum(many) - many, many)
        draw = begin[task] + within
        # In floats only differences of near numbers: exact however far the plan has come.
        passed = (draw - whole[task]) + (unit(self._draw_keys[task], draw) - rest[task])
        span = np.maximum((next_whole - whole) + (next_rest - rest), 1e-300)
        order = np.argsort(passed / span[task], kind="stable")
        first = int(begin.sum()) - int(self.cursors.sum())
        return _Ordered(first, task[order], draw[order])

    def _when_exhausted(self, limit: I64) -> int:
        """The step after which the first task, or the last, has had all its draws."""
        met = np.any if self.stop == "first_exhausted" else np.all
        if met(self.cursors >= limit):
            return 0
        never = (self._stretches[-1].at(1)[0] < limit) & (self.shares.pieces[-1].begin <= 0)
        if met is np.all and never.any():
            raise MixtureError(
                f"{self.tasks[int(np.flatnonzero(never)[0])]} has rows left but no share after the "
                "last point of the schedule; use stop='first_exhausted'"
            )
        number = 0
        while number + 1 < len(self._stretches) and not met(self._counts(number + 1, 0) >= limit):
            number += 1
        chunks, low, high = self._stretches[number].chunks, 0, 1
        while not met(self._counts(number, high) >= limit) and (chunks is None or high < chunks):
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            reached = met(self._counts(number, middle) >= limit)
            low, high = (low, middle) if reached else (middle, high)
        chunk = self._ordered(number, low)
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
        never = sum(piece.begin + piece.end for piece in self.shares.pieces) == 0
        if np.any(never):
            task = self.tasks[int(np.flatnonzero(never)[0])]
            raise MixtureError(f"{task} has no share at any step; leave it out of the plan")


def _columns(parts: list[Draws]) -> list[list[I64]]:
    return [[part[number] for part in parts] for number in range(len(Draws._fields))]


def _around(step: int, stretch: Stretch) -> tuple[int, int]:
    """Chunks between which a step of a stretch probably stands."""
    guess = step // stretch.steps_a_chunk
    low, high = max(0, guess - 1), guess + 2
    if stretch.chunks is None:
        return low, high
    return min(low, stretch.chunks - 1), min(high, stretch.chunks)
