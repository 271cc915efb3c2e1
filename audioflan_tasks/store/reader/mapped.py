"""Arrays of a store, mapped: the views are read-only, and keep no file handle.

Arrow maps them, since `numpy.memmap` keeps a handle open for as long as the array lives: a store of
the whole release has more files than a process may have handles.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audioflan_tasks.errors import StoreError, reason_of
from audioflan_tasks.store.packed import unpacked_arrays
from audioflan_tasks.store.reader.block_checks import FileCheck, StoreChecks

__all__ = ["MappedArray", "check_items", "map_array", "map_arrays", "map_lazily"]

# Much more than the header of an array has.
_HEADER_BYTES = 4096


class MappedArray:
    """An array of a mapped file; the blocks of its items are checked as these are read.

    `values` may hold what is not checked yet.
    """

    __slots__ = ("_begin", "_check", "_data", "values")

    def __init__(self, values: NDArray[Any], begin: int, check: FileCheck | None) -> None:
        self.values, self._begin, self._check = values, begin, check
        self._data: memoryview | None = None

    @property
    def is_checked(self) -> bool:
        """Whether nothing of the file is left to check."""
        return self._check is None or self._check.is_done

    @property
    def data(self) -> memoryview:
        """`values` as bytes: a slice of bytes costs a tenth of one of an array."""
        if self._data is None:
            self._data = self.values.reshape(-1).view(np.uint8).data
        return self._data

    def check(self, first: int, count: int) -> None:
        """Checks the blocks of `count` items from `first` on that were not yet.

        Raises:
          StoreError: one has changed since it was written.
        """
        if self._check is not None:
            size = self.values.strides[0]
            begin = self._begin + first * size
            self._check.check(begin, begin + count * size)

    def part(self, first: int, count: int) -> NDArray[Any]:
        """`count` items from `first` on, checked."""
        self.check(first, count)
        return self.values[first : first + count]

    def whole(self) -> NDArray[Any]:
        """All items, checked."""
        return self.part(0, len(self.values))


def check_items(
    arrays: Mapping[int, MappedArray],
    number: NDArray[Any],
    first: NDArray[Any],
    count: NDArray[Any],
) -> None:
    """Checks `count[i]` items from `first[i]` on of `arrays[number[i]]`, for each i.

    Raises:
      StoreError: a block of them has changed since it was written.
    """
    partly_checked = {n: array for n, array in arrays.items() if not array.is_checked}
    if partly_checked:
        columns = (number.tolist(), first.tolist(), count.tolist())
        for n, begin, size in zip(*columns, strict=True):
            if n in partly_checked:
                partly_checked[n].check(begin, size)


def map_array(path: Path, checks: StoreChecks | None = None) -> NDArray[Any]:
    """As `map_lazily`, the array alone; all of it is checked."""
    return map_lazily(path, checks).whole()


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


def map_arrays(path: str, checks: StoreChecks | None = None) -> dict[str, MappedArray]:
    """The arrays of a file of several (`store.packed`), by name; its header is checked.

    Raises:
      StoreError: it is not there or damaged.
    """
    with _naming(path):
        buffer = _mapped(path)
        check = None if checks is None else checks.of(path, buffer)
        arrays = unpacked_arrays(memoryview(buffer))
        return {name: MappedArray(a.values, a.begin, check) for name, a in arrays.items()}


def _mapped(path: str) -> pa.Buffer:
    return pa.memory_map(path).read_buffer()


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Names the file in what goes wrong."""
    try:
        yield
    except (OSError, ValueError, EOFError, SyntaxError) as error:
        raise StoreError(
            f"{path}: not readable ({reason_of(error)}); if the store was built again since it "
            "was opened, open it anew, else run audioflan verify"
        ) from error
