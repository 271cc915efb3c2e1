"""Checks blocks of a store's files against their checksums, each when it is first read."""

from __future__ import annotations

import zlib
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from audioflan_tasks.errors import StoreError, reason_of
from audioflan_tasks.plain_files import refuse_pipes
from audioflan_tasks.remote import address_of, is_remote
from audioflan_tasks.store.remote_units import unit_file
from audioflan_tasks.store.sums import (
    BLOCK_BYTES,
    SUMS,
    FileSums,
    block_ranges,
    read_sums,
    split_unit_path,
)

__all__ = ["FileCheck", "StoreChecks"]

# Units whose checksums are kept beside those of files that are open.
_UNITS = 64


class StoreChecks:
    """The checks of a store's files; `is_on` is False where nothing is to be checked."""

    def __init__(self, store: Path, is_on: bool) -> None:
        self.store, self.is_on = store, is_on
        self._whole_files: set[str] = set()
        self._of_unit = lru_cache(_UNITS)(self._read_unit)

    def of(self, path: str, buffer: pa.Buffer) -> FileCheck | None:
        """The check of a mapped file, whose size and first blocks are right; None if off.

        Raises:
          StoreError: they are not.
        """
        if not self.is_on:
            return None
        unit, suffix = split_unit_path(path) or ("", "")
        sums = self._of_unit(unit + SUMS).get(suffix) if unit else None
        if sums is None:
            raise self.fault(path, "no checksums")
        if sums.size != buffer.size:
            raise self.fault(path, f"{buffer.size:,} bytes, it was written with {sums.size:,}")
        return FileCheck(self, path, buffer, sums)

    def check_whole(self, path: str) -> None:
        """Checks all of a file, unless it was checked.

        Raises:
          StoreError: it is not what was written.
        """
        if path in self._whole_files:
            return
        try:
            with unit_file(path):
                refuse_pipes(path)
                content = pa.memory_map(path).read_buffer()
        except OSError as error:
            raise self.fault(path, f"cannot be read ({reason_of(error)})") from None
        check = self.of(path, content)
        if check is not None:
            check.check_all()
            self._whole_files.add(path)

    def fault(self, path: str, fault: str) -> StoreError:
        """An error that names a file, what is wrong with it, and how it is mended."""
        if is_remote(path):
            Path(path).unlink(missing_ok=True)
            return StoreError(
                f"{address_of(path)}: its copy {path} is damaged ({fault}) and was removed; run it "
                "again, which fetches another"
            )
        return StoreError(
            f"{path}: {fault}; make this unit again, and no other, with: "
            f"audioflan verify {self.store} --repair"
        )

    def _read_unit(self, path: str) -> dict[str, FileSums]:
        try:
            with unit_file(path):
                return read_sums(Path(path))
        except (OSError, ValueError) as error:
            raise self.fault(path, f"checksums cannot be read ({reason_of(error)})") from None


class FileCheck:
    """The blocks of one mapped file, and which of them were found right."""

    __slots__ = ("_begin", "_checked_blocks", "_checks", "_data", "_path", "_sums")

    def __init__(self, checks: StoreChecks, path: str, buffer: pa.Buffer, sums: FileSums) -> None:
        # A number of a memoryview is read in a fraction of the time of one of an array.
        self._checks, self._path, self._sums = checks, path, sums.crcs.data
        self._data, self._begin = memoryview(buffer), buffer.address
        self._checked_blocks = bytearray(len(self._sums))
        for block in sums.first:
            self._check_block(block)

    @property
    def is_done(self) -> bool:
        """Whether all blocks were checked."""
        return self._checked_blocks.find(0) < 0

    def check(self, begin: int, end: int) -> None:
        """Checks the blocks of the bytes from `begin` to `end` that were not yet.

        Raises:
          StoreError: one has changed since it was written.
        """
        if end <= begin:
            return
        last = (end - 1) // BLOCK_BYTES + 1
        block = self._checked_blocks.find(0, begin // BLOCK_BYTES, last)
        while block >= 0:
            self._check_block(block)
            block = self._checked_blocks.find(0, block + 1, last)

    def check_all(self) -> None:
        """Checks the whole file."""
        self.check(0, len(self._data))

    def check_array(self, array: pa.Array) -> None:
        """Checks what an Arrow array of the file holds."""
        for begin, end in block_ranges(array, self._begin):
            self.check(begin, end)

    def begin_of(self, buffer: pa.Buffer) -> int:
        """The first byte of a buffer in the file."""
        begin: int = buffer.address - self._begin
        return begin

    def _check_block(self, block: int) -> None:
        begin = block * BLOCK_BYTES
        data = self._data[begin : begin + BLOCK_BYTES]
        if zlib.crc32(data) != self._sums[block]:
            raise self._checks.fault(
                self._path,
                f"block {block} (bytes {begin:,} to {begin + len(data):,}) has changed since it "
                "was written",
            )
        self._checked_blocks[block] = 1
