"""Mapped Arrow tables of a store, and how keys of clips are sorted into buckets."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from audioflan_tasks.errors import StoreError

__all__ = ["open_table", "range_of", "short"]


def open_table(path: Path) -> pa.Table:
    """An Arrow file of the store as a table over the mapped file.

    Raises:
      StoreError: it is not there or not readable.
    """
    try:
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(
            f"{path}: not readable ({error}); run audioflan verify on the store"
        ) from error


def range_of(keys: Any, bucket: int, bits: int) -> slice:
    """The places of a bucket's keys in a sorted array of keys."""
    if not bits:
        return slice(0, len(keys))
    low = np.uint64(bucket << (64 - bits))
    high = np.uint64(((bucket + 1) << (64 - bits)) - 1)
    first = int(np.searchsorted(keys, low, "left"))
    return slice(first, int(np.searchsorted(keys, high, "right")))


def short(identity: str) -> str:
    """An identity as the table keeps it."""
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
