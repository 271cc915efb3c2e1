"""Source files cut and gathered into the parts that one unit of work reads."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audioflan_tasks.errors import RecordError
from audioflan_tasks.folders import is_folder
from audioflan_tasks.plain_files import file_state
from audioflan_tasks.records.pieces import PIECE_BYTES, FilePiece, pieces_of
from audioflan_tasks.records.settle import NO_SPLIT_NAMES
from audioflan_tasks.records.tree import record_files
from audioflan_tasks.store.files import check_utf8_name
from audioflan_tasks.store.layout import digest_of, key_of

__all__ = ["Part", "part_bytes_of", "parts_of"]

# A small source has at least so many parts, so that several workers share it, but no smaller ones.
_FEWEST_PARTS, _SMALLEST_PART_BYTES = 8, 4 * 2**20


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces of files that make one shard; plain values, so that it can be sent.

    `splits` says what unknown words for splits mean.
    """

    name: str
    root: str
    pieces: tuple[FilePiece, ...]
    splits: tuple[tuple[str, str], ...] = ()


def part_bytes_of(root: Path) -> int:
    """Size of the parts of a source: `PIECE_BYTES`, or a half, quarter, … of it in a small one.

    It is halved, so that a source that grows seldom gets other parts.

    Raises:
      RecordError: no records can be there.
    """
    total = sum(_size(path) for path in record_files(root))
    size = PIECE_BYTES
    while size > _SMALLEST_PART_BYTES and size * _FEWEST_PARTS > total:
        size //= 2
    return size


def parts_of(
    root: Path, size: int = PIECE_BYTES, splits: Mapping[str, str] = NO_SPLIT_NAMES
) -> list[Part]:
    """The parts of all record files under `root`, in the order of the sorted files.

    Large files are cut, small ones gathered, to about `size` bytes. Only line ends near the
    cuts are read, so this takes no time on terabytes.

    Raises:
      RecordError: no records can be there, or a file cannot be opened.
    """
    base = root if is_folder(root) else root.parent
    files = record_files(root)
    pieces = itertools.chain.from_iterable(_pieces(path, base, size) for path in files)
    return [
        Part(
            f"{_stem(run[0])}-{run[0].number:05d}", str(root), tuple(run),
            tuple(sorted(splits.items())),
        )
        for run in _runs(pieces, size)
    ]  # fmt: skip


def _runs(pieces: Iterable[FilePiece], size: int) -> Iterator[list[FilePiece]]:
    """Runs of pieces of about `size` bytes.

    Where a run may end early depends on the next file's name alone, so that a new file
    changes the runs near it and not all that follow.
    """
    run: list[FilePiece] = []
    run_size = 0
    for piece in pieces:
        may_end = run_size >= size // 4 and key_of(piece.file) % 4 == 0
        if run and (may_end or run_size + piece.end - piece.start > size):
            yield run
            run, run_size = [], 0
        run.append(piece)
        run_size += piece.end - piece.start
    if run:
        yield run


def _pieces(path: Path, base: Path, size: int) -> list[FilePiece]:
    check_utf8_name(path)
    with _naming(path):
        return pieces_of(path, base, size)


def _size(path: Path) -> int:
    with _naming(path):
        return file_state(path).size


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be opened ({error.strerror}); mend it or move it away"
        ) from error


def _stem(piece: FilePiece) -> str:
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", Path(piece.file).stem)[:60] or "records"
    return f"{stem}-{digest_of([piece.file])[:8]}"
