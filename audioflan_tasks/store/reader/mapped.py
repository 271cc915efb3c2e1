"""Arrays of a store, mapped: the views are read-only, and keep no file handle.

Arrow maps them, since `numpy.memmap` keeps a handle open for as long as the array lives: a store of
the whole release has more files than a process may have handles.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audioflan_tasks.errors import StoreError, reason_of
from audioflan_tasks.store.packed import unpacked_arrays

__all__ = ["map_array", "map_arrays"]


def map_array(path: Path) -> NDArray[Any]:
    """The array of a .npy file.

    Raises:
      StoreError: it is not there or damaged.
    """
    with _naming(path):
        with path.open("rb") as handle:
            np.lib.format.read_magic(handle)
            shape, _, kind = np.lib.format.read_array_header_1_0(handle)
            begin = handle.tell()
        count = math.prod(shape)
        if not count:
            return np.zeros(shape, kind)
        array: NDArray[Any] = np.frombuffer(_mapped(str(path)), kind, count, begin).reshape(shape)
        return array


def map_arrays(path: str) -> dict[str, NDArray[Any]]:
    """The arrays of a file of several (`store.packed`), by name.

    Raises:
      StoreError: it is not there or damaged.
    """
    with _naming(path):
        return unpacked_arrays(memoryview(_mapped(path)))


def _mapped(path: str) -> pa.Buffer:
    return pa.memory_map(path).read_buffer()


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Names the file in what goes wrong."""
    try:
        yield
    except (OSError, ValueError, EOFError) as error:
        raise StoreError(
            f"{path}: not readable ({reason_of(error)}); if the store was built again since it "
            "was opened, open it anew, else run audioflan verify"
        ) from error
