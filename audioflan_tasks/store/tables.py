"""Arrow tables of a store: written, mapped, and sorted into buckets by the keys of clips."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from audioflan_tasks.errors import StoreError, reason_of
from audioflan_tasks.plain_files import refuse_pipes
from audioflan_tasks.store.files import Write
from audioflan_tasks.store.remote_units import unit_file

__all__ = ["arrow_file", "bucket_slice", "column_of", "open_table", "short"]


def open_table(path: Path, inspect: Callable[[pa.Buffer], None] | None = None) -> pa.Table:
    """An Arrow file of the store as a table over the mapped file.

    Args:
      inspect: called with the bytes of the file before anything is read from them.

    Raises:
      StoreError: it is not there or not readable.
    """
    try:
        with unit_file(path):
            refuse_pipes(path)
            buffer = pa.memory_map(str(path)).read_buffer()
        if inspect is not None:
            inspect(buffer)
        return pa.ipc.open_file(pa.BufferReader(buffer)).read_all()
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(
            f"{path}: not readable ({reason_of(error)}); if the store was built again since "
            "it was opened, open it anew, else run audioflan verify"
        ) from error


def arrow_file(schema: pa.Schema, columns: dict[str, Any]) -> Write:
    """A function that writes columns as one Arrow IPC file into an open file."""

    def write(handle: BinaryIO) -> None:
        arrays = [_array(columns[field.name], field.type) for field in schema]
        batch = pa.record_batch(arrays, schema=schema)
        with pa.ipc.new_file(handle, schema) as writer:
            writer.write_batch(batch)

    return write


def column_of(table: pa.Table, name: str) -> pa.Array:
    """A column of a table that was written as one batch, as a view."""
    column = table[name]
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def bucket_slice(table: pa.Table, column: str, bucket: int, bits: int) -> pa.Table:
    """The rows of a bucket, in a table that is sorted by a column of keys."""
    keys = table[column].to_numpy() if len(table) else np.zeros(0, np.uint64)
    if not bits:
        return table
    low = np.uint64(bucket << (64 - bits))
    high = np.uint64(((bucket + 1) << (64 - bits)) - 1)
    first = int(np.searchsorted(keys, low, "left"))
    return table.slice(first, int(np.searchsorted(keys, high, "right")) - first)


def short(identity: str) -> str:
    """An identity as the table keeps it."""
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, kind)
