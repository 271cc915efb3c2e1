"""What a reader of a corpus is, and the lines and tables that most corpora are made of."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from audioflan_tasks.errors import RecordError
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.recipes.cards import card
from audioflan_tasks.recipes.recording import Recording

__all__ = ["CorpusReader", "below", "lines_of", "table_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusReader:
    """Reads the folders of one corpus as its archives unpack.

    `expects` are patterns below the root; each must match something. Audio that a list names and
    the disk lacks is no concern of a reader: the writer counts it.
    """

    name: str
    expects: tuple[str, ...]
    read: Callable[[Path], Iterator[Recording]]

    def missing(self, root: Path) -> tuple[str, ...]:
        """The patterns that match nothing below `root`."""
        return tuple(p for p in self.expects if next(root.glob(p), None) is None)

    def recordings(self, root: Path) -> Iterator[Recording]:
        """The corpus's clips, with where they were recorded and their licence by its card.

        Raises:
          RecordError: `root` is not the corpus's folder, or only a part of it is unpacked.
        """
        missing = self.missing(root)
        facts = card(self.name)
        if missing:
            raise RecordError(
                f"{root}: no {self.name}; nothing matches {', '.join(missing)} "
                f"(is it unpacked there? {facts.homepage})"
            )
        for recording in self.read(root):
            yield replace(recording, origin=facts.origin, licence=facts.licence.audio)


def below(root: Path, path: Path) -> str:
    """A path below the root, with `/`."""
    return path.relative_to(root).as_posix()


def lines_of(path: Path, encodings: tuple[str, ...] = ("utf-8-sig",)) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is not blank, in the first encoding that fits.

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
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        lines = enumerate(text.replace("\r\n", "\n").split("\n"), 1)
        yield from ((number, line) for number, line in lines if line.strip())
        return
    raise RecordError(f"{path}: is not text in {' or '.join(encodings)}")


def table_rows(
    path: Path, columns: tuple[str, ...], delimiter: str = ","
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Place and cells of each row of a table with a line of names.

    Raises:
      RecordError: a column of `columns` is not there.
    """
    lines = (line for _, line in lines_of(path))
    # Tables with tabs hold sentences whose quotation marks are text.
    quoting: Literal[0, 3] = 3 if delimiter == "\t" else 0  # csv.QUOTE_NONE, QUOTE_MINIMAL
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting)
    names = next(reader, [])
    absent = [name for name in columns if name not in names]
    if absent:
        raise RecordError(f"{path}: no column {', '.join(absent)}; there are {', '.join(names)}")
    for number, cells in enumerate(reader, 2):
        if len(cells) < len(names):
            raise RecordError(f"{path}:{number}: {len(cells)} of {len(names)} cells; cut short?")
        yield f"{path}:{number}", dict(zip(names, cells, strict=False))
