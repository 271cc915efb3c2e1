"""Files of records cut into pieces, each of which one unit of work reads."""

from __future__ import annotations

import itertools
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.records.tree import is_array, name_in

__all__ = ["PIECE_BYTES", "FilePiece", "pieces_of"]

# About 55,000 records: some seconds of work, and under 400 MB while it is read.
PIECE_BYTES = 32 * 2**20

_LOOK = 64 * 2**10


@dataclass(frozen=True, slots=True)
class FilePiece:
    """Bytes `start` to `end` of a file, at line starts; `number` counts the file's pieces."""

    file: str
    start: int
    end: int
    number: int
    array: bool


def pieces_of(path: Path, base: Path, size: int) -> list[FilePiece]:
    """The pieces of a file, of about `size` bytes each; named relative to `base`.

    Only line ends near the cuts are read. A file that holds one JSON array is one piece.

    Raises:
      OSError: it cannot be opened.
    """
    name, array = name_in(path, base), is_array(path)
    cuts = _cuts(path, sys.maxsize if array else size)
    pairs = itertools.pairwise(cuts)
    return [FilePiece(name, start, end, number, array) for number, (start, end) in enumerate(pairs)]


def _cuts(path: Path, size: int) -> list[int]:
    """Line starts about `size` bytes apart, from 0 to the end of the file."""
    cuts = [0]
    with open_plain_file(path) as handle:
        total = handle.seek(0, os.SEEK_END)
        while cuts[-1] + size < total:
            cuts.append(_next_line(handle, cuts[-1] + size, total))
    return cuts if cuts[-1] == total else [*cuts, total]


def _next_line(handle: BinaryIO, start: int, total: int) -> int:
    """The first line start at or after byte `start`."""
    handle.seek(start - 1)
    while block := handle.read(_LOOK):
        line_end = block.find(b"\n")
        if line_end >= 0:
            return handle.tell() - len(block) + line_end + 1
    return total
