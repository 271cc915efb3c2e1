"""Units of work on disk: whole or not there, and never changed once they are there.

A unit is some files and a marker `STEM.DIGEST.done`, written last, that holds what the unit
was made from, what is in it, and size and SHA-256 of each file. The digest is that of the
marker: a unit made from something else has another name, so a reader of the old one is never
disturbed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from audioflan_tasks.errors import StoreError
from audioflan_tasks.store.files import (
    Write,
    file_sha256,
    naming_folder,
    publish,
    read_json,
    temporary_file,
    write_json,
)
from audioflan_tasks.store.schema import FileNote, Marker, UnitFiles
from audioflan_tasks.store.sums import SUMS, FileSums, read_sums, sums_bytes, sums_of

__all__ = [
    "complete_sums",
    "damaged_files",
    "find_unit",
    "publish_unit",
    "unit_markers",
    "whole_units",
]

_M = TypeVar("_M", bound=Marker[Any])
_U = TypeVar("_U", bound=UnitFiles)


def publish_unit(
    folder: Path, stem: str, files: Mapping[str, Write], marker: Callable[[], _M]
) -> _M:
    """Writes a unit's files, by suffix, then its marker; returns it with `unit` and `files`.

    `marker` is called when the files are written, as some of its fields are known only then.
    A unit of that name that another process has published meanwhile stands.

    Raises:
      StoreError: something cannot be written, as on a full disk; nothing half is left.
    """
    with contextlib.ExitStack() as stack, naming_folder(folder):
        folder.mkdir(parents=True, exist_ok=True)
        paths = {
            suffix: stack.enter_context(temporary_file(folder, write))
            for suffix, write in files.items()
        }
        content = marker()
        unit = f"{stem}.{_digest(msgspec.to_builtins(content))}"
        whole_unit = _whole_unit(folder / f"{unit}.done", type(content))
        if whole_unit is not None:
            return whole_unit
        sums = {suffix: sums_of(path, suffix) for suffix, path in paths.items()}
        notes = {}
        for suffix, path in paths.items():
            notes[suffix] = FileNote(path.stat().st_size, file_sha256(path))
            path.replace(folder / f"{unit}{suffix}")
        _publish_sums(folder / f"{unit}{SUMS}", sums)
        published = msgspec.structs.replace(content, unit=unit, files=notes)
        fields = msgspec.to_builtins(published)
        write_json(folder / f"{unit}.done", fields | {"check": _digest(fields)})
    return published


def _whole_unit(marker_path: Path, kind: type[_M]) -> _M | None:
    """The marker of a unit that is there with the noted checksums, else None."""
    marker = _read_marker(marker_path, kind)
    return None if marker is None or damaged_files(marker_path) else marker


def complete_sums(folder: Path, unit: str) -> None:
    """Writes the checksums of a unit's blocks where an older package made it without.

    Raises:
      StoreError: a file of the unit is not what its marker says; the unit is given up.
    """
    path = folder / f"{unit}{SUMS}"
    if _are_whole(path):
        return
    marker_path = folder / f"{unit}.done"
    for bad_file in damaged_files(marker_path):
        marker_path.unlink(missing_ok=True)
        raise StoreError(
            f"{bad_file}: is missing or has changed since it was built; the same command makes it "
            "again"
        )
    marker = _read_marker(marker_path, UnitFiles)
    suffixes = marker.files if marker is not None else ()
    _publish_sums(path, {s: sums_of(_beside(marker_path, s), s) for s in suffixes})


def _publish_sums(path: Path, sums: Mapping[str, FileSums]) -> None:
    data = sums_bytes(sums)
    publish(path, lambda handle: handle.write(data))


def _are_whole(path: Path) -> bool:
    try:
        return bool(read_sums(path))
    except (OSError, ValueError):
        return False


def find_unit(folder: Path, stem: str, kind: type[_M], source: msgspec.Struct) -> _M | None:
    """The marker of a whole unit made from this source, or None."""
    return next(whole_units(folder, stem, kind, source), None)


def whole_units(folder: Path, stem: str, kind: type[_M], source: msgspec.Struct) -> Iterator[_M]:
    """The markers of all units made from this source whose files have the noted sizes."""
    for path in unit_markers(folder, stem):
        marker = _read_marker(path, kind)
        if marker is None or marker.source != source:
            continue
        if all(_size(path, suffix) == note.size for suffix, note in marker.files.items()):
            yield marker


def unit_markers(folder: Path, stem: str) -> list[Path]:
    """Paths of the markers of all units of that stem."""
    return sorted(folder.glob(f"{stem}.*.done"))


def damaged_files(marker_path: Path, has_sums: bool = False) -> list[Path]:
    """Files of a unit that are missing or do not have the noted checksum; the marker itself
    if it cannot be read. `has_sums`: a file with the checksums of blocks is among them."""
    marker = _read_marker(marker_path, UnitFiles)
    if marker is None:
        return [marker_path]
    paths = [(_beside(marker_path, suffix), note) for suffix, note in marker.files.items()]
    bad_files = [path for path, note in paths if not _has_checksum(path, note)]
    sums = _beside(marker_path, SUMS)
    return bad_files + [sums] * (has_sums and not _are_whole(sums))


def _has_checksum(path: Path, note: FileNote) -> bool:
    try:
        return file_sha256(path) == note.sha256
    except OSError:
        return False


def _read_marker(path: Path, kind: type[_U]) -> _U | None:
    """A marker; None where there is none, a bit of it has changed, or it is of another kind."""
    fields = read_json(path)
    if not isinstance(fields, dict) or fields.pop("check", None) != _digest(fields):
        return None
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError:
        return None


def _digest(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]


def _beside(marker_path: Path, suffix: str) -> Path:
    return marker_path.with_name(marker_path.name.removesuffix(".done") + suffix)


def _size(marker_path: Path, suffix: str) -> int:
    try:
        return _beside(marker_path, suffix).stat().st_size
    except OSError:
        return -1
