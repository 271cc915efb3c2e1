"""Formats of others, read as recordings: tables, Kaldi, lhotse, Hugging Face, tar shards, chats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from audioflan_tasks.audio.resolve import AUDIO_SUFFIXES
from audioflan_tasks.errors import RecordError, SettingsError
from audioflan_tasks.recipes.importers.chats import chat_questions, chat_rows
from audioflan_tasks.recipes.importers.columns import ColumnMap, ImportedRow, recordings_of
from audioflan_tasks.recipes.importers.files import ending_of, files_ending, visible_files
from audioflan_tasks.recipes.importers.huggingface import huggingface_rows, metadata_tables
from audioflan_tasks.recipes.importers.kaldi import kaldi_folders, kaldi_rows
from audioflan_tasks.recipes.importers.lhotse import lhotse_manifests, lhotse_rows
from audioflan_tasks.recipes.importers.tables import csv_rows, json_rows, parquet_rows
from audioflan_tasks.recipes.importers.webdataset import webdataset_rows, webdataset_shards

__all__ = [
    "FORMATS",
    "ColumnMap",
    "ImportFormat",
    "ImportedRow",
    "chat_questions",
    "format_of",
    "recordings_of",
]


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """A format: what it is, and the files of it under a path with the reader of a file."""

    summary: str
    files: Callable[[Path], list[Path]]
    rows: Callable[[Path], Iterator[ImportedRow]]

    def read(self, path: Path) -> Iterator[ImportedRow]:
        """The rows of all its files.

        Raises:
          RecordError: there is no such file under `path`, or no row in them.
        """
        files = self.files(path)
        if not files:
            raise RecordError(f"{path}: expected {self.summary}; found nothing of it")
        rows = chain.from_iterable(map(self.rows, files))
        first_row = next(rows, None)
        if first_row is None:
            raise RecordError(f"{files[0]}: no row in it; expected {self.summary}")
        yield first_row
        yield from rows


def _existing(path: Path) -> list[Path]:
    return [path] if path.is_dir() else []


# A folder for each label, or such folders in one for each split.
_LABEL_DEPTHS = ("*/*", "*/*/*")
_tables = partial(files_ending, endings=(".csv", ".tsv"))
_json_files = partial(files_ending, endings=(".jsonl", ".json"))
_parquet_files = partial(files_ending, endings=(".parquet",), pattern="**/*")

FORMATS: Mapping[str, ImportFormat] = MappingProxyType(
    {
        "csv": ImportFormat("a table with a line of names (.csv, .tsv)", _tables, csv_rows),
        "jsonl": ImportFormat(
            "JSON lines with a clip each, such as NeMo's manifests (.jsonl, .json)",
            _json_files,
            json_rows,
        ),
        "parquet": ImportFormat("Parquet files (.parquet)", _parquet_files, parquet_rows),
        "huggingface": ImportFormat(
            "a folder with metadata.csv or .jsonl, Parquet shards, or a folder for each label",
            _existing,
            huggingface_rows,
        ),
        "kaldi": ImportFormat("a data folder of Kaldi (wav.scp)", kaldi_folders, kaldi_rows),
        "lhotse": ImportFormat(
            "manifests of lhotse (cuts or supervisions, .jsonl.gz)", lhotse_manifests, lhotse_rows
        ),
        "webdataset": ImportFormat(
            "tar shards of WebDataset (.tar)", webdataset_shards, webdataset_rows
        ),
        "chat": ImportFormat(
            "chats of ms-swift, OpenAI or LLaMA-Factory (.jsonl, .json)",
            _json_files,
            chat_rows,
        ),
    }
)


def format_of(path: Path) -> str:
    """The format that a folder or file most likely has; "" if none is seen.

    Records of this package's own layouts are of no format.
    """
    if (path / "metadata").is_dir():
        return ""
    if path.is_dir():
        if kaldi_folders(path):
            return "kaldi"
        if lhotse_manifests(path):
            return "lhotse"
        if metadata_tables(path) or _parquet_files(path):
            return "huggingface"
        if webdataset_shards(path):
            return "webdataset"
        if _tables(path):
            return "csv"
        lines = _json_files(path)
        if lines:
            return next(filter(None, map(_format_of_lines, lines)), "")
        labelled = chain(*(visible_files(path, AUDIO_SUFFIXES, depth) for depth in _LABEL_DEPTHS))
        return "huggingface" if any(labelled) else ""
    ending = ending_of(path)
    if ending in (".jsonl", ".json"):
        return _format_of_lines(path)
    return {".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".tar": "webdataset"}.get(
        ending, ""
    )


def _format_of_lines(file: Path) -> str:
    """What JSON lines hold, by the fields of the first: chats, cuts, or clips with facts."""
    try:
        row = next(json_rows(file), None)
        fields = row.values.keys() if row is not None else set[str]()
        if fields & {"messages", "conversations"}:
            return "chat"
        if "supervisions" in fields:
            return "lhotse"
        if "instruction" in fields or not ColumnMap(fields).by_fact:
            return ""
    except (RecordError, SettingsError):
        return ""
    return "jsonl"
