"""Where the rows of tasks lie in a store, for many rows at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.engine.rows import RowStore
from audioflan_tasks.store import ShardReader

__all__ = ["RowLocations", "RowLocator", "by_shard", "is_scattered"]

I64 = NDArray[np.int64]


# Rows of a shard from which it is quicker to read them together.
_SHARING = 6


@dataclass(frozen=True, slots=True)
class RowLocations:
    """Where rows lie, sorted by shard: shard (a number in `shards`) and offset there of each, and
    `order`, its place among the rows asked for."""

    shards: Sequence[ShardReader]
    shard: I64
    offset: I64
    order: I64

    def only(self, rows: slice | I64) -> RowLocations:
        """Those of these rows, whose numbers rise."""
        columns = (self.shard[rows], self.offset[rows], self.order[rows])
        return RowLocations(self.shards, *columns)


class RowLocator:
    """Locates rows given as (index into `tasks`, row of the corpus)."""

    def __init__(self, store: RowStore, split: str, tasks: Sequence[str]) -> None:
        self._shards: list[ShardReader] = []
        number: dict[ShardReader, int] = {}
        base, shard_numbers, ends, offsets = [0], [], [], []
        for task in tasks:
            for shard, offset, end in store.shards(task.removeprefix(PREFIX), split):
                if shard not in number:
                    number[shard] = len(self._shards)
                    self._shards.append(shard)
                shard_numbers.append(number[shard])
                offsets.append(offset - base[-1])
                ends.append(base[-1] + end)
            base.append(ends[-1] if ends else 0)
        self._base, self._ends = np.array(base, np.int64), np.array(ends, np.int64)
        self._shard_numbers = np.array(shard_numbers, np.int64)
        self._offsets = np.array(offsets, np.int64)

    def locate(self, task: I64, row: I64) -> RowLocations:
        """Where these rows are."""
        key = self._base[task] + row
        group = np.searchsorted(self._ends, key, side="right")
        shard, offset = self._shard_numbers[group], key + self._offsets[group]
        order = np.argsort(shard, kind="stable")
        shard, offset = shard[order], offset[order]
        for reader, run in by_shard(self._shards, shard):
            offset[run] = reader.inside(offset[run])
        return RowLocations(self._shards, shard, offset, order)


def is_scattered(shard: I64) -> bool:
    """Whether so few rows share a shard that they are better read one by one."""
    return len(shard) < _SHARING * (1 + int((shard[1:] != shard[:-1]).sum()))


def by_shard(shards: Sequence[ShardReader], shard: I64) -> Iterator[tuple[ShardReader, slice]]:
    """Runs of one shard in `shard`, numbers that do not fall."""
    cuts = (np.flatnonzero(shard[1:] != shard[:-1]) + 1).tolist()
    for begin, end in zip([0, *cuts], [*cuts, len(shard)], strict=True):
        if end > begin:
            yield shards[int(shard[begin])], slice(begin, end)
