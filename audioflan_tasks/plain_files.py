"""Opening what people name as a file: a pipe or a device would wait for ever, or never end.

Compressed files (`.gz`, `.zst`) are read unpacked.
"""

from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import BinaryIO

from audioflan_tasks.unpacked import unpacked

__all__ = ["is_plain_file", "open_plain_file", "read_plain_text"]


def is_plain_file(path: Path) -> bool:
    """Whether a path leads to a plain file; not, if it is longer than the system allows."""
    try:
        return path.is_file()
    except OSError:
        return False


def open_plain_file(path: Path) -> BinaryIO:
    """The file, open for reading bytes; of a compressed one its unpacked copy.

    Raises:
      OSError: it cannot be opened, is a pipe, a device or a folder, or is compressed and damaged.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, expected a file", str(path))
    return unpacked(path).open("rb")


def read_plain_text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file with the line ends of Unix.

    Raises:
      OSError: as `open_plain_file`.
      UnicodeDecodeError: it is of another encoding.
    """
    with open_plain_file(path) as handle:
        return handle.read().decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
