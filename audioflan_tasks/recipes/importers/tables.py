"""Tables with a row for each clip: CSV, TSV, JSON lines (NeMo manifests too) and Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TextIO

from audioflan_tasks.errors import RecordError
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.recipes.importers.columns import ImportedRow
from audioflan_tasks.unpacked import plain_name

__all__ = ["csv_rows", "json_rows", "open_text", "parquet_rows"]

_BATCH = 64
# The escape of one: two are a pair, and one alone is no character.
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


def open_text(path: Path) -> TextIO:
    """A text file, UTF-8, also compressed.

    Raises:
      RecordError: it cannot be opened.
    """
    try:
        return io.TextIOWrapper(open_plain_file(path), "utf-8-sig", newline="")
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror})") from error


def csv_rows(path: Path) -> Iterator[ImportedRow]:
    """Rows of a table with a line of names; tabs for `.tsv`, else the delimiter that it has.

    Raises:
      RecordError: the table is not UTF-8, or a row has more cells than there are names.
    """
    with open_text(path) as file:
        try:
            head = file.readline()
            delimiter = "\t" if "\t" in head else ";" if head.count(";") > head.count(",") else ","
            file.seek(0)
            # Tables with tabs hold sentences whose quotation marks are text.
            quoting: Literal[0, 3] = 3 if delimiter == "\t" else 0  # csv.QUOTE_NONE, QUOTE_MINIMAL
            reader = csv.DictReader(file, delimiter=delimiter, quoting=quoting)
            for row in reader:
                place = f"{path}:{reader.line_num}"
                if None in row:
                    raise RecordError(f"{place}: more cells than the {len(row) - 1} names above")
                yield ImportedRow(row, place)
        except (UnicodeDecodeError, csv.Error) as error:
            raise RecordError(f"{path}: no table in UTF-8 ({error})") from error


def json_rows(path: Path) -> Iterator[ImportedRow]:
    """Objects of a file of JSON lines, or of one JSON list.

    Raises:
      RecordError: a line is no JSON object, or the file is not UTF-8.
    """
    if Path(plain_name(path.name)).suffix == ".json":
        yield from _list_rows(path)
        return
    with open_text(path) as lines:
        number = 0
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield ImportedRow(_object(line, f"{path}:{number}"), f"{path}:{number}")
        except UnicodeDecodeError as error:
            raise RecordError(f"{path}:{number + 1}: not UTF-8 ({error.reason})") from error


def _list_rows(path: Path) -> Iterator[ImportedRow]:
    """Objects of a list; NeMo's manifests are JSON lines in files of this name too."""
    try:
        with open_text(path) as file:
            text = file.read()
    except UnicodeDecodeError as error:
        raise RecordError(f"{path}: not UTF-8 ({error.reason})") from error
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        lines = [line for line in text.split("\n") if line.strip()]
        values = [_object(line, f"{path}:{number}") for number, line in enumerate(lines, 1)]
    if not isinstance(values, list):
        values = [values]
    may_have_halves = _may_have_halves(text)
    for number, value in enumerate(values, 1):
        place = f"{path}:{number}"
        yield ImportedRow(_checked(value, place, may_have_halves), place)


def _object(line: str, place: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{place}: no JSON ({error})") from error
    return _checked(value, place, _may_have_halves(line))


def _may_have_halves(text: str) -> bool:
    return _HALF_PAIR.search(text) is not None


def _checked(value: Any, place: str, may_have_halves: bool) -> Mapping[str, Any]:
    """A value of a JSON text as an object that can be written again."""
    if not isinstance(value, dict):
        raise RecordError(f"{place}: expected an object, found {type(value).__name__}")
    if may_have_halves:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            reason = "half of a surrogate pair, which no text can hold"
            raise RecordError(f"{place}: {reason}; mend the escape \\uD…") from None
    return value


def parquet_rows(path: Path) -> Iterator[ImportedRow]:
    """Rows of a Parquet file; a column of {bytes, path}, as Hugging Face has it, is audio.

    Raises:
      RecordError: it is no Parquet file.
    """
    import pyarrow
    import pyarrow.parquet as parquet

    try:
        with parquet.ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches(batch_size=_BATCH):
                for values in batch.to_pylist():
                    yield _with_audio(values, path, number)
                    number += 1
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise RecordError(f"{path}: no Parquet file ({error})") from error


def _with_audio(values: dict[str, Any], path: Path, number: int) -> ImportedRow:
    """A row whose audio has names in its place; paths in the file are of another machine."""
    data: dict[str, bytes] = {}

    def named(value: Any, column: str) -> Any:
        if not isinstance(value, dict):
            return value
        if "bytes" not in value:
            return {name: named(inner, f"{column}_{name}") for name, inner in value.items()}
        name = str(value.get("path") or "clip.wav")
        if value["bytes"] is not None:
            # Names repeat between files, and a second clip of a row may have that of the first.
            several = f"_{column}" if data else ""
            name = f"{path.stem}_{number:07d}{several}{Path(name).suffix}"
            data[name] = value["bytes"]
        return name

    names = {column: named(value, column) for column, value in values.items()}
    return ImportedRow(names, f"{path}: row {number}", data)
