"""Keys of records, and which keys two sides share. Sorting and searching, never pairs."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Keys", "Shared", "hash_of", "shared"]


def hash_of(text: str) -> int:
    """64 bits of BLAKE2b: among a hundred million keys two meet by chance once in 3,700 runs."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


class Keys:
    """(key, record) pairs of one kind, 12 bytes each."""

    def __init__(self) -> None:
        self._keys, self._owners = array("Q"), array("I")

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: int, owner: int) -> None:
        """Notes that a record has a key."""
        self._keys.append(key)
        self._owners.append(owner)

    @property
    def keys(self) -> NDArray[np.uint64]:
        """The keys, [n]."""
        return np.frombuffer(self._keys, np.uint64) if self._keys else np.zeros(0, np.uint64)

    @property
    def owners(self) -> NDArray[np.uint32]:
        """The records, [n]."""
        return np.frombuffer(self._owners, np.uint32) if self._owners else np.zeros(0, np.uint32)


class Shared(NamedTuple):
    """What two sides share: records hit on either side, distinct keys, some (train, eval)."""

    train: int
    eval: int
    keys: int
    examples: tuple[tuple[int, int], ...]


def shared(train: Keys, measured: Keys, examples: int = 5) -> Shared:
    """The keys that both sides have."""
    both = np.intersect1d(train.keys, measured.keys)
    if not len(both):
        return Shared(0, 0, 0, ())
    hit_train, hit_eval = np.isin(train.keys, both), np.isin(measured.keys, both)
    return Shared(
        len(np.unique(train.owners[hit_train])),
        len(np.unique(measured.owners[hit_eval])),
        len(both),
        tuple(_examples(train, measured, both[:examples])),
    )


def _examples(train: Keys, measured: Keys, keys: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    for key in keys:
        left = int(train.owners[np.flatnonzero(train.keys == key)[0]])
        yield left, int(measured.owners[np.flatnonzero(measured.keys == key)[0]])
