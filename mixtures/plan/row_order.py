"""In which order the rows of a task come in an epoch: by arithmetic, without state.

`EpochOrder` permutes all rows of a task. `BlockOrder` permutes blocks of neighbouring rows, and
then rows among a few blocks at a time, so that few places of a store are read at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.arguments import check_count
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures.plan.permutation import key_of, permute, sides

__all__ = ["BlockShuffle", "RowOrder", "Shuffle", "check_shuffle", "row_order"]

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class BlockShuffle:
    """Shuffles blocks of `rows` neighbours, and rows among `blocks` blocks at a time.

    Any `rows * blocks` draws that follow one another in an epoch of a task come from at most
    `2 * blocks` blocks, and each block lies in the shards of its neighbouring rows alone. Tasks of
    no more than `rows * blocks` rows are permuted as a whole.

    Raises:
      SettingsError: a number below 1.
    """

    rows: int = 1024
    blocks: int = 8

    def __post_init__(self) -> None:
        for name in ("rows", "blocks"):
            number = check_count(f"BlockShuffle.{name}", getattr(self, name), 1)
            object.__setattr__(self, name, number)


# True permutes all rows of a task, False keeps them in their own order.
Shuffle = bool | BlockShuffle


def check_shuffle(shuffle: Any) -> Shuffle:
    """The argument `shuffle` of a stream.

    Raises:
      SettingsError: it is neither true or false nor a `BlockShuffle`.
    """
    if isinstance(shuffle, BlockShuffle):
        return shuffle
    if isinstance(shuffle, bool | np.bool_ | int):
        return bool(shuffle)
    raise SettingsError(f"shuffle={shuffle!r}: expected True, False or mixtures.BlockShuffle()")


class RowOrder(Protocol):
    """The row of each position of an epoch, by index of the task; arrays [n]."""

    def rows(self, task: I64, epoch: I64, position: I64) -> I64: ...


def row_order(sizes: I64, keys: U64, shuffle: Shuffle) -> RowOrder:
    """The order of the rows of tasks of these sizes [tasks], which are shuffled."""
    if isinstance(shuffle, BlockShuffle):
        return BlockOrder(sizes, keys, shuffle)
    return EpochOrder(sizes, keys)


class EpochOrder:
    """A permutation of all rows for each task and epoch."""

    def __init__(self, sizes: I64, keys: U64) -> None:
        self._keys, self._permutations = keys, _Permutations(sizes)

    def rows(self, task: I64, epoch: I64, position: I64) -> I64:
        """See `RowOrder`."""
        return self._permutations.images(task, position, key_of(self._keys[task], epoch))


class BlockOrder:
    """A permutation of blocks for each task and epoch, and one of the rows of each window.

    A window is `blocks` blocks that follow one another in the order of blocks. Each epoch cuts
    its blocks from another row on, so the rows that are left over (the last, shorter block, which
    comes last) are others each time.
    """

    def __init__(self, sizes: I64, keys: U64, shuffle: BlockShuffle) -> None:
        self._sizes, self._keys = sizes, keys
        self._block, self._window = shuffle.rows, shuffle.rows * shuffle.blocks
        self._blocks = _Permutations(sizes // self._block)
        # The last window of each task, and after them a whole one.
        self._windows = _Permutations(np.append(sizes % self._window, self._window))

    def rows(self, task: I64, epoch: I64, position: I64) -> I64:
        """See `RowOrder`."""
        keys, size = key_of(self._keys[task], epoch), self._sizes[task]
        slot, offset = np.divmod(self._inside_windows(task, position, keys), self._block)
        is_whole = slot < size // self._block
        slot[is_whole] = self._blocks.images(task[is_whole], slot[is_whole], keys[is_whole])
        first_row = (key_of(keys, np.zeros_like(task)) % size.astype(np.uint64)).astype(np.int64)
        return np.asarray((slot * self._block + offset + first_row) % size)

    def _inside_windows(self, task: I64, position: I64, keys: U64) -> I64:
        """Positions permuted within their windows."""
        window, place = np.divmod(position, self._window)
        is_whole = window < self._sizes[task] // self._window
        index = np.where(is_whole, len(self._sizes), task)
        images = self._windows.images(index, place, key_of(keys, window + 1))
        return np.asarray(window * self._window + images)


class _Permutations:
    """Permutations of 0 … size-1 for each of many sizes."""

    def __init__(self, sizes: I64) -> None:
        rectangles = [sides(size) for size in sizes.tolist()]
        self._sizes = sizes
        self._a = np.array([a for a, _ in rectangles], np.int64)
        self._b = np.array([b for _, b in rectangles], np.int64)

    def images(self, index: I64, positions: I64, keys: U64) -> I64:
        """The image of each position under the permutation of the size at `index` and its key."""
        return permute(positions, self._sizes[index], self._a[index], self._b[index], keys)
