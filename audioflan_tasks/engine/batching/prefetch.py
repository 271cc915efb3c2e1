"""Prefetching: batches made several at once, which costs little more than making one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.batching.batch_draws import BatchDraws, DrawnBatches
from audioflan_tasks.engine.stream import Stream

__all__ = ["BatchRows", "Prefetcher"]

I64 = NDArray[np.int64]

# Rows that are made at once, at most; what is kept of each until its turn are some numbers.
_ROWS = 512


@dataclass(frozen=True, slots=True)
class BatchRows:
    """The rows of a batch, among draws of several and among the examples of these in `block`."""

    drawn: BatchDraws
    block: Block
    rows: slice

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which of the rows have an example."""
        return self.block.kept[self.rows]

    @property
    def block_rows(self) -> I64:
        """The rows of the block that have an example."""
        rows: I64 = np.flatnonzero(self.kept) + self.rows.start
        return rows


class Prefetcher:
    """Gives batches by number.

    Where they are asked for at even distances, as workers do that take turns, those that come
    next are made together: first one, then twice as many each time. Examples that are made of
    their records are not prefetched.

    Args:
      draws_of: the draws of batches.
    """

    def __init__(self, stream: Stream, draws_of: DrawnBatches, batch_size: int) -> None:
        self._stream, self._draws_of = stream, draws_of
        self._most_batches = max(1, _ROWS // batch_size)
        self._prefetched_batches: dict[int, BatchRows] = {}
        self._count, self._previous, self._stride = 0, -1, 1

    def pop(self, number: int) -> BatchRows:
        """A batch, which is then forgotten.

        Raises:
          StopIteration: it is beyond the end.
        """
        stride, self._previous = number - self._previous, number
        if number not in self._prefetched_batches:
            steady = stride == self._stride and self._stream.is_stored
            self._count = min(max(1, 2 * self._count), self._most_batches) if steady else 1
            self._stride = stride
            step = max(1, stride)
            self._prefetch(range(number, number + self._count * step, step))
        return self._prefetched_batches.pop(number)

    def _prefetch(self, numbers: range) -> None:
        drawn = self._draws_of(numbers)
        try:
            block = self._stream.block(drawn.draws)
        except Exception:
            # Of one of the batches: it is met alone when it is asked for.
            if len(drawn.sizes) == 1:
                raise
            drawn, self._count = self._draws_of(numbers[:1]), 1
            block = self._stream.block(drawn.draws)
        cuts = pairwise(accumulate(drawn.sizes, initial=0))
        self._prefetched_batches = {
            number: BatchRows(drawn, block, slice(begin, end))
            for number, (begin, end) in zip(numbers, cuts, strict=False)
        }
