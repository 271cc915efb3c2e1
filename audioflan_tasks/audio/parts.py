"""The files of records of a corpus in parts of some lines, each a unit of work."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audioflan_tasks.plain_files import file_state, open_plain_file
from audioflan_tasks.records.pieces import PIECE_BYTES, FilePiece, pieces_of
from audioflan_tasks.records.tree import LineRange, name_in
from audioflan_tasks.runners import Runner, map_items

__all__ = ["RecordPart", "record_parts"]

# A small corpus has so many parts, for several workers.
_FEWEST_PARTS = 8
# Uuids of so many bytes of records are compared: memory must not grow with the corpus.
_UUID_BYTES = 512 * 2**20
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class RecordPart:
    """Some lines of a file of records, and whether their uuids are compared."""

    path: Path
    lines: LineRange
    compare_uuids: bool


@dataclass(frozen=True, slots=True)
class _LineCount:
    """A number of lines, and whether one of them ends in CRLF."""

    lines: int = 0
    has_crlf: bool = False


def record_parts(files: Sequence[Path], base: Path, runner: Runner) -> list[RecordPart]:
    """The parts, in the order of the files; `runner` counts the lines before each.

    A file that cannot be opened is one part.
    """
    size = min(PIECE_BYTES, 1 + sum(map(_size, files)) // _FEWEST_PARTS)
    pieces_by_file = {path: _pieces(path, base, size) for path in files}
    with_another_after = [
        (path, piece) for path, pieces in pieces_by_file.items() for piece in pieces[:-1]
    ]
    counts = map_items(
        runner, _line_count, with_another_after, per_unit=1, advance=lambda count: None,
        death_result=lambda path_and_piece: _LineCount(),
    )  # fmt: skip
    return list(_numbered(pieces_by_file, iter(counts)))


def _size(path: Path) -> int:
    try:
        return file_state(path).size
    except OSError:
        return 0


def _pieces(path: Path, base: Path, size: int) -> list[FilePiece]:
    try:
        return pieces_of(path, base, size)
    except OSError:
        return [FilePiece(name_in(path, base), 0, sys.maxsize, 0, array=False)]


def _numbered(
    pieces_by_file: dict[Path, list[FilePiece]], counts: Iterator[_LineCount]
) -> Iterator[RecordPart]:
    """The parts of the pieces; `counts` are those of all but the last of each file."""
    corpus_bytes = 0
    for path, pieces in pieces_by_file.items():
        count_before = _LineCount()
        for piece in pieces:
            lines = LineRange(piece.start, piece.end, count_before.lines, count_before.has_crlf)
            yield RecordPart(path, lines, corpus_bytes < _UUID_BYTES)
            corpus_bytes += piece.end - piece.start
            if piece is not pieces[-1]:
                count_before = _sum(count_before, next(counts))


def _sum(first: _LineCount, second: _LineCount) -> _LineCount:
    return _LineCount(first.lines + second.lines, first.has_crlf or second.has_crlf)


def _line_count(path_and_piece: tuple[Path, FilePiece]) -> _LineCount:
    path, piece = path_and_piece
    count, last_byte = _LineCount(), b""
    for block in _blocks(path, piece):
        has_crlf = b"\r\n" in last_byte + block
        count, last_byte = _sum(count, _LineCount(block.count(b"\n"), has_crlf)), block[-1:]
    return count


def _blocks(path: Path, piece: FilePiece) -> Iterator[bytes]:
    with open_plain_file(path) as handle:
        handle.seek(piece.start)
        size = piece.end - piece.start
        while size > 0 and (block := handle.read(min(_BLOCK, size))):
            size -= len(block)
            yield block
