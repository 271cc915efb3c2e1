"""Rounds: one batch on every shard, so that all shards of a stream have as many batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from audioflan_tasks.errors import SettingsError

__all__ = ["Ending", "RoundSpan", "Rounds", "StepPart", "ending_of", "step_parts"]

# What becomes of the rows that do not fill the last round: they are shared, dropped, or padded
# with rows that are given again.
Ending = Literal["share", "drop", "pad"]


def ending_of(drop_last: bool, pad_to_equal: bool) -> Ending:
    """The ending that two arguments name.

    Raises:
      SettingsError: both are given.
    """
    if drop_last and pad_to_equal:
        raise SettingsError("drop_last and pad_to_equal: give one of them, not both")
    return "drop" if drop_last else "pad" if pad_to_equal else "share"


class RoundSpan(NamedTuple):
    """The rows `begin` … `end` - 1 of a round."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Rounds:
    """How `rows` rows (None: without end) are dealt to `shards` shards, `size` rows a batch.

    Every round is full but the last. With `share` its rows are spread over all shards, and where
    there are fewer than shards the round before leaves one a shard to it: a batch without rows is
    left only where rows are fewer than batches. With `drop` there is no short round; with
    `pad` the last is full too, and its rows from `rows` on are to be given again.
    """

    rows: int | None
    size: int
    shards: int
    ending: Ending = "share"

    @property
    def count(self) -> int | None:
        """Number of rounds; None without end."""
        if self.rows is None:
            return None
        full_rounds, last_rows = divmod(self.rows, self._row_count)
        return full_rounds + (last_rows > 0 and self.ending != "drop")

    @property
    def stop(self) -> int | None:
        """The row after the last, those that are given again included; None without end."""
        count = self.count
        if count is None or self.ending == "share":
            return self.rows
        return count * self._row_count

    def span(self, number: int) -> RoundSpan:
        """The rows of a round.

        Raises:
          StopIteration: it is beyond the end.
        """
        if self.count is not None and number >= self.count:
            raise StopIteration
        begin, end = self._begin(number), self._begin(number + 1)
        return RoundSpan(begin, end)

    def spans(self) -> list[RoundSpan]:
        """All rounds of a finite number of rows."""
        return [self.span(number) for number in range(self.count or 0)]

    def rows_before(self, number: int) -> int:
        """Rows that are given before a round, once each; for rounds beyond the end all of them."""
        if self.count is None:
            return self._begin(number)
        begin = self._begin(min(number, self.count))
        return begin if self.rows is None else min(begin, self.rows)

    @property
    def _row_count(self) -> int:
        return self.size * self.shards

    def _begin(self, number: int) -> int:
        begin = number * self._row_count
        if self.rows is None or self.ending != "share" or begin <= self.rows - self.shards:
            return begin
        if number == self.count:
            return self.rows
        # Fewer rows than shards are left for the last round.
        return begin - self.shards if self.size > 1 and number else begin


class StepPart(NamedTuple):
    """Every `stride`-th row from `first` on of the step of that number."""

    number: int
    first: int
    stride: int


def step_parts(rows: Sequence[int], shards: int) -> list[StepPart]:
    """For each shard its part of fewer steps than shards; `rows` are those of each step.

    Every row is in one part, and no part is empty where there are as many rows as shards.
    """
    counts = np.ones(len(rows), np.int64)
    for _ in range(shards - len(rows)):
        counts[int(np.argmax(np.array(rows) / counts))] += 1
    return [
        StepPart(number, first, count)
        for number, count in enumerate(counts.tolist())
        for first in range(count)
    ]
