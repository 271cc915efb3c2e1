"""Prompts of rows by the numbers that a store gives to rows that are alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT
from audioflan_tasks.store import ShardReader

__all__ = ["ShardPrompts"]

I64 = NDArray[np.int64]

_UNKNOWN = -1
_NO_PROMPTS = np.zeros(0, np.int64)


class ShardPrompts:
    """Remembers `prompt_of(shard, offset)` for all rows of a shard that have the same number.

    A row of number -1 has `RECORD_PROMPT`. `count` numbers are remembered.
    """

    def __init__(self, prompt_of: Callable[[ShardReader, int], int]) -> None:
        self._prompt_of = prompt_of
        self._prompts: dict[ShardReader, I64] = {}
        self.count = 0

    def __contains__(self, shard: ShardReader) -> bool:
        return shard in self._prompts

    def of_rows(self, shard: ShardReader, numbers: NDArray[np.int32], offsets: I64) -> I64:
        """The prompts of rows with these numbers."""
        by_number = self._with_room(shard, max(0, int(numbers.max())))
        prompts = np.where(numbers < 0, RECORD_PROMPT, by_number[numbers])
        for row in np.flatnonzero(prompts == _UNKNOWN).tolist():
            number = int(numbers[row])
            if by_number[number] == _UNKNOWN:
                by_number[number] = self._prompt_of(shard, int(offsets[row]))
            prompts[row] = by_number[number]
        return prompts

    def of_row(self, shard: ShardReader, number: int, offset: int) -> int:
        """The prompt of one row."""
        by_number = self._prompts.get(shard, _NO_PROMPTS)
        prompt = by_number.item(number) if 0 <= number < len(by_number) else _UNKNOWN
        if prompt != _UNKNOWN:
            return prompt
        return int(self.of_rows(shard, np.array([number], np.int32), np.array([offset]))[0])

    def _with_room(self, shard: ShardReader, largest: int) -> I64:
        by_number = self._prompts.get(shard, _NO_PROMPTS)
        if largest >= len(by_number):
            new_numbers = np.full(largest + 1 - len(by_number), _UNKNOWN, np.int64)
            by_number = self._prompts[shard] = np.concatenate([by_number, new_numbers])
            self.count += len(new_numbers)
        return by_number
