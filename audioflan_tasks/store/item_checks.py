"""Items of arrays that carry a check of their own, so that a reader checks only what it reads.

A row of a shard lies in five places, and batches take few rows of many shards: blocks of a file
would be checked nearly whole for each row, and again remembered. The last field of an item's type
is `check`. That of a text is the CRC-32 of its ids, started from its place in the shard. That of
all others is a multilinear hash of their 32-bit words and their place (Lemire and Kaser, 2014,
"Strongly universal string hashing is fast"): many items are checked by one product.
"""

from __future__ import annotations

import hashlib
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

__all__ = ["changed_items", "text_check", "with_checks"]

_MOST_WORDS = 15
_WEIGHTS = np.frombuffer(
    hashlib.shake_128(b"audioflan_tasks.store.item_checks").digest(8 * (_MOST_WORDS + 1)), "<u8"
)
_UPPER_HALF = np.uint64(32)

# The check of the text at a place of its shard: `text_check(ids as bytes, place)`. A function
# around it would cost as much again, for each text of a batch.
text_check = crc32


def with_checks(items: NDArray[Any]) -> NDArray[Any]:
    """All items of an array of a shard; their checks are written into it."""
    items["check"] = _checks_of(items, np.arange(len(items)))
    return items


def changed_items(items: NDArray[Any], places: NDArray[np.int64]) -> list[int]:
    """Numbers of the items that are not what was written at these places of their shards."""
    return np.flatnonzero(items["check"] != _checks_of(items, places)).tolist()


def _checks_of(items: NDArray[Any], places: NDArray[np.int64]) -> NDArray[np.uint32]:
    words = items.view("<u4").reshape(len(items), items.dtype.itemsize // 4)[:, :-1]
    sums = words.astype(np.uint64) @ _WEIGHTS[: words.shape[1]]
    sums += places.astype(np.uint64) * _WEIGHTS[-1]
    checks: NDArray[np.uint32] = (sums >> _UPPER_HALF).astype(np.uint32)
    return checks
