"""Compressed files, unpacked once into the user's cache and read there like any other.

So whoever reads a file at random places, maps it or cuts it into pieces need not know of it.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, BinaryIO

from audioflan_tasks.config import unpacked_cache
from audioflan_tasks.remote import RemoteState

__all__ = ["PACKED_SUFFIXES", "open_unpacked", "plain_name"]

_BLOCK = 1 << 20
_TRIES = 5
# JSON lines shrink to a tenth, the most repetitive ones to a hundredth; a bomb to a thousandth.
_MOST_RATIO = 200
_ALWAYS_ALLOWED = 64 << 20


class _UnusableError(Exception):
    """What is wrong with a compressed file."""


def open_unpacked(path: Path) -> BufferedReader:
    """The file, open for reading bytes; of a `.gz` or `.zst` file its unpacked copy in the cache.

    It is made when it is first asked for, and again when the file has changed. Processes may ask
    at the same time.

    Raises:
      OSError: the file cannot be opened, is damaged, or unpacks to more than 200 times its size.
      RemoteError: the copy is larger than the cache, or the cache cannot be written.
    """
    unpack = _OPENERS.get(path.suffix)
    if unpack is None:
        return path.open("rb")
    stat = path.stat()
    most = max(_ALWAYS_ALLOWED, _MOST_RATIO * stat.st_size)
    cache = unpacked_cache()
    state = RemoteState(None, f"{stat.st_size}-{stat.st_mtime_ns}")
    copy = cache.folder / "copies" / hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:24]
    for _ in range(_TRIES):
        with cache.opening(copy) as is_there:
            if is_there and cache.holds(copy, state):
                return copy.open("rb")
        try:
            cache.add(copy, state, partial(_write, path, unpack, most))
        except _UnusableError as error:
            raise error.args[0] from error
    reason = "its unpacked copy is removed at once; raise AUDIOFLAN_REMOTE_CACHE_BYTES"
    raise OSError(errno.EAGAIN, reason, str(path))


def _write(path: Path, unpack: Callable[[Path], Any], most: int, target: Path) -> None:
    # The cache takes an OSError for one of its own.
    try:
        with target.open("wb") as handle:
            _unpack(path, unpack, handle, most)
    except OSError as error:
        raise _UnusableError(error) from error


def plain_name(name: str) -> str:
    """A file's name without the ending that says how it is compressed."""
    return next((name.removesuffix(s) for s in PACKED_SUFFIXES if name.endswith(s)), name)


def _unpack(path: Path, unpack: Callable[[Path], Any], target: IO[bytes], most: int) -> None:
    size = 0
    try:
        with unpack(path) as source:
            while block := source.read(_BLOCK):
                size += len(block)
                if size > most:
                    reason = f"unpacks to more than {most} bytes; unpack it yourself if it is right"
                    raise OSError(errno.EFBIG, reason, str(path))
                target.write(block)
    except (EOFError, zlib.error) as error:
        raise _damage(path, error) from error
    except OSError as error:
        # Only what the system says has a text of its own; else the data is damaged.
        if error.strerror:
            raise
        raise _damage(path, error) from error


def _damage(path: Path, error: Exception) -> OSError:
    return OSError(errno.EINVAL, f"damaged, or not what its name says: {error}", str(path))


def _open_zstandard(path: Path) -> BinaryIO:
    import pyarrow

    stream: BinaryIO = pyarrow.input_stream(str(path), compression="zstd")
    return stream


_OPENERS: Mapping[str, Callable[[Path], Any]] = {".gz": gzip.open, ".zst": _open_zstandard}
PACKED_SUFFIXES = tuple(_OPENERS)
