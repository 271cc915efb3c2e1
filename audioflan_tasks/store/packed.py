"""Several arrays in one file, so that a shard takes one map or handle, not one an array.

The file begins with `AFARRAYS`, and length and CRC-32 of a JSON header (4 bytes each,
little-endian). The header lists name, dtype (`numpy.lib.format.dtype_to_descr`), length and first
byte of each array, which has one dimension; bytes count from the end of the header, and each array
begins at a multiple of 64.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, BinaryIO
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.store.files import Write

__all__ = ["HEADER_BYTES", "PackedArrays", "PackedHeader", "packed_arrays"]

_MAGIC = b"AFARRAYS"
_HEAD = struct.Struct("<8sII")
_ALIGNMENT = 64
# A reader reads as many first; headers of a store have some hundred.
HEADER_BYTES = 4096


class _Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An array of the file."""

    name: str
    kind: str
    count: int
    begin: int

    @property
    def size(self) -> int:
        """Number of its bytes."""
        return self.count * _kind_of(self.kind).itemsize


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
        if _HEAD.size + len(header) > HEADER_BYTES:
            raise ValueError(
                f"a header of {len(header):,} bytes; at most {HEADER_BYTES:,} are read"
            )
        handle.write(_HEAD.pack(_MAGIC, len(header), crc32(header)) + header)
        end = _HEAD.size + len(header)
        handle.write(bytes(_aligned(end) - end))
        for array in arrays.values():
            handle.write(array.tobytes())
            handle.write(bytes(_aligned(array.nbytes) - array.nbytes))

    return write


class PackedHeader:
    """Where the arrays of a file lie; `head` are its first bytes, `file_size` counts all.

    Raises:
      ValueError: it is no such file, not all of one, or its header has changed.
    """

    __slots__ = ("_begin", "_entries")

    def __init__(self, head: memoryview, file_size: int) -> None:
        magic, size, check = _HEAD.unpack_from(head) if len(head) >= _HEAD.size else (b"", 0, 0)
        header = head[_HEAD.size : _HEAD.size + size]
        if magic != _MAGIC or len(header) != size or crc32(header) != check:
            raise ValueError("no file of arrays, or its header has changed")
        self._begin = _aligned(_HEAD.size + size)
        entries = _decode(header)
        self._entries = {entry.name: entry for entry in entries}
        end = self._begin
        if entries:
            end += entries[-1].begin + _aligned(entries[-1].size)
        if file_size != end:
            raise ValueError(f"{file_size:,} bytes, it was written with {end:,}")

    @property
    def names(self) -> Collection[str]:
        """Names of the arrays, in the order of the file."""
        return self._entries.keys()

    def kind(self, name: str) -> np.dtype[Any]:
        """The type of an array's items."""
        return _kind_of(self._entries[name].kind)

    def span(self, name: str) -> tuple[int, int]:
        """The first byte of an array in the file, and the number of its bytes."""
        entry = self._entries[name]
        return self._begin + entry.begin, entry.size


class PackedArrays(Mapping[str, NDArray[Any]]):
    """The arrays of a file by name: views of its bytes, each made when it is first asked for.

    Its header and size are checked.

    Raises:
      ValueError: it is no such file, not all of one, or its header has changed.
    """

    __slots__ = ("_arrays", "_data", "_header")

    def __init__(self, data: memoryview) -> None:
        self._data, self._header = data, PackedHeader(data, len(data))
        self._arrays: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        array = self._arrays.get(name)
        if array is None:
            kind = self._header.kind(name)
            array = self._arrays[name] = np.frombuffer(self.data(name), kind)
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._header.names)

    def __len__(self) -> int:
        return len(self._header.names)

    def data(self, name: str) -> memoryview:
        """The bytes of an array: a slice of them costs a tenth of one of the array."""
        begin, size = self._header.span(name)
        return self._data[begin : begin + size]


@lru_cache(maxsize=64)
def _kind_of(description: str) -> np.dtype[Any]:
    descr = json.loads(description)
    return np.dtype(descr if isinstance(descr, str) else [tuple(field) for field in descr])


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
