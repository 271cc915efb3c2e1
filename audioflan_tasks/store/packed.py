"""Several arrays in one file, so that a shard takes one map and not one an array.

The file begins with `AFARRAYS` and the length of a JSON header (8 bytes, little-endian). The
header lists name, dtype (`numpy.lib.format.dtype_to_descr`), length and first byte of each array,
which has one dimension; bytes count from the end of the header, and each array begins at a multiple
of 64.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.store.files import Write

__all__ = ["packed_arrays", "unpacked_arrays"]

_MAGIC = b"AFARRAYS"
_HEAD = len(_MAGIC) + 8
_ALIGNMENT = 64


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    """An array of the file."""

    name: str
    kind: str
    count: int
    begin: int


_decode = msgspec.json.Decoder(tuple[_Entry, ...]).decode
_encode = msgspec.json.Encoder().encode


def packed_arrays(arrays: Mapping[str, NDArray[Any]]) -> Write:
    """A function that writes arrays into an open file, by name."""

    def write(handle: BinaryIO) -> None:
        entries, begin = [], 0
        for name, array in arrays.items():
            kind = json.dumps(np.lib.format.dtype_to_descr(array.dtype))
            entries.append(_Entry(name, kind, len(array), begin))
            begin += _aligned(array.nbytes)
        header = _encode(entries)
        handle.write(_MAGIC + len(header).to_bytes(8, "little") + header)
        handle.write(bytes(_aligned(_HEAD + len(header)) - _HEAD - len(header)))
        for array in arrays.values():
            handle.write(array.tobytes())
            handle.write(bytes(_aligned(array.nbytes) - array.nbytes))

    return write


def unpacked_arrays(data: memoryview) -> dict[str, NDArray[Any]]:
    """The arrays of a file as views of its bytes.

    Raises:
      ValueError: it is no such file, or not all of one.
    """
    if data[: len(_MAGIC)] != _MAGIC:
        raise ValueError("no file of arrays")
    end = _HEAD + int.from_bytes(data[len(_MAGIC) : _HEAD], "little")
    begin = _aligned(end)
    return {entry.name: _array(data, begin, entry) for entry in _decode(data[_HEAD:end])}


def _array(data: memoryview, begin: int, entry: _Entry) -> NDArray[Any]:
    kind = _kind_of(entry.kind)
    if not entry.count:
        return np.zeros(0, kind)
    return np.frombuffer(data, kind, entry.count, begin + entry.begin)


@lru_cache(maxsize=64)
def _kind_of(description: str) -> np.dtype[Any]:
    descr = json.loads(description)
    return np.dtype(descr if isinstance(descr, str) else [tuple(field) for field in descr])


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
