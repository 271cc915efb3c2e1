"""Rows of one manifest shard, read from the mapped file without parsing the others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audioflan_tasks.records import Instance
from audioflan_tasks.store.groups import ShardGroups
from audioflan_tasks.store.reader.block_checks import FileCheck, StoreChecks
from audioflan_tasks.store.reader.column_check import ColumnCheck
from audioflan_tasks.store.reader.file_parts import FileHandles
from audioflan_tasks.store.schema import OwnFields, RowGroup, ShardEntry, SharedFields
from audioflan_tasks.store.tables import column_of, open_table

__all__ = ["ShardFiles", "ShardRows", "numbers_of"]

_decode_shared = msgspec.json.Decoder(SharedFields).decode
_decode_own = msgspec.json.Decoder(OwnFields).decode
_NOTHING_OWN = OwnFields()


class ShardRows:
    """The records of a shard by place.

    `groups` gives its groups in the order of the rows; `lines_before` has for source files how many
    of their lines come before the shard's.
    """

    def __init__(
        self,
        path: str | Path,
        groups: Callable[[], Sequence[RowGroup]],
        lines_before: Mapping[str, int] | None = None,
        checks: StoreChecks | None = None,
    ) -> None:
        self.path, self._lines_before = path, lines_before or {}
        self._read_groups, self._checks = groups, checks
        self._check: FileCheck | None = None
        self._column_checks: dict[str, ColumnCheck] = {}

    @cached_property
    def groups(self) -> Sequence[RowGroup]:
        """The groups of the shard in the order of its rows."""
        return self._read_groups()

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(group.rows for group in self.groups))

    @property
    def count(self) -> int:
        """Number of rows."""
        return self._ends[-1] if self._ends else 0

    @cached_property
    def table(self) -> pa.Table:
        """The whole shard as an Arrow table over the mapped file.

        Raises:
          StoreError: the file is not there or not readable.
        """
        return open_table(Path(self.path), self._inspect)

    def _inspect(self, buffer: pa.Buffer) -> None:
        if self._checks is not None:
            self._check = self._checks.of(str(self.path), buffer)

    @cached_property
    def clips(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """Keys of the spans of all rows, and where those of each row begin [rows + 1]."""
        if not self.count:
            return np.zeros(0, np.uint64), np.zeros(1, np.int32)
        column = self._whole("clips")
        return numbers_of(column.values), numbers_of(column.offsets)

    @cached_property
    def clips_in(self) -> NDArray[np.int16]:
        """How many of each row's spans belong to its input."""
        return numbers_of(self._whole("clips_in"))

    @cached_property
    def unseen(self) -> NDArray[np.bool_]:
        """Which rows say `unseen: true`, [rows]."""
        column = self._whole("shared")
        flags = [_shared_fields(text).unseen for text in column.dictionary.to_pylist()]
        unseen: NDArray[np.bool_] = np.array(flags, np.bool_)[numbers_of(column.indices)]
        return unseen

    @property
    def corpora(self) -> tuple[list[str], NDArray[np.int64]]:
        """Names of corpora, and for each row the number of its corpus among them [rows].

        A name may stand there several times.
        """
        column = self._whole("shared")
        names = [_shared_fields(text).corpus for text in column.dictionary.to_pylist()]
        return names, numbers_of(column.indices).astype(np.int64)

    def outputs(self, begin: int, end: int) -> list[str]:
        """Outputs of the rows from `begin` to before `end`."""
        texts: list[str] = self._whole("output").slice(begin, end - begin).to_pylist()
        return texts

    def place(self, row: int) -> tuple[str, int]:
        """Source file of a row, and its line there, from 1."""
        file, line = self._fields(row, "file", "line")
        return file, line + self._lines_before.get(file, 0)

    def where(self, row: int) -> str:
        """The same as "file:line"."""
        return ":".join(map(str, self.place(row)))

    def task(self, row: int) -> str:
        """Task id of a row."""
        return self._group(row).task

    def _group(self, row: int) -> RowGroup:
        return self.groups[bisect_right(self._ends, row)]

    def uuids(self, rows: NDArray[np.int64]) -> list[str]:
        """Uuids of records."""
        return self._of_rows("uuid", rows)

    def instance(self, row: int) -> Instance:
        """The record of a row."""
        group = self._group(row)
        instruction, input_, output, lead_in, uuid, shared_text, own_text = self._fields(
            row, "instruction", "input", "output", "lead_in", "uuid", "shared", "own"
        )
        shared, own = _shared_fields(shared_text), _own_fields(own_text)
        return Instance(
            instruction=instruction, input=input_, output=output, lead_in=lead_in, uuid=uuid,
            split=group.split, task=group.task,  # type: ignore[arg-type]
            minor=shared.minor, major=shared.major, paper_category=shared.paper_category,
            unseen=shared.unseen, domain=shared.domain, corpus=shared.corpus,
            vocabulary=shared.vocabulary, source=shared.source, raw=shared.raw,
            other=own.other, audio_path=own.audio_path,
            audio_start=own.audio_start, audio_end=own.audio_end,
            where=self.where(row),
        )  # fmt: skip

    @cached_property
    def _columns(self) -> dict[str, Any]:
        # A shard is one batch: a chunk is a view, which `combine_chunks` would copy.
        return {name: column_of(self.table, name) for name in self.table.column_names}

    # A record is checked alone: a column of the shard is megabytes.

    def _fields(self, row: int, *names: str) -> list[Any]:
        """Fields of a row, checked."""
        columns = [self._checked(name, [row]) for name in names]
        return [column[row].as_py() for column in columns]

    def _of_rows(self, name: str, rows: NDArray[np.int64]) -> list[Any]:
        """A field of rows, checked."""
        values: list[Any] = self._checked(name, rows.tolist()).take(pa.array(rows)).to_pylist()
        return values

    def _checked(self, name: str, rows: Sequence[int]) -> pa.Array:
        """A column of which these rows are checked."""
        column = self._columns[name]
        if self._check is not None:
            if name not in self._column_checks:
                self._column_checks[name] = ColumnCheck(self._check, column)
            check_row = self._column_checks[name].check_row
            for row in rows:
                check_row(row)
        return column

    def _whole(self, name: str) -> pa.Array:
        """A column, all of it checked."""
        column = self._columns[name]
        if self._check is not None:
            self._check.check_array(column)
        return column


@dataclass(frozen=True, slots=True)
class ShardFiles:
    """The manifest shards of a store, each of which is opened when its records are read.

    `handles` are those of the files beside them.
    """

    store: Path
    entries: Sequence[ShardEntry]
    groups: ShardGroups
    checks: StoreChecks
    handles: FileHandles

    def rows(self, number: int) -> ShardRows:
        """The records of a shard."""
        entry = self.entries[number]
        path = f"{self.store}/manifest/{entry.unit}.arrow"
        return ShardRows(path, partial(self.groups.of_shard, number), entry.before, self.checks)


def numbers_of(array: pa.Array) -> NDArray[Any]:
    """An array of numbers without nulls as a view; Arrow's own way imports pandas for it."""
    kind = array.type.to_pandas_dtype()
    if not len(array):
        return np.zeros(0, kind)
    begin = array.offset * np.dtype(kind).itemsize
    return np.frombuffer(array.buffers()[1], kind, len(array), begin)


@lru_cache(maxsize=4096)
def _shared_fields(text: str) -> SharedFields:
    return _decode_shared(text)


def _own_fields(text: str | None) -> OwnFields:
    return _decode_own(text) if text else _NOTHING_OWN
