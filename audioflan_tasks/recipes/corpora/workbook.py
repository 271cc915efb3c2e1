"""Rows of a sheet of an Office workbook (`.xlsx`): its texts and numbers as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from audioflan_tasks.errors import RecordError

__all__ = ["workbook_rows"]

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_STRINGS = "xl/sharedStrings.xml"


def workbook_rows(path: Path, *columns: str) -> Iterator[Mapping[str, str]]:
    """Cells by the names in the first line, in lower case, of the first sheet that has `columns`.

    Raises:
      RecordError: it is no workbook, or no sheet has the columns.
    """
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            strings = [
                "".join(text.text or "" for text in item.iter(f"{_SPACE}t"))
                for item in (_parts(archive, _STRINGS, "si") if _STRINGS in names else ())
            ]
            sheets = [
                [_cells(row, strings) for row in _parts(archive, name, "row")]
                for name in names
                if _SHEET.fullmatch(name)
            ]
    except (OSError, BadZipFile, ElementTree.ParseError, LookupError, ValueError) as error:
        raise RecordError(f"{path}: no workbook that can be read ({error})") from error
    for first, *others in filter(None, sheets):
        header = {column: name.strip().lower() for column, name in first.items()}
        if set(columns) <= set(header.values()):
            for row in others:
                yield {name: row.get(column, "") for column, name in header.items()}
            return
    raise RecordError(f"{path}: no sheet with the columns {', '.join(columns)}")


def _parts(archive: ZipFile, name: str, tag: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(archive.read(name)).iter(f"{_SPACE}{tag}")


def _cells(row: ElementTree.Element, strings: list[str]) -> Mapping[str, str]:
    """Texts of a row by the letters of their columns."""
    cells = {}
    for cell in row.iter(f"{_SPACE}c"):
        value = "".join(
            part.text or "" for part in cell.iter() if part.tag in (f"{_SPACE}v", f"{_SPACE}t")
        )
        column = cell.get("r", "").rstrip("0123456789")
        cells[column] = strings[int(value)] if cell.get("t") == "s" else value
    return cells
