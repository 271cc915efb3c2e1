"""Rows of a store by task, split and shard, in columns: there are hundreds of thousands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.store.schema import GroupTable, RowGroup

__all__ = ["NO_ROWS", "ShardGroups", "TaskRows", "group_table"]

I64 = NDArray[np.int64]
Key = tuple[str, str]

_NUMBER = np.dtype("<i4")


def group_table(shards: Iterable[Sequence[RowGroup]]) -> GroupTable:
    """The groups of shards as `store.json` keeps them."""
    pairs: dict[Key, int] = {}
    counts, numbers, rows = [], [], []
    for groups in shards:
        counts.append(len(groups))
        for group in groups:
            numbers.append(pairs.setdefault((group.task, group.split), len(pairs)))
            rows.append(group.rows)
    columns = (np.array(column, _NUMBER).tobytes() for column in (counts, numbers, rows))
    return GroupTable(tuple(pairs), *columns)


@dataclass(frozen=True, slots=True)
class TaskRows:
    """The rows of a (task, split): numbers of shards, what to add to a row to get its number
    among the usable rows of each, and running totals; arrays [runs]."""

    shards: I64
    offsets: I64
    ends: I64

    @property
    def count(self) -> int:
        """Number of rows."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Shard, offset and end of each run of rows."""
        columns = (self.shards, self.offsets, self.ends)
        return zip(*(column.tolist() for column in columns), strict=True)


NO_ROWS = TaskRows(*[np.zeros(0, np.int64)] * 3)


class ShardGroups:
    """The groups of a store, by shard and by task."""

    def __init__(self, table: GroupTable) -> None:
        self._pairs = table.pairs
        counts, self._numbers, self._rows = (
            np.frombuffer(data, _NUMBER).astype(np.int64)
            for data in (table.counts, table.numbers, table.rows)
        )
        self._ends = np.concatenate([[0], np.cumsum(counts)])

    def of_shard(self, shard: int) -> list[RowGroup]:
        """Groups of a shard in the order of its rows."""
        run = slice(int(self._ends[shard]), int(self._ends[shard + 1]))
        columns = zip(self._numbers[run].tolist(), self._rows[run].tolist(), strict=True)
        groups = [(*self._pairs[number], rows) for number, rows in columns]
        return [RowGroup(task, split, rows) for task, split, rows in groups]

    @cached_property
    def by_task(self) -> dict[Key, TaskRows]:
        """Rows by task and split, of those that have any; rows of no task are left out."""
        rows, numbers = self._rows, self._numbers
        shard = np.repeat(np.arange(len(self._ends) - 1), np.diff(self._ends))
        before = np.cumsum(rows) - rows
        # The first row of each group in its shard.
        first = before - before[np.minimum(self._ends[shard], len(rows) - 1)]
        order = np.argsort(numbers, kind="stable")
        cuts = np.searchsorted(numbers[order], np.arange(len(self._pairs) + 1))
        task_rows = {}
        for number, pair in enumerate(self._pairs):
            groups = order[cuts[number] : cuts[number + 1]]
            groups = groups[rows[groups] > 0]
            if pair[0] and len(groups):
                ends = np.cumsum(rows[groups])
                task_rows[pair] = TaskRows(shard[groups], first[groups] - ends + rows[groups], ends)
        return dict(sorted(task_rows.items()))
