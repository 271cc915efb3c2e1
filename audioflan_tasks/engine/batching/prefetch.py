"""Prefetching: batches made several at once, which costs little more than making one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.mixtures.plan.plan import Draws

__all__ = ["BatchDraws", "BatchRows", "Prefetcher"]

I64 = NDArray[np.int64]

# Rows that are made at once, at most; what is kept of each until its turn are some numbers.
_ROWS = 512


@dataclass(frozen=True, slots=True)
class BatchDraws:
    """Steps and draws of a batch; `repeat_mask` says which rows another batch gives as well."""

    steps: I64
    draws: Draws
    repeat_mask: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BatchRows:
    """The draws of a batch, and its examples: the rows of `block` from `first` on."""

    batch: BatchDraws
    block: Block
    first: int

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which of the rows have an example."""
        return self.block.kept[self.first : self.first + len(self.batch.steps)]

    @property
    def block_rows(self) -> I64:
        """The rows of the block that have an example."""
        return np.flatnonzero(self.kept) + self.first


class Prefetcher:
    """Gives batches by number.

    Where they are asked for at even distances, as workers do that take turns, those that come
    next are made together: first one, then twice as many each time. Examples that are made of
    their records are not prefetched.

    Args:
      draws_of: the draws of a batch; raises StopIteration beyond the end.
    """

    def __init__(
        self, stream: Stream, draws_of: Callable[[int], BatchDraws], batch_size: int
    ) -> None:
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
        batches = []
        for number in numbers:
            try:
                batches.append(self._draws_of(number))
            except StopIteration:
                break
        if not batches:
            raise StopIteration
        try:
            block = self._block(batches)
        except Exception:
            # Of one of the batches: it is met alone when it is asked for.
            if len(batches) == 1:
                raise
            batches, self._count = batches[:1], 1
            block = self._block(batches)
        self._prefetched_batches, first = {}, 0
        for number, batch in zip(numbers, batches, strict=False):
            self._prefetched_batches[number] = BatchRows(batch, block, first)
            first += len(batch.steps)

    def _block(self, batches: list[BatchDraws]) -> Block:
        columns = zip(*(batch.draws for batch in batches), strict=True)
        return self._stream.block(Draws(*(np.concatenate(column) for column in columns)))
