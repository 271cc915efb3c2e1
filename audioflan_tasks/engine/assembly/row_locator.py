"""Where the rows of tasks lie in a store, for many rows at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.engine.rows import RowStore
from audioflan_tasks.errors import StoreError
from audioflan_tasks.store import ORDER, ROW, ByteSlices, ShardReader, changed_items

__all__ = [
    "RowLocations",
    "RowLocator",
    "by_shard",
    "check_items",
    "gathered",
    "outside_error",
]

I64 = NDArray[np.int64]
_T = TypeVar("_T")

# Rows of one shard from which on numpy takes them quicker together than one by one.
_ROWS_A_SHARD = 8


@dataclass(frozen=True, slots=True)
class RowLocations:
    """Where rows lie, sorted by shard: shard (a number in `shards`) and offset there of each, its
    `store.layout.ROW`, and `order`, its place among the rows asked for."""

    shards: Mapping[int, ShardReader]
    shard: I64
    offset: I64
    heads: NDArray[Any]
    order: I64

    def only(self, rows: slice | I64) -> RowLocations:
        """Those of these rows, whose numbers rise."""
        columns = (self.shard[rows], self.offset[rows], self.heads[rows], self.order[rows])
        return RowLocations(self.shards, *columns)

    def after(self, rows: I64, order: I64) -> RowLocations:
        """The same with `rows` before them, which lie in no shard; `order` is for the others."""
        nowhere = np.zeros(len(rows), np.int64)
        return replace(
            self,
            shard=np.concatenate([nowhere, self.shard]),
            offset=np.concatenate([nowhere, self.offset]),
            heads=np.concatenate([np.zeros(len(rows), ROW), self.heads]),
            order=np.concatenate([rows, order]),
        )

    @classmethod
    def nowhere(cls, count: int) -> RowLocations:
        """Rows that lie in no shard."""
        zeros = np.zeros(count, np.int64)
        return cls({}, zeros, zeros, np.zeros(count, ROW), np.arange(count))


class RowLocator:
    """Locates rows given as (index into `tasks`, row of the corpus)."""

    def __init__(self, store: RowStore, split: str, tasks: Sequence[str]) -> None:
        self._store = store
        runs = [store.task_rows(task.removeprefix(PREFIX), split) for task in tasks]
        self._base = np.cumsum([0, *(rows.count for rows in runs)])
        shifted = list(zip(runs, self._base.tolist(), strict=False))
        self._ends = np.concatenate([rows.ends + base for rows, base in shifted])
        self._offsets = np.concatenate([rows.offsets - base for rows, base in shifted])
        self._shard_numbers = np.concatenate([rows.shards for rows in runs])

    def locate(self, task: I64, row: I64) -> RowLocations:
        """Where these rows are."""
        key = self._base[task] + row
        run = np.searchsorted(self._ends, key, side="right")
        shard, offset = self._shard_numbers[run], key + self._offsets[run]
        order = np.argsort(shard, kind="stable")
        shard, offset = shard[order], offset[order]
        shards = {n: self._store.shard(n) for n in dict.fromkeys(shard.tolist())}
        if not _is_spread(shards, shard):
            for reader, rows in by_shard(shards, shard):
                reader.expect_reads(rows.stop - rows.start)
        offset = _places(shards, shard, offset)
        head_bytes = {n: reader.head_bytes for n, reader in shards.items()}
        heads = gathered(head_bytes, shard, offset, ROW)
        check_items(shards, shard, offset, heads)
        return RowLocations(shards, shard, offset, heads, order)


def gathered(
    views: Mapping[int, ByteSlices], shard: I64, places: I64, kind: np.dtype[Any]
) -> NDArray[Any]:
    """Items of arrays of many shards, which `views` has as bytes: item places[i] of shard[i].

    Raises:
      StoreError: there is no such item.
    """
    in_memory = {n: view for n, view in views.items() if isinstance(view, memoryview)}
    if len(in_memory) < len(views) or _is_spread(views, shard):
        return _joined(views, shard, places, kind)
    if places.min(initial=0) < 0:
        raise outside_error()
    items = np.empty(len(shard), kind)
    for view, rows in by_shard(in_memory, shard):
        items[rows] = _items(view, places[rows], kind)
    return items


def _is_spread(values: Mapping[int, object], shard: I64) -> bool:
    """Whether rows lie in so many shards that what is done for each shard counts."""
    return len(shard) < _ROWS_A_SHARD * len(values)


def _items(view: memoryview, places: I64, kind: np.dtype[Any]) -> NDArray[Any]:
    """Items of one array; no place is below 0, which numpy takes as counted from the end."""
    try:
        return np.frombuffer(view, kind)[places]
    except IndexError:
        raise outside_error() from None


def _joined(
    views: Mapping[int, ByteSlices], shard: I64, places: I64, kind: np.dtype[Any]
) -> NDArray[Any]:
    """The same one by one, which is quicker where nearly each row lies in a shard of its own."""
    size = kind.itemsize
    begins = (places * size).tolist()
    items = [
        views[n][begin : begin + size] for n, begin in zip(shard.tolist(), begins, strict=True)
    ]
    data = b"".join(items)
    if len(data) != size * len(begins):
        raise outside_error()
    return np.frombuffer(data, kind)


def check_items(
    shards: Mapping[int, ShardReader], shard: I64, places: I64, items: NDArray[Any]
) -> None:
    """Compares items, but for texts, with their checks: items[i] is from places[i] of shard[i].

    Raises:
      StoreError: one has changed since it was written.
    """
    if any(reader.is_checked for reader in shards.values()):
        for number in changed_items(items, places):
            raise shards[int(shard[number])].item_fault(items.dtype, int(places[number]))


def outside_error() -> StoreError:
    """The error that an item or a text lies nowhere."""
    return StoreError("a row points to the outside of its shard; run audioflan verify")


def by_shard(values: Mapping[int, _T], shard: I64) -> Iterator[tuple[_T, slice]]:
    """Runs of one number in `shard`, with the value that it has."""
    cuts = (np.flatnonzero(shard[1:] != shard[:-1]) + 1).tolist()
    for begin, end in zip([0, *cuts], [*cuts, len(shard)], strict=True):
        if end > begin:
            yield values[int(shard[begin])], slice(begin, end)


def _places(shards: Mapping[int, ShardReader], shard: I64, usable: I64) -> I64:
    """Places in their shards of usable rows of these numbers."""
    orders = {n: reader.order_bytes for n, reader in shards.items() if reader.has_order}
    if not orders:
        return usable
    rows = np.flatnonzero(np.isin(shard, list(orders)))
    order = gathered(orders, shard[rows], usable[rows], ORDER)
    check_items(shards, shard[rows], usable[rows], order)
    places = usable.copy()
    places[rows] = order["place"]
    return places
