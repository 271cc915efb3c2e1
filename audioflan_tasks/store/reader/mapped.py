"""Arrays of a store, mapped."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audioflan_tasks.errors import StoreError, reason_of

__all__ = ["map_array"]


def map_array(path: Path) -> NDArray[Any]:
    """The array of a .npy file as a read-only view of the mapped file.

    Arrow maps it, since `numpy.memmap` keeps a file handle open for as long as the array
    lives: a store of the whole release has more files than a process may have handles.

    Raises:
      StoreError: it is not there or damaged.
    """
    try:
        with path.open("rb") as handle:
            np.lib.format.read_magic(handle)
            shape, _, kind = np.lib.format.read_array_header_1_0(handle)
            begin = handle.tell()
        count = math.prod(shape)
        if not count:
            return np.zeros(shape, kind)
        buffer = pa.memory_map(str(path)).read_buffer()
        array: NDArray[Any] = np.frombuffer(buffer, kind, count, begin).reshape(shape)
        return array
    except (OSError, ValueError, EOFError) as error:
        raise StoreError(
            f"{path}: not readable ({reason_of(error)}); if the store was built again since it "
            "was opened, open it anew, else run audioflan verify"
        ) from error
