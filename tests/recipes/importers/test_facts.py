"""Every fact that a table can hold comes through every format that has columns."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.catalogue import Domain
from audioflan_tasks.recipes import Recording, foreign_corpus
from audioflan_tasks.recipes.recording import FACTS
from tests.recipes.makers.test_makers import recordings

# Times and tracks of values do not fit into a cell.
NO_CELL = {
    "speaker_turns", "beats", "melody", "melody_notes", "instrument_parts", "chords", "events",
}  # fmt: skip
Row = Mapping[str, Any]


def rows_of(clips: Sequence[Recording]) -> list[Row]:
    """A row for each clip with what can stand in a cell; lists as spreadsheets write them."""
    names = ["id", "audio", "split", *(fact for fact in FACTS if fact not in NO_CELL)]
    values = [{name: getattr(clip, name) for name in names} for clip in clips]
    return [
        {k: ", ".join(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in values
    ]


def as_csv(root: Path, rows: Sequence[Row]) -> None:
    with (root / "t.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*rows[0]])
        table.writeheader()
        table.writerows(rows)


def as_lines(root: Path, rows: Sequence[Row]) -> None:
    (root / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def as_metadata(root: Path, rows: Sequence[Row]) -> None:
    text = "".join(json.dumps({"file_name": row["audio"], **row}) + "\n" for row in rows)
    (root / "metadata.jsonl").write_text(text, "utf-8")


def as_parquet(root: Path, rows: Sequence[Row]) -> None:
    import pyarrow
    import pyarrow.parquet as parquet

    parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in rows]), root / "t.parquet")


def as_cuts(root: Path, rows: Sequence[Row]) -> None:
    own = ("id", "audio", "text", "language", "speaker", "gender")
    lines = []
    for row in rows:
        source = {"type": "file", "channels": [0], "source": row["audio"]}
        recording = {"id": "r", "sources": [source], "sampling_rate": 16000, "duration": 1.0}
        supervision = {
            **{name: row[name] for name in own if name != "audio"},
            "recording_id": "r", "start": 0.0, "duration": 1.0,
            "custom": {name: value for name, value in row.items() if name not in own},
        }  # fmt: skip
        lines.append(json.dumps({"supervisions": [supervision], "recording": recording}) + "\n")
    (root / "cuts.jsonl").write_text("".join(lines), "utf-8")


def as_shard(root: Path, rows: Sequence[Row]) -> None:
    with tarfile.open(root / "s.tar", "w") as tar:
        for row in rows:
            described = {name: value for name, value in row.items() if name != "audio"}
            for suffix, data in ((".wav", b"RIFF"), (".json", json.dumps(described).encode())):
                member = tarfile.TarInfo(row["id"] + suffix)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


WRITERS: Mapping[str, Callable[[Path, Sequence[Row]], None]] = {
    "csv": as_csv, "jsonl": as_lines, "parquet": as_parquet, "huggingface": as_metadata,
    "lhotse": as_cuts, "webdataset": as_shard,
}  # fmt: skip


@pytest.mark.parametrize("domain", ["speech", "music", "audio"])
@pytest.mark.parametrize("name", WRITERS)
def test_every_fact_with_a_cell_comes_through(name: str, domain: Domain, tmp_path: Path) -> None:
    clips = [clip for clip in recordings(30) if clip.domain == domain]
    WRITERS[name](tmp_path, rows_of(clips))
    imported = [*foreign_corpus(name, tmp_path, domain=domain).recordings()]
    assert [clip.id for clip in imported] == [clip.id for clip in clips]
    for fact in fields(Recording):
        if fact.name in FACTS and fact.name not in NO_CELL:
            values = [getattr(clip, fact.name) for clip in imported]
            assert values == [getattr(clip, fact.name) for clip in clips], fact.name
