"""From an audio id to its codes, through the clip table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audioflan_tasks.store.layout import OK, bucket_of, key_of
from audioflan_tasks.store.reader.block_checks import StoreChecks
from audioflan_tasks.store.reader.mapped import map_array
from audioflan_tasks.store.reader.rows import numbers_of
from audioflan_tasks.store.schema import CodeSet
from audioflan_tasks.store.tables import column_of, open_table

__all__ = ["ClipTable", "CodeRange"]


@dataclass(frozen=True, slots=True)
class CodeRange:
    """A code bucket, and the frames from start to end in it."""

    bucket: int
    start: int
    end: int


class ClipTable:
    """The clip table and the code indices of one code set of a store."""

    def __init__(self, store: Path, codes: CodeSet, checks: StoreChecks) -> None:
        self._checks = checks
        self._table_folder, self._code_folder = store / codes.clips, store / codes.codes
        self._table_units, self._code_units = codes.clip_units, codes.code_units
        self._table_bits = len(self._table_units).bit_length() - 1
        self._code_bits = len(self._code_units).bit_length() - 1
        # Bounded: a store of terabytes has thousands of buckets.
        self._table = lru_cache(maxsize=512)(self._open_table)
        self._index = lru_cache(maxsize=512)(self._open_index)

    def find(self, audio_id: str) -> CodeRange | None:
        """The codes of an audio id; None if there are none."""
        key = key_of(audio_id)
        keys, contents = self._table(bucket_of(key, self._table_bits))
        n = int(np.searchsorted(keys, np.uint64(key)))
        if n == len(keys) or keys[n] != key:
            return None
        content = int(contents[n])
        bucket = bucket_of(content, self._code_bits)
        index = self._index(bucket)
        n = int(np.searchsorted(index["key"], np.uint64(content)))
        if n == len(index) or index["key"][n] != content or index["status"][n] != OK:
            return None
        start = int(index["start"][n])
        return CodeRange(bucket, start, start + int(index["frames"][n]))

    def _open_table(self, bucket: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Keys of ids, sorted, and the content of each."""
        path = self._table_folder / f"{self._table_units[bucket]}.arrow"

        def inspect(buffer: pa.Buffer) -> None:
            check = self._checks.of(str(path), buffer)
            if check is not None:
                check.check_all()

        table = open_table(path, inspect)
        names = ("by_key", "key", "content")
        by_key, keys, contents = (numbers_of(column_of(table, name)) for name in names)
        return keys[by_key], contents[by_key]

    def _open_index(self, bucket: int) -> NDArray[Any]:
        path = self._code_folder / f"{self._code_units[bucket]}.index.npy"
        return map_array(path, self._checks)
