"""Folders of Hugging Face: metadata.csv or .jsonl beside audio, folders of labels, Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from audioflan_tasks.audio.resolve import AUDIO_SUFFIXES
from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.importers.columns import ImportedRow, split_in
from audioflan_tasks.recipes.importers.tables import csv_rows, json_rows, parquet_rows

__all__ = ["huggingface_rows"]

_TABLES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")


def huggingface_rows(root: Path) -> Iterator[ImportedRow]:
    """Rows of an AudioFolder or of Parquet shards; the split is in the folder or file name.

    Raises:
      RecordError: there is none of these under `root`.
    """
    tables = sorted(path for name in _TABLES for path in root.rglob(name))
    shards = sorted(path for path in root.rglob("*.parquet") if path not in tables)
    if tables:
        for table in tables:
            for row in _rows(table):
                # Paths of a metadata file begin in its folder.
                name = "file_name" if "file_name" in row.values else ""
                folder = table.parent.relative_to(root)
                path_value = {name: str(folder / str(row.values[name]))} if name else {}
                yield ImportedRow(
                    _split(root, table) | {**row.values, **path_value}, row.place, row.data
                )
    elif shards:
        for shard in shards:
            for row in parquet_rows(shard):
                yield ImportedRow(_split(root, shard) | {**row.values}, row.place, row.data)
    else:
        yield from _labelled_files(root)


def _rows(table: Path) -> Iterator[ImportedRow]:
    if table.suffix == ".parquet":
        return parquet_rows(table)
    return csv_rows(table) if table.suffix == ".csv" else json_rows(table)


def _labelled_files(root: Path) -> Iterator[ImportedRow]:
    """`[SPLIT/]LABEL/file.wav`: the folder is the label."""
    files = sorted(path for path in root.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES)
    if not files:
        raise RecordError(
            f"{root}: no metadata.csv or metadata.jsonl, no .parquet file and no audio under it"
        )
    for path in files:
        label = path.parent.name if path.parent != root else ""
        values = {"file_name": str(path.relative_to(root)), "label": label} | _split(root, path)
        if split_in(label):
            values.pop("label")
        yield ImportedRow(values, str(path))


def _split(root: Path, path: Path) -> dict[str, str]:
    names = [*path.relative_to(root).parts[:-1], path.stem if path.suffix == ".parquet" else ""]
    return next((split for split in map(split_in, names) if split), {})
