"""Manifests of lhotse, read without lhotse: cuts, or recordings with supervisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from audioflan_tasks.errors import RecordError, UnsafePathError
from audioflan_tasks.recipes.importers.columns import ImportedRow, split_in
from audioflan_tasks.recipes.importers.tables import json_rows

__all__ = ["LhotseClip", "Supervision", "lhotse_clips", "lhotse_manifests", "lhotse_rows"]


class _Source(msgspec.Struct, frozen=True):
    """Where the samples of a recording are."""

    type: str = ""
    source: str = ""


class _ManifestRecording(msgspec.Struct, frozen=True):
    """A recording, as lhotse writes it, and its length in seconds."""

    id: str
    duration: float
    sources: tuple[_Source, ...]


class Supervision(msgspec.Struct, frozen=True):
    """What is known of a part of a recording; times in seconds. An id may be a number."""

    id: str | int
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
    supervisions: tuple[Supervision, ...] = ()


_T = TypeVar("_T", _ManifestCut, _ManifestRecording, Supervision)


def lhotse_manifests(root: Path) -> list[Path]:
    """Manifests of cuts, or of supervisions (whose recordings stand beside them)."""
    if root.is_file():
        return [root]
    return sorted(root.rglob("*cuts*.jsonl*")) or sorted(root.rglob("*supervisions*.jsonl*"))


@dataclass(frozen=True, slots=True)
class LhotseClip:
    """A supervision, its recording, and where its cut begins there in seconds."""

    place: str
    supervision: Supervision
    recording: _ManifestRecording
    cut_start: float = 0.0

    @property
    def audio(self) -> str:
        """The file of the recording.

        Raises:
          UnsafePathError: it is a command, or an address.
        """
        source = self.recording.sources[0] if self.recording.sources else _Source()
        if source.type != "file":
            raise UnsafePathError(
                f"{self.place}: the recording is a {source.type!r}, which is not run or fetched; "
                "save its audio to files first (lhotse: CutSet.save_audios)"
            )
        return source.source

    @property
    def start(self) -> float:
        """Where the supervision begins in the recording, in seconds."""
        return self.cut_start + self.supervision.start

    @property
    def end(self) -> float:
        """Where it ends there."""
        duration = self.supervision.duration
        return self.start + (self.recording.duration if duration is None else duration)

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole recording."""
        return self.start == 0 and abs(self.end - self.recording.duration) < 0.01


def lhotse_rows(manifest: Path) -> Iterator[ImportedRow]:
    """A row for each supervision, with its part of the recording.

    Raises:
      RecordError: there are no recordings for it, or a line is not what lhotse writes.
      UnsafePathError: a recording is a command.
    """
    split = split_in(manifest.name.split(".")[0])
    for clip in lhotse_clips(manifest):
        yield ImportedRow(split | _facts(clip), clip.place)


def lhotse_clips(manifest: Path) -> Iterator[LhotseClip]:
    """The supervisions of a manifest, each with its recording.

    Raises:
      RecordError: there are no recordings for it, or a line is not what lhotse writes.
    """
    if "supervisions" not in manifest.name:
        for row in json_rows(manifest):
            cut = _read(_ManifestCut, row)
            for supervision in cut.supervisions:
                yield LhotseClip(row.place, supervision, cut.recording, cut.start)
        return
    file = manifest.with_name(manifest.name.replace("supervisions", "recordings"))
    recordings = {recording.id: recording for recording in map(_recording, json_rows(file))}
    for row in json_rows(manifest):
        supervision = _read(Supervision, row)
        if supervision.recording_id not in recordings:
            raise RecordError(f"{row.place}: no recording {supervision.recording_id!r}")
        yield LhotseClip(row.place, supervision, recordings[supervision.recording_id])


def _recording(row: ImportedRow) -> _ManifestRecording:
    return _read(_ManifestRecording, row)


def _read(kind: type[_T], row: ImportedRow) -> _T:
    try:
        return msgspec.convert(row.values, kind)
    except (msgspec.ValidationError, OverflowError) as error:
        raise RecordError(f"{row.place}: not what lhotse writes ({error})") from None


def _facts(clip: LhotseClip) -> dict[str, Any]:
    supervision = clip.supervision
    values: dict[str, Any] = {"audio": clip.audio}
    # Numbers begin anew in every manifest; the path is the id then.
    if isinstance(supervision.id, str):
        values["id"] = supervision.id
    if not clip.is_whole:
        values |= {"start": clip.start, "end": clip.end}
    for fact in ("text", "language", "speaker", "gender"):
        if getattr(supervision, fact):
            values[fact] = getattr(supervision, fact)
    return values | {
        name: value
        for name, value in (supervision.custom or {}).items()
        if isinstance(value, str | int | float)
    }
