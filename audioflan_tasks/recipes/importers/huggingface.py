"""Folders of Hugging Face: metadata.csv or .jsonl beside audio, folders of labels, Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from audioflan_tasks.audio.resolve import AUDIO_SUFFIXES
from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.importers.columns import ImportedRow, split_in
from audioflan_tasks.recipes.importers.files import ending_of, files_ending, visible_files
from audioflan_tasks.recipes.importers.tables import csv_rows, json_rows, parquet_rows

__all__ = ["huggingface_rows", "metadata_tables"]


def metadata_tables(root: Path) -> list[Path]:
    """The metadata.csv, .jsonl or .parquet files below a folder; they may be compressed."""
    return files_ending(root, (".csv", ".jsonl", ".parquet"), "**/metadata.*")


def huggingface_rows(root: Path) -> Iterator[ImportedRow]:
    """Rows of an AudioFolder or of Parquet shards; the split is in the folder or file name.

    Raises:
      RecordError: there is none of these under `root`.
    """
    tables = metadata_tables(root)
    shards = files_ending(root, (".parquet",), "**/*")
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
    ending = ending_of(table)
    if ending == ".parquet":
        return parquet_rows(table)
    return csv_rows(table) if ending == ".csv" else json_rows(table)


def _labelled_files(root: Path) -> Iterator[ImportedRow]:
    """`[SPLIT/]LABEL/file.wav`: the folder is the label.

    Folders name splits where all at their depth do: `train` among `car` and `plane` is a label.
    """
    files = sorted(visible_files(root, AUDIO_SUFFIXES, "**/*"))
    if not files:
        raise RecordError(
            f"{root}: no metadata.csv or metadata.jsonl, no .parquet file and no audio under it"
        )
    folders = [path.relative_to(root).parts[:-1] for path in files]
    levels = enumerate(zip(*folders, strict=False))
    split_depth = next((depth for depth, names in levels if all(map(split_in, names))), None)
    for path, names in zip(files, folders, strict=True):
        values = {"file_name": str(path.relative_to(root))}
        if split_depth is not None:
            values |= split_in(names[split_depth])
            names = names[:split_depth] + names[split_depth + 1 :]
        yield ImportedRow(values | ({"label": names[-1]} if names else {}), str(path))


def _split(root: Path, path: Path) -> dict[str, str]:
    names = [*path.relative_to(root).parts[:-1], path.stem if path.suffix == ".parquet" else ""]
    return next((split for split in map(split_in, names) if split), {})
