"""Tables with a row for each clip: CSV, TSV, JSON lines (NeMo manifests too) and Parquet."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from audioflan_tasks.errors import RecordError, reason_of
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.recipes.importers.columns import ImportedRow
from audioflan_tasks.recipes.text_files import text_lines

__all__ = ["csv_rows", "json_object", "json_rows", "parquet_rows"]

_BATCH = 64


def csv_rows(path: Path) -> Iterator[ImportedRow]:
    """Rows of a table with a line of names; tabs for `.tsv`, else the delimiter that it has.

    Raises:
      RecordError: the table is not UTF-8, two columns have one name, or a row has more cells than
        there are names.
    """
    lines = text_lines(path)
    head = next(lines, "")
    delimiter = "\t" if "\t" in head else ";" if head.count(";") > head.count(",") else ","
    # Tables with tabs hold sentences whose quotation marks are text.
    quoting: Literal[0, 3] = 3 if delimiter == "\t" else 0  # csv.QUOTE_NONE, QUOTE_MINIMAL
    reader = csv.DictReader(chain([head], lines), delimiter=delimiter, quoting=quoting)
    try:
        names = Counter(filter(None, reader.fieldnames or ()))
        if names and max(names.values()) > 1:
            raise RecordError(f"{path}:1: two columns named {names.most_common(1)[0][0]!r}")
        for row in reader:
            place = f"{path}:{reader.line_num}"
            if None in row:
                raise RecordError(f"{place}: more cells than the {len(row) - 1} names above")
            yield ImportedRow(row, place)
    except csv.Error as error:
        raise RecordError(f"{path}:{reader.line_num}: no row of a table ({error})") from error


def json_rows(path: Path) -> Iterator[ImportedRow]:
    """Objects of a file of JSON lines, or of one JSON list.

    Raises:
      RecordError: a line is no JSON object, or the file is not UTF-8.
    """
    if path.suffix == ".json":
        yield from _list_rows(path)
        return
    for number, line in enumerate(text_lines(path), 1):
        if line.strip():
            yield ImportedRow(json_object(line, f"{path}:{number}"), f"{path}:{number}")


def _list_rows(path: Path) -> Iterator[ImportedRow]:
    """Objects of a list; NeMo's manifests are JSON lines in files of this name too."""
    lines = [*text_lines(path)]
    try:
        values = _content("".join(lines))
    except (ValueError, RecursionError):
        values = [
            json_object(line, f"{path}:{n}") for n, line in enumerate(lines, 1) if line.strip()
        ]
    for number, value in enumerate(values if isinstance(values, list) else [values], 1):
        if not isinstance(value, dict):
            raise RecordError(f"{path}: item {number}: expected an object")
        yield ImportedRow(value, f"{path}:{number}")


def json_object(text: str, place: str) -> Mapping[str, Any]:
    """An object of JSON.

    Raises:
      RecordError: it is none, or holds half a surrogate pair, which no file can.
    """
    try:
        value = _content(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{place}: no JSON ({error})") from error
    if not isinstance(value, dict):
        raise RecordError(f"{place}: expected an object, found {type(value).__name__}")
    return value


def _content(text: str) -> Any:
    value = json.loads(text)
    if "\\ud" in text.lower():
        json.dumps(value, ensure_ascii=False).encode()
    return value


def parquet_rows(path: Path) -> Iterator[ImportedRow]:
    """Rows of a Parquet file; a column of {bytes, path}, as Hugging Face has it, is audio.

    Raises:
      RecordError: it is no Parquet file, or what should be the bytes of audio are none.
    """
    import pyarrow
    import pyarrow.parquet as parquet

    try:
        with open_plain_file(path) as data, parquet.ParquetFile(data) as file:
            batches = (batch.to_pylist() for batch in file.iter_batches(batch_size=_BATCH))
            for number, values in enumerate(chain.from_iterable(batches)):
                yield _with_audio(values, path, number)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        raise RecordError(f"{path}: no whole Parquet file ({reason_of(error)})") from error


def _with_audio(values: dict[str, Any], path: Path, number: int) -> ImportedRow:
    data = None
    for name, value in values.items():
        if isinstance(value, dict) and "bytes" in value:
            file = str(value.get("path") or f"{path.stem}_{number:07d}.wav")
            data, values[name] = value["bytes"], file
            if not isinstance(data, bytes | None):
                raise RecordError(f"{path}: row {number}: the bytes of {name!r} are none")
            if data is not None:
                # Paths of the machine that made the file; names repeat between files.
                values[name] = f"{path.stem}_{number:07d}{Path(file).suffix}"
    return ImportedRow(values, f"{path}: row {number}", data)
