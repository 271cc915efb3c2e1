"""Units of work on disk: whole or not there, and never changed once they are there.

A unit is some files and a marker `STEM.DIGEST.done`, written last, that holds what the unit
was made from, and size and SHA-256 of each file. The digest is that of these facts: a unit
made from other facts has other names, so a reader of the old ones is never disturbed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from audioflan_tasks.errors import StoreError

__all__ = [
    "TEMPORARY",
    "Write",
    "damaged",
    "explained",
    "file_sha256",
    "find_unit",
    "json_lines",
    "publish",
    "publish_unit",
    "read_json",
    "units_of",
    "write_json",
]

# Names that begin so are left behind by a killed build only, and removed by the next.
TEMPORARY = ".tmp-"

Write = Callable[[BinaryIO], Any]

_encode = msgspec.json.Encoder().encode


def publish_unit(
    folder: Path, stem: str, files: Mapping[str, Write], facts: Callable[[], Mapping[str, Any]]
) -> dict[str, Any]:
    """Writes a unit's files, by suffix, then its marker; returns what the marker says.

    `facts` is asked when the files are written, as some are known only then.

    Raises:
      StoreError: something cannot be written, as on a full disk; nothing half is left.
    """
    with contextlib.ExitStack() as stack, explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        made = {suffix: stack.enter_context(_written(folder, w)) for suffix, w in files.items()}
        said = dict(facts())
        unit = f"{stem}.{_digest(said)}"
        noted = {}
        for suffix, path in made.items():
            noted[suffix] = {"size": path.stat().st_size, "sha256": file_sha256(path)}
            path.replace(folder / f"{unit}{suffix}")
        said |= {"unit": unit, "files": noted}
        write_json(folder / f"{unit}.done", said | {"check": _digest(said)})
    return said


def find_unit(folder: Path, stem: str, **facts: Any) -> dict[str, Any] | None:
    """What the marker of a whole unit made from these facts says, or None."""
    for marker in units_of(folder, stem):
        said = _marker(marker)
        if said is None or any(said.get(key) != value for key, value in facts.items()):
            continue
        if all(_size(marker, suffix) == noted["size"] for suffix, noted in said["files"].items()):
            return dict(said)
    return None


def units_of(folder: Path, stem: str) -> list[Path]:
    """Markers of all units of that stem."""
    return sorted(folder.glob(f"{stem}.*.done"))


def damaged(marker: Path) -> list[Path]:
    """Files of a unit that are missing or do not have the noted checksum; the marker itself
    if it cannot be read."""
    said = _marker(marker)
    if said is None:
        return [marker]
    wrong = []
    for suffix, noted in said["files"].items():
        path = _beside(marker, suffix)
        try:
            same = file_sha256(path) == noted["sha256"]
        except OSError:
            same = False
        wrong += [] if same else [path]
    return wrong


def publish(path: Path, write: Write) -> None:
    """Writes one file under a temporary name and renames it.

    Raises:
      StoreError: it cannot be written, as on a full disk; nothing is left behind.
    """
    with explained(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _written(path.parent, write) as made:
            made.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file as `publish` does; equal values give equal bytes."""
    data = json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    publish(path, lambda handle: handle.write(data))


def read_json(path: Path) -> Any:
    """The value of a JSON file; None where there is none or it is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes())
    except (OSError, ValueError):
        return None


def json_lines(values: Iterable[Any]) -> bytes:
    """Values as JSON lines."""
    return b"".join(_encode(value) + b"\n" for value in values)


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _marker(path: Path) -> dict[str, Any] | None:
    """What a marker says; None where there is none, or a bit of it has changed."""
    said = read_json(path)
    if not isinstance(said, dict) or said.pop("check", None) != _digest(said):
        return None
    return said


def _digest(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _beside(marker: Path, suffix: str) -> Path:
    return marker.with_name(marker.name.removesuffix(".done") + suffix)


def _size(marker: Path, suffix: str) -> int:
    try:
        return _beside(marker, suffix).stat().st_size
    except OSError:
        return -1


@contextlib.contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turns what the system says when a folder cannot be written into a StoreError."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = "the disk is full: make room and run the build again" if full else "is it writable?"
        raise StoreError(
            f"{folder}: cannot be written ({error.strerror}); {hint}. What is finished is kept."
        ) from error


@contextlib.contextmanager
def _written(folder: Path, write: Write) -> Iterator[Path]:
    """A temporary file with what `write` writes, safely on the disk; gone if not renamed."""
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
