"""Several stores as one corpus."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.config import local_root
from audioflan_tasks.errors import StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of
from audioflan_tasks.store.groups import TaskRows
from audioflan_tasks.store.reader.shard import ShardReader
from audioflan_tasks.store.reader.store import Key, Store

__all__ = ["JoinedStore", "open_store"]


def open_store(
    *paths: str | os.PathLike[str],
    tokenizer: str | None = None,
    text: str | None = None,
    check: bool = True,
) -> Store | JoinedStore:
    """Opens a store, or several as one: their rows follow each other in the order given.

    Args:
      paths: folders of stores, or addresses of stores on servers.
      tokenizer: fingerprint of the tokenizer whose codes are read; None takes the last built.
      text: fingerprint of the text side whose ids are read; None takes the last built.
      check: whether files are checked against their checksums as they are read (`Store`).

    Raises:
      StoreError: no path, one is no finished store, or they have codes or ids of different
        tokenizers.
    """
    if not paths:
        raise StoreError("open_store needs the folder of a store")
    roots = map(local_root, paths)
    stores = [Store(path, tokenizer=tokenizer, text=text, check=check) for path in roots]
    return stores[0] if len(stores) == 1 else JoinedStore(stores)


class JoinedStore:
    """The rows of several stores, with the reading methods of `Store`."""

    def __init__(self, stores: Sequence[Store]) -> None:
        first = stores[0]
        for other in stores[1:]:
            if (other.tokenizer, other.text) != (first.tokenizer, first.text):
                raise StoreError(
                    f"{first.path} has {first.tokenizer or 'no codes'} and "
                    f"{first.text or 'no ids'}, {other.path} has {other.tokenizer or 'no codes'} "
                    f"and {other.text or 'no ids'}; name tokenizer and text that all have, or "
                    "build what is missing"
                )
        self.stores = tuple(stores)
        self.tokenizer, self.text = first.tokenizer, first.text
        self.frame_rate, self.codebook_sizes = first.frame_rate, first.codebook_sizes
        self.fingerprint = f"{seed_of(*(store.fingerprint for store in stores)):016x}"
        keys = sorted({key for store in stores for key in store.pairs()})
        self._ends = {key: list(accumulate(store.size(*key) for store in stores)) for key in keys}

    def __repr__(self) -> str:
        return f"JoinedStore({', '.join(map(repr, self.stores))})"

    def pairs(self) -> tuple[Key, ...]:
        """The (task id, split) pairs that have rows."""
        return tuple(self._ends)

    def size(self, task: str, split: str) -> int:
        """Number of rows of a task in a split."""
        ends = self._ends.get((task.removeprefix(PREFIX), split))
        return ends[-1] if ends else 0

    def locate(self, task: str, split: str, row: int) -> tuple[Store, int]:
        """The store that holds a row, and its number there.

        Raises:
          IndexError: no such row.
        """
        ends = self._ends.get((task.removeprefix(PREFIX), split), [0])
        if not 0 <= row < ends[-1]:
            raise IndexError(f"{task} {split} has {ends[-1]} rows, asked for row {row}")
        number = bisect_right(ends, row)
        return self.stores[number], row - (ends[number - 1] if number else 0)

    def place(self, task: str, split: str, row: int) -> tuple[ShardReader, int]:
        """As `Store.place`."""
        store, store_row = self.locate(task, split, row)
        return store.place(task, split, store_row)

    @cached_property
    def _first_shards(self) -> list[int]:
        return list(accumulate((store.shard_count for store in self.stores), initial=0))

    def shard(self, number: int) -> ShardReader:
        """A shard by its number: those of the first store come first."""
        store = bisect_right(self._first_shards, number) - 1
        return self.stores[store].shard(number - self._first_shards[store])

    def task_rows(self, task: str, split: str) -> TaskRows:
        """As `Store.task_rows`."""
        shards, offsets, ends = [], [], []
        begin = 0
        for store, first_shard in zip(self.stores, self._first_shards, strict=False):
            rows = store.task_rows(task, split)
            shards.append(rows.shards + first_shard)
            offsets.append(rows.offsets - begin)
            ends.append(rows.ends + begin)
            begin += rows.count
        return TaskRows(*map(np.concatenate, (shards, offsets, ends)))

    def instance(self, task: str, split: str, row: int) -> Instance:
        """As `Store.instance`."""
        store, store_row = self.locate(task, split, row)
        return store.instance(task, split, store_row)

    def unseen_rows(self, task: str, split: str) -> NDArray[np.int64]:
        """As `Store.unseen_rows`."""
        begins = [0, *self._ends.get((task.removeprefix(PREFIX), split), ())]
        stores = zip(self.stores, begins, strict=False)
        return np.concatenate([begin + store.unseen_rows(task, split) for store, begin in stores])

    def codes(self, task: str, split: str, row: int) -> list[NDArray[np.uint16]]:
        """As `Store.codes`."""
        store, store_row = self.locate(task, split, row)
        return store.codes(task, split, store_row)

    def text_ids(self, task: str, split: str, row: int) -> list[NDArray[np.integer[Any]]]:
        """As `Store.text_ids`."""
        store, store_row = self.locate(task, split, row)
        return store.text_ids(task, split, store_row)

    def lengths(self, task: str, split: str) -> NDArray[Any]:
        """As `Store.lengths`."""
        key = (task.removeprefix(PREFIX), split)
        lengths = [store.lengths(*key) for store in self.stores if store.size(*key)]
        if not lengths:
            raise IndexError(f"{task} has no rows in {split}")
        return np.concatenate(lengths)
