"""Opening what people name as a file: a pipe or a device would wait for ever, or never end.

A path may stand for a file of a server (`remote`), which is fetched before it is opened.
Compressed files (`.gz`, `.zst`) are read unpacked.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tomllib
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from audioflan_tasks.remote import file_below, is_remote, remote_state, use_file
from audioflan_tasks.unpacked import open_unpacked

__all__ = [
    "FileState", "file_state", "is_plain_file", "local_file", "open_plain_file", "read_plain_bytes",
    "read_plain_text", "refuse_pipes", "toml_content",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileState:
    """Size in bytes, and a time of change in ns since 1970, only to be compared for equality."""

    size: int
    changed_ns: int


def file_state(path: Path) -> FileState:
    """The state of a file; one of a server is not fetched for it.

    Raises:
      OSError: there is no such file.
    """
    if is_remote(path):
        state = remote_state(path)
        return FileState(-1 if state.size is None else state.size, state.changed_ns)
    result = path.stat()
    return FileState(result.st_size, result.st_mtime_ns)


def is_plain_file(path: Path) -> bool:
    """Whether a path leads to a plain file; not, if it is longer than the system allows."""
    try:
        return file_below(path) if is_remote(path) else path.is_file()
    except OSError:
        return False


def local_file(path: Path) -> contextlib.AbstractContextManager[None]:
    """Until the end of the block a file can be opened by its path, by any library.

    Raises:
      FileNotFoundError: it is one of a server, and not there.
    """
    return use_file(path) if is_remote(path) else contextlib.nullcontext()


def refuse_pipes(path: str | os.PathLike[str]) -> None:
    """Refuses what would be waited for when it is opened; for whoever opens a file by its path.

    Raises:
      OSError: it is a pipe or a device, or is not there.
    """
    mode = os.stat(path).st_mode  # noqa: PTH116 - called for each file of a store
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, expected a file", os.fspath(path))


def open_plain_file(path: Path) -> BufferedReader:
    """The file, open for reading bytes; of a compressed one its unpacked copy.

    Raises:
      OSError: it cannot be opened, is a pipe, a device or a folder, or is compressed and damaged.
    """
    with local_file(path):
        refuse_pipes(path)
        return open_unpacked(path)


def read_plain_bytes(path: Path) -> bytes:
    """What a file holds.

    Raises:
      OSError: as `open_plain_file`.
    """
    with open_plain_file(path) as handle:
        return handle.read()


def read_plain_text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file with the line ends of Unix.

    Raises:
      OSError: as `open_plain_file`.
      UnicodeDecodeError: it is of another encoding.
    """
    text = read_plain_bytes(path).decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def toml_content(text: str) -> dict[str, Any]:
    """What a text in TOML says.

    Raises:
      TOMLDecodeError: it is none, or more than the parser takes: deep nesting, endless numbers.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except (RecursionError, ValueError) as error:
        raise tomllib.TOMLDecodeError(f"more than can be read ({error})") from None
