"""Manifests of lhotse, read without lhotse: cuts, or recordings with supervisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import RecordError, UnsafePathError
from audioflan_tasks.recipes.importers.columns import ImportedRow, split_in
from audioflan_tasks.recipes.importers.tables import json_rows

__all__ = ["lhotse_manifests", "lhotse_rows"]


def lhotse_manifests(root: Path) -> list[Path]:
    """Manifests of cuts, or of supervisions (whose recordings stand beside them)."""
    if root.is_file():
        return [root]
    cuts = sorted((*root.rglob("*cuts*.jsonl*"),))
    return cuts or sorted(root.rglob("*supervisions*.jsonl*"))


def lhotse_rows(manifest: Path) -> Iterator[ImportedRow]:
    """A row for each supervision, with its part of the recording.

    Raises:
      RecordError: there are no recordings for it, or a line is no cut.
      UnsafePathError: a recording is a command.
    """
    split = split_in(manifest.name.split(".")[0])
    if "supervisions" in manifest.name:
        recordings_file = manifest.with_name(manifest.name.replace("supervisions", "recordings"))
        recordings = {str(row.values["id"]): row.values for row in json_rows(recordings_file)}
        pairs = (
            (row, row.values, recordings.get(str(row.values.get("recording_id"))), 0.0)
            for row in json_rows(manifest)
        )
    else:
        pairs = (
            (row, supervision, row.values.get("recording"), float(row.values.get("start", 0.0)))
            for row in json_rows(manifest)
            for supervision in row.values.get("supervisions", ())
        )
    for row, supervision, recording, start in pairs:
        if recording is None:
            raise RecordError(f"{row.place}: no recording {supervision.get('recording_id')!r}")
        values = _facts(supervision, recording, start, row.place)
        yield ImportedRow(split | values, row.place)


def _facts(
    supervision: Mapping[str, Any], recording: Mapping[str, Any], start: float, place: str
) -> dict[str, Any]:
    sources = recording.get("sources") or [{}]
    if sources[0].get("type") != "file":
        raise UnsafePathError(
            f"{place}: the recording is a {sources[0].get('type')!r}, which is not run or fetched; "
            "save its audio to files first (lhotse: CutSet.save_audios)"
        )
    begin = start + float(supervision.get("start", 0.0))
    duration = float(supervision.get("duration", recording["duration"]))
    whole = begin == 0 and abs(duration - float(recording["duration"])) < 0.01
    # The id of a supervision may stand in several splits; the path tells them apart.
    values: dict[str, Any] = {"audio": sources[0]["source"], "id": supervision["id"]}
    if not whole:
        values |= {"start": begin, "end": begin + duration}
    for fact in ("text", "language", "speaker", "gender"):
        if supervision.get(fact):
            values[fact] = supervision[fact]
    return values | {
        name: value
        for name, value in (supervision.get("custom") or {}).items()
        if isinstance(value, str | int | float)
    }
