"""Files of records, found in every layout that is known, and read line by line.

Layouts: the release (`metadata/<domain>/<category>/<split>/<NN_Name>/jsonl/*.jsonl`,
any level but the last two may be absent), a folder of `.jsonl` files, one file, and
one JSON array in a file; each also as `.jsonl.gz` and `.jsonl.zst`. What the folders say is a hint
only; records come first.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from audioflan_tasks.errors import RecordError
from audioflan_tasks.folders import is_folder, walk
from audioflan_tasks.plain_files import is_plain_file, open_plain_file
from audioflan_tasks.records.arrays import BOM, elements, holds_array
from audioflan_tasks.records.instance import Instance
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.records.repairs import Ledger, ProblemKind, Repair
from audioflan_tasks.records.sample import file_vocabularies
from audioflan_tasks.records.settle import (
    NO_SPLIT_NAMES,
    Hints,
    category_name,
    checked_splits,
    domain_name,
    is_misspelt_split,
    split_name,
)
from audioflan_tasks.records.spans import Markers
from audioflan_tasks.remote import shown_root
from audioflan_tasks.unpacked import plain_name

__all__ = [
    "LONGEST_LINE",
    "LineRange",
    "hints_of",
    "is_array",
    "iter_instances",
    "name_in",
    "read_array",
    "read_file",
    "read_lines",
    "record_files",
    "refuse_copies",
]

LONGEST_LINE = 16 * 2**20
_LONGEST_ARRAY = 512 * 2**20
_NUMBERED_FOLDER = re.compile(r"\d{2,}_\w")
_NO_METADATA = frozenset({"audio_files", "scp_files", "simulated"})


@dataclass(frozen=True, slots=True)
class LineRange:
    """Lines of a file: its bytes `start` to `end`, at line starts.

    Before them stand `lines_before` lines, of which `crlf_before` says whether one ends in CRLF.
    """

    start: int = 0
    end: int = sys.maxsize
    lines_before: int = 0
    crlf_before: bool = False


ALL_LINES = LineRange()


def iter_instances(
    root: str | os.PathLike[str],
    *,
    ledger: Ledger | None = None,
    strict: bool = False,
    markers: Markers | None = None,
    files: Iterable[Path] | None = None,
    splits: Mapping[str, str] = NO_SPLIT_NAMES,
) -> Iterator[Instance]:
    """The instances under `root` in the order of the sorted files, one line in memory at a time.

    Repairs and skipped lines are counted in `ledger`. `splits` says what words for splits mean
    that are none of the known ones, such as {"trian": "train"}.

    Raises:
      RecordError: no records can be there; or, if strict, at the first line that gives none.
      SettingsError: `splits` maps to something that is no split.
    """
    base = Path(root)
    for path in record_files(base) if files is None else files:
        yield from read_file(
            path, root=base, ledger=ledger, strict=strict, markers=markers, splits=splits
        )


def record_files(root: str | os.PathLike[str]) -> list[Path]:
    """The files that hold records, sorted.

    Raises:
      RecordError: `root` does not exist, or has no such file.
    """
    base = Path(root)
    if is_plain_file(base):
        return [base]
    if not is_folder(base):
        raise RecordError(
            f"{shown_root(base)}: no such file or folder; expected a release tree, a folder of "
            ".jsonl files or one .jsonl file"
        )
    metadata = base / "metadata"
    files = sorted(_jsonl_under(metadata if is_folder(metadata) else base))
    refuse_copies(files)
    if not files:
        raise RecordError(
            f"{shown_root(base)}: no .jsonl file below it; expected metadata/**/jsonl/*.jsonl or "
            "*.jsonl (is the download complete? audioflan import auto FOLDER reads tables, Kaldi, "
            "lhotse, Hugging Face and other formats)"
        )
    return files


def refuse_copies(files: Iterable[Path]) -> None:
    """A file and its compressed copy side by side would give each record twice.

    Raises:
      RecordError: there are some.
    """
    names: dict[Path, Path] = {}
    for file in files:
        other = names.setdefault(file.with_name(plain_name(file.name)), file)
        if other != file:
            raise RecordError(f"{file}: {other.name} beside it has the same name; move one away")


def hints_of(path: Path, root: Path) -> Hints:
    """What the folders of `path` say; folders above `root` count only below a `metadata`."""
    whole = path.absolute().parts[:-1]
    if "metadata" in whole:
        start = len(whole) - whole[::-1].index("metadata")
    else:
        start = len(root.absolute().parts)
    parts = [part for part in whole[start:] if part != "jsonl"]
    folder = next((part for part in reversed(parts) if _NUMBERED_FOLDER.match(part)), "")
    if not folder and whole[-1:] == ("jsonl",) and parts:
        folder = parts[-1]
    levels = [part for part in parts if part != folder]
    return Hints(
        domain=next(filter(None, map(domain_name, levels)), ""),
        category=next(filter(None, map(category_name, levels)), ""),
        split=_split_level(levels, is_release="metadata" in whole),
        folder=folder,
        task=Path(plain_name(path.name)).stem,
    )


def _split_level(levels: list[str], *, is_release: bool) -> str:
    """The folder that names a split; in a release tree a misspelt one too, which is an error."""
    known = (level for level in levels if split_name(level))
    misspelt = (level for level in levels if is_release and is_misspelt_split(level))
    return next(known, next(misspelt, ""))


def read_file(
    path: Path,
    *,
    root: Path | None = None,
    ledger: Ledger | None = None,
    strict: bool = False,
    markers: Markers | None = None,
    splits: Mapping[str, str] = NO_SPLIT_NAMES,
    infer: bool = True,
    lines: LineRange = ALL_LINES,
) -> Iterator[Instance]:
    """The instances of one file, or of some of its lines; places are relative to `root`.

    Without `infer` only the corpus of a record says what vocabulary its label is of, not the
    labels of the file.

    Raises:
      RecordError: strict, and something gives no record.
    """
    base = root if root is not None else path.parent
    words = checked_splits(splits)
    hints = hints_of(path, base)
    parser = LineParser(
        name_in(path, base), hints, ledger, strict=strict, markers=markers, splits=words,
        vocabularies=partial(file_vocabularies, path, hints, words, markers) if infer else None,
    )  # fmt: skip
    try:
        handle = open_plain_file(path)
    except OSError as error:
        parser.skip(0, ProblemKind.UNREADABLE, f"cannot be opened ({error.strerror})")
        return
    with handle:
        if not lines.start and holds_array(handle):
            yield from read_array(handle, parser)
        else:
            handle.seek(lines.start)
            yield from read_lines(handle, parser, lines)


def name_in(path: Path, base: Path) -> str:
    """A file's name in messages: relative to `base` where that holds it."""
    is_below = path.is_relative_to(base) and path != base
    return path.relative_to(base).as_posix() if is_below else path.name


def _jsonl_under(folder: Path) -> Iterator[Path]:
    for parent, folders, files in walk(folder, onerror=_unreadable_folder):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in _NO_METADATA]
        for name in files:
            if plain_name(name).endswith(".jsonl") and not name.startswith("."):
                yield Path(parent, name)


def _unreadable_folder(error: OSError) -> None:
    # Walked over in silence, a folder without permission would be records lost in silence.
    raise RecordError(
        f"{error.filename}: the folder cannot be read ({error.strerror}); "
        "its records would be lost: mend its permissions or move it away"
    ) from error


def is_array(path: Path) -> bool:
    """Whether a file holds one JSON array, which has no lines to split it by."""
    with open_plain_file(path) as handle:
        return holds_array(handle)


def read_lines(
    handle: BinaryIO, parser: LineParser, lines: LineRange = ALL_LINES
) -> Iterator[Instance]:
    """The instances of an open file of lines, which is read from where it stands."""
    number, seen_crlf = lines.lines_before, lines.crlf_before
    size = lines.end - lines.start
    while size > 0 and (line := handle.readline(LONGEST_LINE + 1)):
        size -= len(line)
        number += 1
        if number == 1 and line.startswith(BOM):
            parser.ledger.repair([Repair.BOM], f"{parser.name}:1")
            line = line[len(BOM) :]
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = handle.readline(LONGEST_LINE)
                size -= len(line)
            reason = f"line longer than {LONGEST_LINE} bytes; is this a record file?"
            parser.skip(number, ProblemKind.LINE_TOO_LONG, reason)
            continue
        if not seen_crlf and line.endswith(b"\r\n"):
            seen_crlf = True
            parser.ledger.repair([Repair.CRLF], f"{parser.name}:{number}")
        if line[:1].isspace() and not line.strip():
            continue
        instance = parser.parse(line, number)
        if instance is not None:
            yield instance


def read_array(handle: BinaryIO, parser: LineParser) -> Iterator[Instance]:
    """The instances of an open file that is one JSON array."""
    # An array has no lines to stream by, so its size is limited.
    data = handle.read(_LONGEST_ARRAY + 1)
    if len(data) > _LONGEST_ARRAY:
        reason = f"a JSON array of more than {_LONGEST_ARRAY} bytes; write one record a line"
        parser.skip(0, ProblemKind.LINE_TOO_LONG, reason)
        return
    values = elements(data)
    if values is None:
        reason = "begins as a JSON array but is none; expected one object a line"
        parser.skip(0, ProblemKind.BROKEN_JSON, reason)
        return
    parser.ledger.repair([Repair.JSON_ARRAY], parser.name)
    for number, value in values:
        instance = parser.parse(value, number)
        if instance is not None:
            yield instance
