"""Prompts of rows by the keys of their outlines, which are the same in all shards and stores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT
from audioflan_tasks.engine.assembly.row_locator import RowLocations
from audioflan_tasks.store import ShardReader

__all__ = ["OutlinePrompts"]


class OutlinePrompts:
    """Remembers `prompt_of(shard, outline)` for all rows that have the same outline.

    A row of key 0 has `RECORD_PROMPT`.
    """

    def __init__(self, prompt_of: Callable[[ShardReader, bytes], int]) -> None:
        self._prompt_of = prompt_of
        self._prompts: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._prompts)

    def of_rows(self, locations: RowLocations, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The prompts of rows whose outlines have these keys."""
        different, first, of_row = np.unique(keys, return_index=True, return_inverse=True)
        shards = locations.shard[first].tolist()
        prompts = [
            self._prompt(locations.shards[shard], key) if key else RECORD_PROMPT
            for shard, key in zip(shards, different.tolist(), strict=True)
        ]
        return np.array(prompts, np.int64)[of_row]

    def _prompt(self, shard: ShardReader, key: int) -> int:
        if key not in self._prompts:
            self._prompts[key] = self._prompt_of(shard, shard.outline(key))
        return self._prompts[key]
