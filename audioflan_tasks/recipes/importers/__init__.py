"""Formats of others, read as recordings: tables, Kaldi, lhotse, Hugging Face, tar shards, chats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from audioflan_tasks.errors import RecordError, SettingsError
from audioflan_tasks.recipes.importers.chats import chat_questions, chat_rows
from audioflan_tasks.recipes.importers.columns import ColumnMap, ImportedRow, recordings_of
from audioflan_tasks.recipes.importers.huggingface import huggingface_rows
from audioflan_tasks.recipes.importers.kaldi import kaldi_folders, kaldi_rows
from audioflan_tasks.recipes.importers.lhotse import lhotse_manifests, lhotse_rows
from audioflan_tasks.recipes.importers.tables import csv_rows, json_rows, parquet_rows
from audioflan_tasks.recipes.importers.webdataset import webdataset_rows, webdataset_shards
from audioflan_tasks.unpacked import PACKED_SUFFIXES, plain_name

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
          RecordError: there is no such file under `path`.
        """
        files = self.files(path)
        if not files:
            raise RecordError(f"{path}: expected {self.summary}; found nothing of it")
        for file in files:
            yield from self.rows(file)


def _named(*patterns: str) -> Callable[[Path], list[Path]]:
    def files(path: Path) -> list[Path]:
        if path.is_file():
            return [path]
        return sorted(file for pattern in patterns for file in path.glob(pattern))

    return files


def _existing(path: Path) -> list[Path]:
    return [path] if path.is_dir() else []


_PACKED_LINES = tuple(f"*.jsonl{suffix}" for suffix in PACKED_SUFFIXES)

FORMATS: Mapping[str, ImportFormat] = MappingProxyType(
    {
        "csv": ImportFormat(
            "a table with a line of names (.csv, .tsv)", _named("*.csv", "*.tsv"), csv_rows
        ),
        "jsonl": ImportFormat(
            "JSON lines with a clip each, such as NeMo's manifests (.jsonl, .json)",
            _named("*.jsonl", "*.json", *_PACKED_LINES),
            json_rows,
        ),
        "parquet": ImportFormat("Parquet files (.parquet)", _named("**/*.parquet"), parquet_rows),
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
            _named("*.jsonl", "*.json", *_PACKED_LINES),
            chat_rows,
        ),
    }
)


def format_of(path: Path) -> str:
    """The format that a folder or file most likely has; "" if none is seen.

    Records of this package's own layouts are of no format.
    """
    if path.is_dir():
        if (path / "wav.scp").exists() or [*path.glob("*/wav.scp")]:
            return "kaldi"
        if lhotse_manifests(path):
            return "lhotse"
        if [*path.rglob("metadata.csv"), *path.rglob("metadata.jsonl"), *path.rglob("*.parquet")]:
            return "huggingface"
        if webdataset_shards(path):
            return "webdataset"
        if [*path.glob("*.csv"), *path.glob("*.tsv")]:
            return "csv"
        lines = FORMATS["jsonl"].files(path)
        return _format_of_lines(lines[0]) if lines else ""
    suffix = Path(plain_name(path.name)).suffix
    if suffix in (".jsonl", ".json"):
        return _format_of_lines(path)
    return {".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".tar": "webdataset"}.get(
        suffix, ""
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
