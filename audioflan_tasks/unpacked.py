"""Compressed files, unpacked once into the user's cache and read there like any other.

So whoever reads a file at random places, maps it or cuts it into pieces need not know of it.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

__all__ = ["PACKED_SUFFIXES", "plain_name", "unpacked"]

_BLOCK = 1 << 20
# JSON lines shrink to a tenth, the most repetitive ones to a hundredth; a bomb to a thousandth.
_MOST_RATIO = 200
_ALWAYS_ALLOWED = 64 << 20


def unpacked(path: Path) -> Path:
    """The file itself, or of a `.gz` or `.zst` file the unpacked copy in the cache.

    It is made when it is first asked for, and again when the file has changed. Processes may ask
    at the same time.

    Raises:
      OSError: the file cannot be opened, is damaged, or unpacks to more than 200 times its size.
    """
    unpack = _OPENERS.get(path.suffix)
    if unpack is None:
        return path
    state = path.stat()
    folder = _cache() / hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:24]
    copy = folder / f"{state.st_size}-{state.st_mtime_ns}"
    if not copy.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as target:
            try:
                _unpack(path, unpack, target, max(_ALWAYS_ALLOWED, _MOST_RATIO * state.st_size))
                target.flush()
                Path(target.name).replace(copy)
            finally:
                Path(target.name).unlink(missing_ok=True)
        _remove_earlier(folder, copy)
    return copy


def plain_name(name: str) -> str:
    """A file's name without the ending that says how it is compressed."""
    return next((name.removesuffix(s) for s in PACKED_SUFFIXES if name.endswith(s)), name)


def _cache() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("audioflan_tasks")) / "unpacked"


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


def _remove_earlier(folder: Path, copy: Path) -> None:
    """Removes copies of the file as it was before; who has one open keeps it."""
    for entry in os.scandir(folder):
        if entry.name != copy.name and "-" in entry.name:
            Path(entry).unlink(missing_ok=True)


_OPENERS: Mapping[str, Callable[[Path], Any]] = {".gz": gzip.open, ".zst": _open_zstandard}
PACKED_SUFFIXES = tuple(_OPENERS)
