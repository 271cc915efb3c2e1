"""Arrays of a store, mapped: the views are read-only, and keep no file handle.

Arrow maps them, since `numpy.memmap` keeps a handle open for as long as the array lives: a store of
the whole release has more files than a process may have handles.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audioflan_tasks.errors import StoreError, reason_of
from audioflan_tasks.npy_files import NPY_FAULTS
from audioflan_tasks.plain_files import refuse_pipes
from audioflan_tasks.store.packed import PackedArrays
from audioflan_tasks.store.reader.block_checks import FileCheck, StoreChecks
from audioflan_tasks.store.remote_units import unit_file

__all__ = ["MappedArray", "map_array", "map_arrays", "map_lazily", "unreadable_error"]

# Much more than the header of an array has.
_HEADER_BYTES = 4096


@dataclass(frozen=True, slots=True)
class MappedArray:
    """An array, where in its file it begins in bytes, and the check of what is read of it."""

    values: NDArray[Any]
    begin: int
    check: FileCheck | None

    def check_items(self, first: int, count: int) -> bool:
        """Checks the blocks of `count` items from `first` on; whether all blocks are checked."""
        if self.check is None:
            return True
        size = self.values.strides[0]
        begin = self.begin + first * size
        self.check.check(begin, begin + count * size)
        return self.check.is_done


def map_array(path: Path, checks: StoreChecks | None = None) -> NDArray[Any]:
    """As `map_lazily`, the array alone; all of it is checked."""
    mapping = map_lazily(path, checks)
    if mapping.check is not None:
        mapping.check.check_all()
    return mapping.values


def map_lazily(path: Path, checks: StoreChecks | None = None) -> MappedArray:
    """The array of a .npy file; its header is checked.

    Raises:
      StoreError: it is not there or damaged.
    """
    with _naming(path):
        buffer = _mapped(str(path))
        check = None if checks is None else checks.of(str(path), buffer)
        handle = io.BytesIO(buffer.slice(0, min(buffer.size, _HEADER_BYTES)).to_pybytes())
        np.lib.format.read_magic(handle)
        shape, _, kind = np.lib.format.read_array_header_1_0(handle)
        begin, count = handle.tell(), math.prod(shape)
        flat = np.frombuffer(buffer, kind, count, begin) if count else np.zeros(0, kind)
        return MappedArray(flat.reshape(shape), begin, check)


def map_arrays(path: str) -> PackedArrays:
    """The arrays of a file of several (`store.packed`), by name; its header and size are checked.

    Raises:
      StoreError: it is not there or damaged.
    """
    with _naming(path):
        return PackedArrays(memoryview(_mapped(path)))


def _mapped(path: str) -> pa.Buffer:
    """The bytes of a file.

    Arrow has the system read ahead all that is read of a map, which would be megabytes for a row or
    two: it is asked for the first byte, where the others lie too.
    """
    with unit_file(path):
        refuse_pipes(path)
        file = pa.memory_map(path)
    first = file.read_buffer(1)
    return pa.foreign_buffer(first.address, file.size(), first) if first.size else first


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Names the file in what goes wrong."""
    try:
        yield
    except (OSError, *NPY_FAULTS) as error:
        raise unreadable_error(path, error) from error


def unreadable_error(path: str | Path, error: Exception) -> StoreError:
    """The error that a file of a store is not there, or damaged."""
    return StoreError(
        f"{path}: not readable ({reason_of(error)}); if the store was built again since it "
        "was opened, open it anew, else run audioflan verify"
    )
