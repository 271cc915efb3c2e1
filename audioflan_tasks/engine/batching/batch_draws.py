"""Which draws of a stream each batch of a shard has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.rounds import Rounds, step_parts
from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.mixtures.plan.plan import Draws

__all__ = ["BatchDraws", "DrawnBatches", "OneTaskDraws", "RowDraws"]

I64 = NDArray[np.int64]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class BatchDraws:
    """Steps and draws of batches, one after the other, of `sizes` rows each; `repeat_mask` says
    which rows another batch gives as well."""

    steps: I64
    draws: Draws
    repeat_mask: NDArray[np.bool_]
    sizes: tuple[int, ...]


# The draws of batches of these numbers, but for those beyond the end.
# Raises StopIteration where all are beyond it.
DrawnBatches = Callable[[range], BatchDraws]


class RowDraws:
    """Draws of batches whose rows are steps; `steps_of` gives those of a batch, and raises
    StopIteration beyond the end."""

    def __init__(self, stream: Stream, steps_of: Callable[[int], I64]) -> None:
        self._stream, self._steps_of = stream, steps_of

    def of_batches(self, numbers: range) -> BatchDraws:
        """See `DrawnBatches`."""
        steps = _before_end(self._steps_of, numbers)
        known_steps, repeat_mask = self._stream.wrapped(np.concatenate(steps))
        draws = self._stream.draws(known_steps)
        return BatchDraws(known_steps, draws, repeat_mask, tuple(map(len, steps)))


class OneTaskDraws:
    """Draws of batches of one step, whose rows are of one task."""

    def __init__(self, stream: Stream, shard: Shard, start: int, rounds: Rounds) -> None:
        self._stream, self._shard, self._start, self._rounds = stream, shard, start, rounds

    def of_batches(self, numbers: range) -> BatchDraws:
        """See `DrawnBatches`."""
        batches = _before_end(self._of_batch, numbers)
        columns = zip(*(batch.draws for batch in batches), strict=True)
        return BatchDraws(
            np.concatenate([batch.steps for batch in batches]),
            Draws(*(np.concatenate(column) for column in columns)),
            np.concatenate([batch.repeat_mask for batch in batches]),
            tuple(len(batch.steps) for batch in batches),
        )

    def _of_batch(self, number: int) -> BatchDraws:
        """The rows of one step, or a part of them where fewer steps than shards are left."""
        span, count = self._rounds.span(number), self._shard.count
        if span.end - span.begin == count:
            steps, repeat_mask = self._stream.wrapped(self._shard.steps_of(span, self._start))
            return self._of_step(steps, repeat_mask, slice(None))
        all_steps = np.arange(self._start + span.begin, self._start + span.end)
        sizes = [len(self._of_step(steps).steps) for steps in all_steps.reshape(-1, 1)]
        part = step_parts(sizes, count)[self._shard.index]
        return self._of_step(
            all_steps[part.number : part.number + 1], None, slice(part.first, None, part.stride)
        )

    def _of_step(
        self, steps: I64, repeat_mask: NDArray[np.bool_] | None = None, part: slice = slice(None)
    ) -> BatchDraws:
        """A part of the rows of one step [1]."""
        draws = self._stream.draws(steps)
        epochs, rows = self._stream.plan.rows_of(int(draws.task[0]), int(draws.draw[0]))
        epochs, rows = epochs[part], rows[part]
        task, draw, step = (np.repeat(n, len(rows)) for n in (draws.task, draws.draw, steps))
        is_repeat = np.repeat(False if repeat_mask is None else repeat_mask, len(rows))
        return BatchDraws(step, Draws(task, draw, epochs, rows), is_repeat, (len(rows),))


def _before_end(part_of: Callable[[int], _T], numbers: range) -> list[_T]:
    """The parts of these numbers, up to the first beyond the end.

    Raises:
      StopIteration: that is all of them.
    """
    parts: list[_T] = []
    for number in numbers:
        try:
            parts.append(part_of(number))
        except StopIteration:
            break
    if not parts:
        raise StopIteration
    return parts
