"""Arrays that grow by rows, and ranges of different lengths in one array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["GrowableArray", "ragged_ranges"]

I64 = NDArray[np.int64]

_ROOM = 256


class GrowableArray:
    """Rows of numbers; with `width` each row has that many.

    Rows never move, so that who holds `rows` may go on reading them.
    """

    def __init__(self, kind: Any, width: int | None = None) -> None:
        self._all = np.zeros((_ROOM,) if width is None else (_ROOM, width), kind)
        self._row_count = 0
        self.rows: NDArray[Any] = self._all[:0]

    def __len__(self) -> int:
        return self._row_count

    def add(self, rows: ArrayLike) -> int:
        """Adds rows and says the number of the first."""
        new_rows = np.asarray(rows)
        begin, end = self._row_count, self._row_count + len(new_rows)
        self._make_room(end)
        self._all[begin:end] = new_rows
        self._row_count, self.rows = end, self._all[:end]
        return begin

    def append(self, *row: int) -> int:
        """Adds one row and says its number."""
        number = self._row_count
        self._make_room(number + 1)
        self._all[number] = row
        self._row_count, self.rows = number + 1, self._all[: number + 1]
        return number

    def _make_room(self, count: int) -> None:
        if count > len(self._all):
            size = max(count, 2 * len(self._all))
            larger = np.zeros((size, *self._all.shape[1:]), self._all.dtype)
            larger[: self._row_count] = self._all[: self._row_count]
            self._all = larger


def ragged_ranges(starts: I64, counts: I64) -> I64:
    """The numbers starts[i] … starts[i] + counts[i] - 1 of all i, one after the other."""
    ends = np.cumsum(counts)
    numbers = np.repeat(starts - ends + counts, counts)
    numbers += np.arange(len(numbers))
    return numbers
