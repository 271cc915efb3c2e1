"""Arrays of a store's files of which some bytes are read, without mapping the files.

Where batches take a row or two of thousands of shards, to map a file costs more than to read what
is needed of it, and all pages that were touched count as memory of the process.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
from functools import lru_cache
from typing import Any

import numpy as np

from audioflan_tasks.store.packed import HEADER_BYTES, PackedHeader
from audioflan_tasks.store.reader.mapped import unreadable_error

__all__ = ["FileHandles", "FilePart", "FileParts"]

# Files of all stores that are open at once: what a row needs of one is read at a time.
_MOST_HANDLES = 64
_numbers = itertools.count()


class FileHandles:
    """The files of a store that are open; of all stores, those stay open that were read last."""

    def __init__(self) -> None:
        # A store that is opened again opens its files again: they may have been mended.
        self._number = next(_numbers)

    def size(self, path: str) -> int:
        """Bytes of a file.

        Raises:
          StoreError: it cannot be opened.
        """
        try:
            handle = _open(self._number, path)
            return os.fstat(handle.number).st_size
        except OSError as error:
            raise unreadable_error(path, error) from error

    def read(self, path: str, begin: int, size: int) -> bytes:
        """Bytes of a file from `begin` on: as many as are asked for, or up to its end.

        Raises:
          StoreError: it cannot be read.
        """
        try:
            # Held while it is read: another thread may push it out of the cache meanwhile, and
            # the number of a closed file is that of the next one.
            handle = _open(self._number, path)
            return os.pread(handle.number, size, begin)
        except OSError as error:
            raise unreadable_error(path, error) from error


class _Handle:
    """An open file, which is closed when nobody has it any more."""

    __slots__ = ("number",)

    def __init__(self, path: str) -> None:
        # A pipe is not waited for.
        self.number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(self.number).st_mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device, expected a file", path)

    def __del__(self) -> None:
        if hasattr(self, "number"):
            os.close(self.number)


@lru_cache(_MOST_HANDLES)
def _open(store: int, path: str) -> _Handle:
    return _Handle(path)


class FilePart:
    """The bytes of an array; a slice of them is read when it is asked for."""

    __slots__ = ("_begin", "_handles", "_path", "_size")

    def __init__(self, handles: FileHandles, path: str, begin: int, size: int) -> None:
        self._handles, self._path = handles, path
        self._begin, self._size = begin, size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, places: slice) -> bytes:
        """Bytes from `places.start` to before `places.stop`; none where these lie outside."""
        begin, end = places.start, places.stop
        if not 0 <= begin <= end <= self._size:
            return b""
        return self._handles.read(self._path, self._begin + begin, end - begin)


class FileParts:
    """The arrays of a file of several (`store.packed`) by name; its header and size are checked.

    Raises:
      StoreError: it is not there or damaged.
    """

    __slots__ = ("_handles", "_header", "_parts", "_path")

    def __init__(self, path: str, handles: FileHandles) -> None:
        self._path, self._handles = path, handles
        self._parts: dict[str, FilePart] = {}
        head = handles.read(path, 0, HEADER_BYTES)
        try:
            self._header = PackedHeader(memoryview(head), handles.size(path))
        except ValueError as error:
            raise unreadable_error(path, error) from error

    def kind(self, name: str) -> np.dtype[Any]:
        """The type of an array's items."""
        return self._header.kind(name)

    def __getitem__(self, name: str) -> FilePart:
        part = self._parts.get(name)
        if part is None:
            begin, size = self._header.span(name)
            part = self._parts[name] = FilePart(self._handles, self._path, begin, size)
        return part
