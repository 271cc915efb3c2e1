"""Checksums of a unit's files block by block, so that a reader checks only what it reads.

`UNIT.sums` lies beside the files of a unit. It holds the CRC-32 of each block of each file, and
ends in its own. `store.json` ends in a CRC-32 of what comes before.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audioflan_tasks.plain_files import read_plain_bytes

__all__ = [
    "BLOCK_BYTES", "SUMS", "FileSums", "block_ranges", "is_sealed", "read_sums", "sealed",
    "split_unit_path", "sums_bytes", "sums_of",
]  # fmt: skip

# A row's codes are some kB: much larger blocks would read far more than is asked for.
BLOCK_BYTES = 1 << 16
SUMS = ".sums"
_UNIT = re.compile(r"(.+\.[0-9a-f]{16})(\.[^/]+)")

_SEAL = ', "check": "%08x"}'
_SEAL_BYTES = len(_SEAL % 0)
_CRC_BYTES = 4
# Fewer bytes between two arrays are there to align the second.
_OUTLINE_BYTES = 64


class FileSums(msgspec.Struct, frozen=True, array_like=True):
    """Size of a file in bytes, CRC-32 of its blocks (`<u4` each), and its `first` blocks.

    These hold more than values: where the values lie. They are checked before all others.
    """

    size: int
    sums: bytes
    first: tuple[int, ...]

    @property
    def crcs(self) -> NDArray[np.uint32]:
        """CRC-32 of each block."""
        return np.frombuffer(self.sums, "<u4").astype(np.uint32, copy=False)


def sums_of(path: Path, suffix: str) -> FileSums:
    """The sums of a file as it is now."""
    with path.open("rb") as handle:
        crcs = []
        while block := handle.read(BLOCK_BYTES):
            crcs.append(zlib.crc32(block))
    first = _outline_blocks(path, len(crcs)) if suffix.endswith(".arrow") else (0,)[: len(crcs)]
    return FileSums(path.stat().st_size, np.array(crcs, "<u4").tobytes(), first)


def split_unit_path(path: str) -> tuple[str, str] | None:
    """The path of a unit without endings, and the ending of one of its files; None of others."""
    match = _UNIT.fullmatch(path)
    return None if match is None else (match[1], match[2])


def sums_bytes(sums: Mapping[str, FileSums]) -> bytes:
    """What `UNIT.sums` holds, of sums by suffix."""
    data = msgspec.msgpack.encode(dict(sorted(sums.items())))
    return data + zlib.crc32(data).to_bytes(_CRC_BYTES, "little")


def read_sums(path: Path) -> dict[str, FileSums]:
    """The sums of a unit's files by suffix.

    Raises:
      OSError: there is no such file.
      ValueError: it has changed since it was written.
    """
    data = read_plain_bytes(path)
    body, crc = data[:-_CRC_BYTES], int.from_bytes(data[-_CRC_BYTES:], "little")
    if zlib.crc32(body) != crc or not body:
        raise ValueError("it has changed since it was written")
    return msgspec.msgpack.decode(body, type=dict[str, FileSums])


def sealed(data: bytes) -> bytes:
    """A JSON object with the checksum of all that comes before as its last field."""
    return data[:-1] + (_SEAL % zlib.crc32(data)).encode()


def is_sealed(data: bytes) -> bool:
    """Whether a JSON object ends in the right checksum."""
    body = data[:-_SEAL_BYTES] + b"}"
    return data[-_SEAL_BYTES:] == (_SEAL % zlib.crc32(body)).encode()


def block_ranges(array: pa.Array, begin: int) -> list[tuple[int, int]]:
    """Where the bytes of an array lie in a file that is mapped from the address `begin` on."""
    buffers = array.buffers()
    if isinstance(array, pa.DictionaryArray):
        buffers += array.dictionary.buffers()
    return [(b.address - begin, b.address - begin + b.size) for b in buffers if b is not None]


def _outline_blocks(path: Path, count: int) -> tuple[int, ...]:
    """Blocks of an Arrow file that hold more than values: its schema, headers and footer."""
    buffer = pa.memory_map(str(path)).read_buffer()
    table = pa.ipc.open_file(pa.BufferReader(buffer)).read_all()
    is_outline = np.zeros(count, np.bool_)
    end = 0
    chunks = (chunk for column in table.columns for chunk in column.chunks)
    ranges = sorted(r for chunk in chunks for r in block_ranges(chunk, buffer.address))
    for begin, stop in [*ranges, (buffer.size, buffer.size)]:
        if begin - end >= _OUTLINE_BYTES:
            is_outline[end // BLOCK_BYTES : (begin - 1) // BLOCK_BYTES + 1] = True
        end = max(end, stop)
    return tuple(np.flatnonzero(is_outline).tolist())
