"""Files that are whole or not there: written under a temporary name, synced, then renamed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from audioflan_tasks.errors import StoreError
from audioflan_tasks.plain_files import open_plain_file, read_plain_bytes

__all__ = [
    "TEMPORARY",
    "UNREADABLE",
    "Write",
    "check_utf8_name",
    "file_sha256",
    "json_bytes",
    "json_lines",
    "naming_folder",
    "publish",
    "read_json",
    "temporary_file",
    "write_json",
]

# Names that begin so are left behind by a killed build only, and removed by the next.
TEMPORARY = ".tmp-"

# What reading a damaged file of JSON raises: also nesting without end.
UNREADABLE = (OSError, ValueError, RecursionError)

Write = Callable[[BinaryIO], Any]

_encode = msgspec.json.Encoder().encode


def publish(path: Path, write: Write) -> None:
    """Writes one file under a temporary name and renames it.

    Raises:
      StoreError: it cannot be written, as on a full disk; nothing is left behind.
    """
    with naming_folder(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary_file(path.parent, write) as written:
            written.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file as `publish` does."""
    data = json_bytes(value)
    publish(path, lambda handle: handle.write(data))


def json_bytes(value: Any) -> bytes:
    """A value as JSON; equal values give equal bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")


def read_json(path: Path) -> Any:
    """The value of a JSON file; None where there is none or it is damaged."""
    try:
        return msgspec.json.decode(read_plain_bytes(path))
    except UNREADABLE:
        return None


def json_lines(values: Iterable[Any]) -> bytes:
    """Values as JSON lines."""
    return b"".join(_encode(value) + b"\n" for value in values)


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with open_plain_file(path) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def check_utf8_name(path: Path) -> None:
    """Refuses a name that the tables and JSON files of a store cannot hold.

    Raises:
      StoreError: it is not UTF-8.
    """
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError:
        raise StoreError(f"{path}: a name that is not UTF-8; rename it") from None


@contextlib.contextmanager
def naming_folder(folder: Path) -> Iterator[None]:
    """Turns what the system says when a folder cannot be written into a StoreError."""
    try:
        yield
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = (
            "the disk is full: make room and run the build again" if is_full else "is it writable?"
        )
        raise StoreError(
            f"{folder}: cannot be written ({error.strerror}); {hint}. What is finished is kept."
        ) from error


@contextlib.contextmanager
def temporary_file(folder: Path, write: Write) -> Iterator[Path]:
    """A temporary file with what `write` writes, synced to disk; removed if not renamed."""
    handle = tempfile.NamedTemporaryFile(dir=folder, prefix=TEMPORARY, delete=False)  # noqa: SIM115 - renamed, not deleted
    path = Path(handle.name)
    try:
        with handle:
            # Temporary files are private; a store is for the whole team.
            os.fchmod(handle.fileno(), 0o644)
            write(handle)  # type: ignore[arg-type]
            handle.flush()
            os.fsync(handle.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)
