"""Which line of which file holds row r of a task and split.

Sixteen bytes a record are kept: the place (file and line) and the line's offset. Text
stays on disk and is parsed when a row is asked for.
"""

from __future__ import annotations

import mmap
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import RecordError
from audioflan_tasks.folders import is_folder
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.records import Instance
from audioflan_tasks.records.arrays import BOM, holds_array
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.records.repairs import Ledger, ProblemKind
from audioflan_tasks.records.sample import file_vocabularies
from audioflan_tasks.records.settle import NO_SPLIT_NAMES, checked_splits
from audioflan_tasks.records.tree import hints_of, read_file, record_files

__all__ = ["RowIndex", "scan"]

_LINE_BITS = 32

Key = tuple[str, str]

NO_ROWS: Mapping[Key, NDArray[np.int64]] = MappingProxyType({})
_NONE = np.zeros(0, np.int64)


class RowIndex:
    """Rows of each (task id, split), in the order of the sorted files."""

    def __init__(
        self,
        root: Path,
        files: list[Path],
        rows: Mapping[Key, NDArray[np.int64]],
        ledger: Ledger,
        splits: Mapping[str, str] = NO_SPLIT_NAMES,
        unseen: Mapping[Key, NDArray[np.int64]] = NO_ROWS,
    ) -> None:
        self._root, self._files, self._rows, self._splits = root, files, rows, splits
        self.ledger, self._unseen = ledger, unseen
        # Bounded, so that a tree of many files does not run out of file handles.
        self._file = lru_cache(maxsize=64)(self._open)

    def pairs(self) -> tuple[Key, ...]:
        """The (task id, split) pairs that have rows."""
        return tuple(self._rows)

    def size(self, task_id: str, split: str) -> int:
        """Number of rows, 0 where there is none."""
        rows = self._rows.get((task_id, split))
        return 0 if rows is None else len(rows)

    def unseen_rows(self, task_id: str, split: str) -> NDArray[np.int64]:
        """Rows of a task that say `unseen: true`, in order."""
        return self._unseen.get((task_id, split), _NONE)

    def instance(self, task_id: str, split: str, row: int) -> Instance:
        """The instance of a row.

        Raises:
          IndexError: no such row.
          RecordError: the file has changed since it was scanned.
        """
        size = self.size(task_id, split)
        if not 0 <= row < size:
            raise IndexError(f"{task_id} {split} has {size} rows, asked for row {row}")
        place = int(self._rows[task_id, split][row])
        number, line = place >> _LINE_BITS, place & (2**_LINE_BITS - 1)
        instance = self._file(number)(line)
        if instance is None or instance.task != task_id:
            raise RecordError(
                f"{self._files[number]}:{line}: the file has changed since it was opened; "
                "open the corpus again"
            )
        return instance

    def _open(self, number: int) -> Callable[[int], Instance | None]:
        path = self._files[number]
        with open_plain_file(path) as handle:
            data: Any = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
            array = holds_array(handle)
        if array:
            # One JSON array has no lines; such files are small.
            instances = read_file(path, root=self._root, splits=self._splits)
            elements = {_line_of(i): i for i in instances}
            return elements.get
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        name = _name(path, self._root)
        hints, splits = hints_of(path, self._root), checked_splits(self._splits)
        parser = LineParser(
            name, hints, Ledger(), splits=splits,
            vocabularies=partial(file_vocabularies, path, hints, splits, None),
        )  # fmt: skip

        def line(number: int) -> Instance | None:
            start = 0 if number == 1 else int(ends[number - 2]) + 1
            stop = int(ends[number - 1]) if number <= len(ends) else len(data)
            return parser.parse(data[start:stop].removeprefix(BOM), number)

        return line


def scan(
    root: Path,
    progress: Callable[[int, int], None] | None = None,
    splits: Mapping[str, str] = NO_SPLIT_NAMES,
) -> RowIndex:
    """Reads every record once; `progress(done, total)` is told the files.

    Records of unknown tasks are counted in the ledger and have no rows.

    Raises:
      RecordError: no records can be there, or one has an unknown split that `splits` does not
        map to one.
    """
    files = record_files(root)
    ledger = Ledger()
    places: defaultdict[Key, list[int]] = defaultdict(list)
    unseen: defaultdict[Key, list[int]] = defaultdict(list)
    base = root if is_folder(root) else root.parent
    for number, path in enumerate(files):
        for instance in read_file(path, root=base, ledger=ledger, splits=splits, infer=False):
            if instance.task:
                rows_of_key = places[instance.task, instance.split]
                if instance.unseen:
                    unseen[instance.task, instance.split].append(len(rows_of_key))
                rows_of_key.append(number << _LINE_BITS | _line_of(instance))
        unknown_splits = ledger.problem_examples.get(ProblemKind.SPLIT_UNKNOWN)
        if unknown_splits:
            raise RecordError(str(unknown_splits[0]))
        if progress is not None:
            progress(number + 1, len(files))
    rows, unseen_rows = (
        {key: np.array(numbers, np.int64) for key, numbers in sorted(by_key.items())}
        for by_key in (places, unseen)
    )
    return RowIndex(base, files, rows, ledger, splits, unseen_rows)


def _line_of(instance: Instance) -> int:
    return int(instance.where.rpartition(":")[2])


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
