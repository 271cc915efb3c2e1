"""Tables with a row for each clip: CSV, TSV, JSON lines (NeMo manifests too) and Parquet."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from audioflan_tasks.errors import RecordError, reason_of
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.recipes.importers.columns import ImportedRow
from audioflan_tasks.recipes.importers.files import ending_of
from audioflan_tasks.recipes.text_files import text_lines

__all__ = ["csv_rows", "json_object", "json_rows", "parquet_rows"]

_BATCH = 64
# The first is that of a table with one column.
_DELIMITERS = (",", ";", "|")
# A line in which Excel finds the delimiter.
_EXCEL_HEAD = re.compile(r"sep=.", re.IGNORECASE)
# The escape of one: two are a pair, and one alone is no character.
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


def csv_rows(path: Path) -> Iterator[ImportedRow]:
    """Rows of a table with a line of names, whose cells tabs, commas, semicolons or bars part.

    Raises:
      RecordError: the table is not UTF-8, two columns have one name, a row has more cells than
        there are names, or a quotation mark is not closed.
    """
    lines = text_lines(path)
    head, line_offset = next(lines, ""), 0
    if _EXCEL_HEAD.fullmatch(head.strip()):
        head, line_offset = next(lines, ""), 1
    delimiter = "\t" if "\t" in head else max(_DELIMITERS, key=head.count)
    # Tables with tabs hold sentences whose quotation marks are text.
    quoting: Literal[0, 3] = 3 if delimiter == "\t" else 0  # csv.QUOTE_NONE, QUOTE_MINIMAL
    reader = csv.DictReader(chain([head], lines), delimiter=delimiter, quoting=quoting, strict=True)
    try:
        names = Counter(filter(None, reader.fieldnames or ()))
        for name, count in names.most_common(1):
            if count > 1:
                raise RecordError(f"{path}:{line_offset + 1}: two columns named {name!r}")
        for row in reader:
            place = f"{path}:{line_offset + reader.line_num}"
            if None in row:
                raise RecordError(f"{place}: more cells than the {len(row) - 1} names above")
            # Spreadsheets leave rows of delimiters alone.
            if any(row.values()):
                yield ImportedRow(row, place)
    except csv.Error as error:
        # That of the dictionary reader counts whole rows.
        number = line_offset + reader.reader.line_num
        raise RecordError(f"{path}:{number}: no row of a table ({error})") from error


def json_rows(path: Path) -> Iterator[ImportedRow]:
    """Objects of a file of JSON lines, or of one JSON list.

    Raises:
      RecordError: a line is no JSON object, or the file is not UTF-8.
    """
    if ending_of(path) == ".json":
        yield from _list_rows(path)
        return
    for number, line in enumerate(text_lines(path), 1):
        if line.strip():
            yield ImportedRow(json_object(line, f"{path}:{number}"), f"{path}:{number}")


def _list_rows(path: Path) -> Iterator[ImportedRow]:
    """Objects of a list; NeMo's manifests are JSON lines in files of this name too."""
    lines = [*text_lines(path)]
    text = "".join(lines)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = [
            json_object(line, f"{path}:{n}") for n, line in enumerate(lines, 1) if line.strip()
        ]
    may_have_halves = _may_have_halves(text)
    for number, value in enumerate(values if isinstance(values, list) else [values], 1):
        place = f"{path}:{number}"
        yield ImportedRow(_checked(value, place, may_have_halves), place)


def json_object(text: str, place: str) -> Mapping[str, Any]:
    """An object of JSON.

    Raises:
      RecordError: it is none, or holds half a surrogate pair, which no file can.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{place}: no JSON ({error})") from error
    return _checked(value, place, _may_have_halves(text))


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
    """A row whose audio has names in its place; paths in the file are of another machine."""
    data: dict[str, bytes] = {}

    def named(value: Any, column: str) -> Any:
        if not isinstance(value, dict):
            return value
        if "bytes" not in value:
            return {name: named(inner, f"{column}_{name}") for name, inner in value.items()}
        name = str(value.get("path") or "clip.wav")
        if not isinstance(value["bytes"], bytes | None):
            raise RecordError(f"{path}: row {number}: the bytes of {column!r} are none")
        if value["bytes"] is not None:
            # Names repeat between files, and a second clip of a row may have that of the first.
            several = f"_{column}" if data else ""
            name = f"{path.stem}_{number:07d}{several}{Path(name).suffix}"
            data[name] = value["bytes"]
        return name

    names = {column: named(value, column) for column, value in values.items()}
    return ImportedRow(names, f"{path}: row {number}", data)
