"""Prompts of rows by the keys of their outlines, which are the same in all shards and stores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT
from audioflan_tasks.engine.assembly.row_locator import RowLocations
from audioflan_tasks.store import ShardReader

__all__ = ["OutlinePrompts"]

# The key of rows that are made of their records.
_NO_OUTLINE = 0


class OutlinePrompts:
    """Remembers `prompt_of(shard, outline)` for all rows that have the same outline.

    Rows without an outline have `RECORD_PROMPT`.
    """

    def __init__(self, prompt_of: Callable[[ShardReader, bytes], int]) -> None:
        self._prompt_of = prompt_of
        self._prompts = {_NO_OUTLINE: RECORD_PROMPT}

    def __len__(self) -> int:
        return len(self._prompts) - 1

    def of_rows(self, locations: RowLocations, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The prompts of rows whose outlines have these keys."""
        prompts, row_keys = self._prompts, keys.tolist()
        for row, key in enumerate(row_keys):
            if key not in prompts:
                shard = locations.shards[int(locations.shard[row])]
                prompts[key] = self._prompt_of(shard, shard.outline(key))
        return np.array([prompts[key] for key in row_keys], np.int64)
