"""Lines of text files that come with audio, read as UTF-8."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from audioflan_tasks.errors import RecordError, reason_of
from audioflan_tasks.plain_files import open_plain_file

__all__ = ["key_values", "text_lines"]


def text_lines(path: Path) -> Iterator[str]:
    """The lines with their ends, of which `\\n` alone is one; without a mark of byte order.

    Raises:
      RecordError: the file cannot be opened or unpacked, or a line is not UTF-8.
    """
    number = 0
    try:
        with open_plain_file(path) as lines:
            for number, line in enumerate(lines, 1):
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise RecordError(
            f"{path}:{number}: not UTF-8 ({error.reason}); save it as UTF-8 "
            "(in spreadsheets: CSV UTF-8)"
        ) from None
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({reason_of(error)})") from None


def key_values(path: Path) -> dict[str, str]:
    """Lines `KEY value`, by key.

    Raises:
      RecordError: as `text_lines`, or a key has two values.
    """
    values: dict[str, str] = {}
    for number, line in enumerate(text_lines(path), 1):
        key, *rest = line.strip().split(maxsplit=1) or [""]
        value = "".join(rest)
        if key and values.setdefault(key, value) != value:
            raise RecordError(f"{path}:{number}: {key!r} has another value in a line before")
    return values
