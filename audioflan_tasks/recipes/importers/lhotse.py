"""Manifests of lhotse, read without lhotse: cuts, or recordings with supervisions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from audioflan_tasks.errors import RecordError, UnsafePathError
from audioflan_tasks.recipes.importers.columns import ImportedRow, split_in
from audioflan_tasks.recipes.importers.tables import json_rows

__all__ = ["lhotse_manifests", "lhotse_rows"]


class _Source(msgspec.Struct, frozen=True):
    """Where the samples of a recording are."""

    type: str = ""
    source: str = ""


class _ManifestRecording(msgspec.Struct, frozen=True):
    """A recording, as lhotse writes it, and its length in seconds."""

    id: str
    duration: float
    sources: tuple[_Source, ...]


class _Supervision(msgspec.Struct, frozen=True):
    """What is known of a part of a recording; times in seconds."""

    id: str
    recording_id: str = ""
    start: float = 0.0
    duration: float | None = None
    text: str | None = None
    language: str | None = None
    speaker: str | None = None
    gender: str | None = None
    custom: dict[str, Any] | None = None


class _ManifestCut(msgspec.Struct, frozen=True):
    """A part of a recording, from `start` on, with what is known of its parts."""

    recording: _ManifestRecording
    start: float = 0.0
    supervisions: tuple[_Supervision, ...] = ()


_T = TypeVar("_T", _ManifestCut, _ManifestRecording, _Supervision)


def lhotse_manifests(root: Path) -> list[Path]:
    """Manifests of cuts, or of supervisions (whose recordings stand beside them)."""
    if root.is_file():
        return [root]
    return sorted(root.rglob("*cuts*.jsonl*")) or sorted(root.rglob("*supervisions*.jsonl*"))


def lhotse_rows(manifest: Path) -> Iterator[ImportedRow]:
    """A row for each supervision, with its part of the recording.

    Raises:
      RecordError: there are no recordings for it, or a line is not what lhotse writes.
      UnsafePathError: a recording is a command.
    """
    split = split_in(manifest.name.split(".")[0])
    for place, supervision, recording, start in _supervisions(manifest):
        yield ImportedRow(split | _facts(supervision, recording, start, place), place)


def _supervisions(manifest: Path) -> Iterator[tuple[str, _Supervision, _ManifestRecording, float]]:
    """Place, supervision, its recording, and where its cut begins there in seconds."""
    if "supervisions" not in manifest.name:
        for row in json_rows(manifest):
            cut = _read(_ManifestCut, row)
            for supervision in cut.supervisions:
                yield row.place, supervision, cut.recording, cut.start
        return
    file = manifest.with_name(manifest.name.replace("supervisions", "recordings"))
    recordings = {recording.id: recording for recording in map(_recording, json_rows(file))}
    for row in json_rows(manifest):
        supervision = _read(_Supervision, row)
        if supervision.recording_id not in recordings:
            raise RecordError(f"{row.place}: no recording {supervision.recording_id!r}")
        yield row.place, supervision, recordings[supervision.recording_id], 0.0


def _recording(row: ImportedRow) -> _ManifestRecording:
    return _read(_ManifestRecording, row)


def _read(kind: type[_T], row: ImportedRow) -> _T:
    try:
        return msgspec.convert(row.values, kind)
    except (msgspec.ValidationError, OverflowError) as error:
        raise RecordError(f"{row.place}: not what lhotse writes ({error})") from None


def _facts(
    supervision: _Supervision, recording: _ManifestRecording, start: float, place: str
) -> dict[str, Any]:
    source = recording.sources[0] if recording.sources else _Source()
    if source.type != "file":
        raise UnsafePathError(
            f"{place}: the recording is a {source.type!r}, which is not run or fetched; "
            "save its audio to files first (lhotse: CutSet.save_audios)"
        )
    begin = start + supervision.start
    duration = recording.duration if supervision.duration is None else supervision.duration
    whole = begin == 0 and abs(duration - recording.duration) < 0.01
    # The id of a supervision may stand in several splits; the path tells them apart.
    values: dict[str, Any] = {"audio": source.source, "id": supervision.id}
    if not whole:
        values |= {"start": begin, "end": begin + duration}
    for fact in ("text", "language", "speaker", "gender"):
        if getattr(supervision, fact):
            values[fact] = getattr(supervision, fact)
    return values | {
        name: value
        for name, value in (supervision.custom or {}).items()
        if isinstance(value, str | int | float)
    }
