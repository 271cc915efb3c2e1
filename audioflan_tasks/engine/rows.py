"""What the engine reads rows from: a corpus, or a memory-mapped store."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures import Mix
from audioflan_tasks.records import Instance
from audioflan_tasks.store import ShardReader

__all__ = ["RowStore", "Rows", "rows_of"]

I64 = NDArray[np.int64]

# Rows whose content stands for that of all, beside their number.
_PROBES = 4


@runtime_checkable
class RowStore(Protocol):
    """The reading surface of a store; task ids are without prefix."""

    tokenizer: str
    text: str

    @property
    def codebook_sizes(self) -> tuple[int, ...]: ...

    def pairs(self) -> Sequence[tuple[str, str]]: ...

    def size(self, task: str, split: str) -> int: ...

    def instance(self, task: str, split: str, row: int) -> Instance: ...

    def shards(self, task: str, split: str) -> Sequence[tuple[ShardReader, int, int]]:
        """The shards of a task's rows in order: a reader, what to add to a row to have its place
        among the usable rows there, and the number after its last row."""
        ...

    def codes(self, task: str, split: str, row: int) -> list[NDArray[np.uint16]]:
        """[frames, codebooks] of each audio span, input before output."""
        ...

    def text_ids(self, task: str, split: str, row: int) -> list[NDArray[Any]]: ...

    def lengths(self, task: str, split: str) -> NDArray[Any]:
        """All rows: text_in, text_out, frames_in, frames_out, seconds_in, seconds_out."""
        ...


class Rows:
    """Rows of one split of a corpus, by registry name; those that a mixture's filter keeps."""

    def __init__(self, corpus: Corpus, split: str, kept: Mapping[str, I64] | None = None) -> None:
        self.corpus, self.split = corpus, split
        self.store = cast("RowStore | None", getattr(corpus, "store", None))
        self._kept = kept
        self._prints: dict[str, bytes] = {}

    @property
    def sizes(self) -> dict[str, int]:
        """Rows by task, for those that have any."""
        if self._kept is None:
            return self.corpus.sizes(self.split)
        return {task: len(rows) for task, rows in self._kept.items() if len(rows)}

    def at(self, task: str, row: int) -> int:
        """The row of the corpus that a row stands for."""
        return row if self._kept is None else int(self._kept[task][row])

    def all_at(self, tasks: Sequence[str], task: I64, row: I64) -> I64:
        """The same for many rows, each of the task of that number."""
        if self._kept is None:
            return row
        found = np.empty_like(row)
        for number in np.unique(task).tolist():
            here = task == number
            found[here] = self._kept[tasks[number]][row[here]]
        return found

    def instance(self, task: str, row: int) -> Instance:
        """The record of a row."""
        return self.corpus.instance(task, self.split, self.at(task, row))

    def lengths(self, task: str) -> NDArray[Any] | None:
        """Measured lengths of all rows of a task, or None where there is no store."""
        if self.store is None:
            return None
        found = self.store.lengths(task.removeprefix(PREFIX), self.split)
        return found if self._kept is None else found[self._kept[task]]

    def fingerprint(self, task: str) -> bytes:
        """Two bytes that change with the number of rows of a task, and with most other changes.

        A few records are read, none of the audio.
        """
        found = self._prints.get(task)
        if found is None:
            size = self.sizes.get(task, 0)
            digest = hashlib.sha256(f"{task}\x1f{self.split}\x1f{size}".encode())
            for row in sorted(
                {i * (size - 1) // (_PROBES - 1) for i in range(_PROBES)} if size else ()
            ):
                one = self.instance(task, row)
                digest.update(f"\x1f{one.uuid}\x1f{one.input}\x1f{one.output}".encode())
            found = self._prints[task] = digest.digest()[:2]
        return found


def rows_of(mix: Mix, corpus: Corpus, split: str) -> Rows:
    """The rows that a mixture draws from; every record is read once where it filters rows.

    Raises:
      MixtureError: the filter leaves nothing.
    """
    if not mix.rows:
        return Rows(corpus, split)
    kept: dict[str, list[int]] = defaultdict(list)
    for task in mix.tasks:
        for row in range(corpus.size(task, split)):
            if mix.rows.keeps(corpus.instance(task, split, row)):
                kept[task].append(row)
    if not kept:
        raise MixtureError(f"no record of split {split!r} passes the filter {mix.rows.description}")
    return Rows(corpus, split, {task: np.array(rows, np.int64) for task, rows in kept.items()})
