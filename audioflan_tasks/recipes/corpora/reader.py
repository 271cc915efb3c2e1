"""What a reader of a corpus is, and the files, lines and tables that most corpora are made of."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from audioflan_tasks.errors import RecordError
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.recipes.cards import card
from audioflan_tasks.recipes.recording import Recording

__all__ = [
    "ANY_AUDIO", "CorpusReader", "below", "csv_rows", "files_below", "first_line",
    "json_lines", "lines_of", "read_json", "reading", "table_rows", "text_of",
]  # fmt: skip

_OR = " or "
# A pattern of `expects`: clips whose names are their users' own.
ANY_AUDIO = _OR.join(f"**/*.{suffix}" for suffix in ("wav", "flac", "mp3", "ogg", "opus", "m4a"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusReader:
    """Reads the folders of one corpus as its archives unpack.

    `expects` are patterns below the root, ` or ` between alternatives; each must match something.
    Audio that a list names and the disk lacks is no concern of a reader: the writer counts it.
    """

    name: str
    expects: tuple[str, ...]
    read: Callable[[Path], Iterable[Recording]]

    def missing(self, root: Path) -> tuple[str, ...]:
        """The patterns that match nothing below `root`."""
        return tuple(
            pattern
            for pattern in self.expects
            if all(next(root.glob(each), None) is None for each in pattern.split(_OR))
        )

    def recordings(self, root: Path) -> Iterator[Recording]:
        """The corpus's clips, with where they were recorded and their licence by its card.

        Raises:
          RecordError: `root` is not the corpus's folder, or only a part of it is unpacked.
        """
        facts = card(self.name)
        missing = self.missing(root)
        if missing:
            raise RecordError(
                f"{root}: no {self.name}; nothing matches {', '.join(missing)}; "
                f"{self._advice(root)} ({facts.homepage})"
            )
        for recording in self.read(root):
            # Corpora of many people have a licence of its own for each clip.
            licence = recording.licence or facts.licence.audio
            yield replace(recording, origin=facts.origin, licence=licence)

    def _advice(self, root: Path) -> str:
        if not root.is_dir():
            return "there is no such folder"
        inner = next((path for path in sorted(root.iterdir()) if self._is_root(path)), None)
        return "is it unpacked there?" if inner is None else f"give {inner}"

    def _is_root(self, folder: Path) -> bool:
        return folder.is_dir() and not self.missing(folder)


def below(root: Path, path: Path) -> str:
    """A path below the root, with `/`."""
    return path.relative_to(root).as_posix()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Names the file in which something has another form than the corpus has.

    Raises:
      RecordError: instead of the error that the form led to.
    """
    try:
        yield
    except RecordError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, csv.Error) as error:
        what = f"{type(error).__name__}: {error}"
        raise RecordError(f"{path}: not in the form of the corpus ({what})") from error


def files_below(root: Path, folder: str, suffix: str) -> list[str]:
    """Paths below the root of the files in a folder and its folders, sorted.

    Files whose name begins with a dot are none of the corpus: macOS leaves such copies in archives.
    """
    paths: list[str] = []
    for place, _, names in os.walk(root / folder):
        parent = Path(place).relative_to(root)
        paths += [
            (parent / name).as_posix()
            for name in names
            if name.lower().endswith(suffix) and not name.startswith(".")
        ]
    return sorted(paths)


def text_of(path: Path, encodings: tuple[str, ...] = ("utf-8-sig",)) -> str:
    """The text of a file in the first encoding that fits.

    Raises:
      RecordError: the file cannot be read, or no encoding fits.
    """
    try:
        with open_plain_file(path) as file:
            data = file.read()
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror})") from error
    for encoding in encodings:
        try:
            return data.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
    raise RecordError(f"{path}: is not text in {' or '.join(encodings)}")


def lines_of(path: Path, encodings: tuple[str, ...] = ("utf-8-sig",)) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is not blank, in the first encoding that fits.

    Raises:
      As `text_of`.
    """
    lines = enumerate(text_of(path, encodings).split("\n"), 1)
    yield from ((number, line) for number, line in lines if line.strip())


def first_line(path: Path) -> str:
    """The first line that is not blank; "" where there is no such file, as some clips have none."""
    try:
        return next((line.strip() for _, line in lines_of(path)), "")
    except RecordError:
        if path.exists():
            raise
        return ""


def read_json(path: Path) -> Any:
    """What a file of JSON holds.

    Raises:
      RecordError: it cannot be read, or is no JSON.
    """
    return _parsed(text_of(path), str(path))


def json_lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Place and object of each line.

    Raises:
      RecordError: a line is no JSON object.
    """
    for number, line in lines_of(path):
        value = _parsed(line, f"{path}:{number}")
        if not isinstance(value, dict):
            raise RecordError(f"{path}:{number}: no JSON object")
        yield f"{path}:{number}", value


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise RecordError(f"{place}: no JSON ({error})") from error


def csv_rows(path: Path, delimiter: str = ",") -> Iterator[tuple[str, list[str]]]:
    """Place and cells of each row of a table, the line of names among them if it has one."""
    lines = (line for _, line in lines_of(path))
    # Tables with tabs hold sentences whose quotation marks are text.
    quoting: Literal[0, 3] = 3 if delimiter == "\t" else 0  # csv.QUOTE_NONE, QUOTE_MINIMAL
    with reading(path):
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter, quoting=quoting), 1):
            yield f"{path}:{number}", cells


def table_rows(
    path: Path, columns: tuple[str, ...], delimiter: str = ","
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Place and cells of each row of a table with a line of names.

    Raises:
      RecordError: a column of `columns` is not there.
    """
    rows = csv_rows(path, delimiter)
    _, names = next(rows, ("", []))
    absent = [name for name in columns if name not in names]
    if absent:
        raise RecordError(f"{path}: no column {', '.join(absent)}; there are {', '.join(names)}")
    for place, cells in rows:
        if len(cells) < len(names):
            raise RecordError(f"{place}: {len(cells)} of {len(names)} cells; cut short?")
        yield place, dict(zip(names, cells, strict=False))
