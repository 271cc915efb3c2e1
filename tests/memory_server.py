"""A server in memory, `memory://`, for tests of remote roots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fsspec.implementations.memory import MemoryFileSystem

__all__ = ["memory_server"]


@contextmanager
def memory_server() -> Iterator[MemoryFileSystem]:
    """The server, empty before and afterwards."""
    _clear()
    yield MemoryFileSystem()
    _clear()


def _clear() -> None:
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
