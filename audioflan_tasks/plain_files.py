"""Opening what people name as a file: a pipe or a device would wait for ever, or never end."""

from __future__ import annotations

import errno
import stat
import tomllib
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["is_plain_file", "open_plain_file", "read_plain_text", "toml_content"]


def is_plain_file(path: Path) -> bool:
    """Whether a path leads to a plain file; not, if it is longer than the system allows."""
    try:
        return path.is_file()
    except OSError:
        return False


def open_plain_file(path: Path) -> BinaryIO:
    """The file, open for reading bytes.

    Raises:
      OSError: it cannot be opened, or is a pipe, a device or a folder.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, expected a file", str(path))
    return path.open("rb")


def read_plain_text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file with the line ends of Unix.

    Raises:
      OSError: as `open_plain_file`.
      UnicodeDecodeError: it is of another encoding.
    """
    with open_plain_file(path) as handle:
        return handle.read().decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


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
