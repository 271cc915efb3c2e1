"""Batches found several at once, which costs little more than finding one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.mixtures.plan.plan import Draws

__all__ = ["PrefetchedBatch", "Prefetcher"]

I64 = NDArray[np.int64]

# Rows that are found at once, at most; what is kept of each until its turn are some numbers.
_ROWS = 512


class PrefetchedBatch(NamedTuple):
    """Steps and draws of a batch, and its examples: the rows of `block` from `first` on."""

    steps: I64
    found: Draws
    block: Block
    first: int

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which of the rows there are."""
        return self.block.kept[self.first : self.first + len(self.steps)]


class Prefetcher:
    """Gives batches by number.

    Where they are asked for at even distances, as workers do that take turns, those that come
    next are found together: first one, then twice as many each time. Examples that are made of
    their records are not made ahead.

    Args:
      drawn: steps and draws of a batch; raises StopIteration beyond the end.
    """

    def __init__(
        self, stream: Stream, drawn: Callable[[int], tuple[I64, Draws]], batch_size: int
    ) -> None:
        self._stream, self._drawn = stream, drawn
        self._most = max(1, _ROWS // batch_size)
        self._found: dict[int, PrefetchedBatch] = {}
        self._many, self._last, self._stride = 0, -1, 1

    def pop(self, number: int) -> PrefetchedBatch:
        """A batch, which is then forgotten.

        Raises:
          StopIteration: it is beyond the end.
        """
        stride, self._last = number - self._last, number
        if number not in self._found:
            as_before = stride == self._stride and self._stream.is_stored
            self._many = min(max(1, 2 * self._many), self._most) if as_before else 1
            self._stride = stride
            self._find(range(number, number + self._many * max(1, stride), max(1, stride)))
        return self._found.pop(number)

    def _find(self, numbers: range) -> None:
        parts = []
        for number in numbers:
            try:
                parts.append(self._drawn(number))
            except StopIteration:
                break
        if not parts:
            raise StopIteration
        columns = zip(*(found for _, found in parts), strict=True)
        block = self._stream.block(Draws(*(np.concatenate(column) for column in columns)))
        self._found, first = {}, 0
        for number, (steps, found) in zip(numbers, parts, strict=False):
            self._found[number] = PrefetchedBatch(steps, found, block, first)
            first += len(steps)
