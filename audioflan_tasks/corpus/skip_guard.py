"""The end of streams of which nothing is kept: they would run, or hang, without a word."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import SettingsError

__all__ = ["SkipGuard"]


class SkipGuard:
    """Counts examples that are skipped one after the other; safe to use from several threads.

    Args:
      rows: rows of one epoch of this shard; so many in a row are too many.
      source: what is read, for the error.
      skip_counts: counts of skipped examples by reason, for the error.
      others_are_kept: asked then whether other examples of the stream are kept, as a shard or a
        worker may have few.
    """

    def __init__(
        self,
        rows: int,
        source: str,
        skip_counts: Counter[str],
        others_are_kept: Callable[[], bool] = lambda: False,
    ) -> None:
        self._limit, self._source, self._skip_counts = max(1, rows), source, skip_counts
        self._others_are_kept = others_are_kept
        self._in_a_row = 0
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())

    def count(self, kept: NDArray[np.bool_]) -> None:
        """Takes note of the next examples [n], whether each was kept.

        Raises:
          SettingsError: a whole epoch was skipped, and what else there is would be.
        """
        if len(kept) and kept[-1]:
            # The common case, for each batch: no lock, and nothing to count.
            self._in_a_row = 0
            return
        places = np.flatnonzero(kept)
        with self._lock:
            if len(places):
                self._in_a_row = len(kept) - 1 - int(places[-1])
            else:
                self._in_a_row += len(kept)
            if self._in_a_row < self._limit:
                return
            if self._others_are_kept():
                self._in_a_row = 0
                return
        reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(self._skip_counts.items()))
        raise SettingsError(
            f"{self._source}: {self._in_a_row} examples in a row were skipped ({reasons}); give "
            "larger lengths, fewer codebooks (AUDIOFLAN_CODEBOOKS), or mend the missing audio "
            "(audioflan check)"
        )
