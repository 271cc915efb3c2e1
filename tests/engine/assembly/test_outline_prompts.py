"""Prompts are looked up once for all rows of all shards that have the same outline."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.outline_prompts import OutlinePrompts
from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT
from audioflan_tasks.engine.assembly.row_locator import RowLocations
from audioflan_tasks.store import ROW


class Shard:
    """A shard whose outlines are their keys; notes which are asked for."""

    def __init__(self) -> None:
        self.keys: list[int] = []

    def outline(self, key: int) -> bytes:
        self.keys.append(key)
        return bytes([key])


def prompts_of(prompts: OutlinePrompts, shards: list[Any], shard: list[int], *keys: int) -> Any:
    numbers: NDArray[np.int64] = np.array(shard, np.int64)
    heads = np.zeros(len(keys), ROW)
    locations = RowLocations(dict(enumerate(shards)), numbers, numbers, heads, numbers)
    return prompts.of_rows(locations, np.array(keys, np.uint64)).tolist()


def test_an_outline_is_read_once_for_all_shards() -> None:
    shards = [Shard(), Shard()]
    prompts = OutlinePrompts(lambda shard, outline: 10 + outline[0])
    assert prompts_of(prompts, shards, [0, 0, 1], 2, 3, 2) == [12, 13, 12]
    assert prompts_of(prompts, shards, [1], 3) == [13]
    assert [shard.keys for shard in shards] == [[2, 3], []]
    assert len(prompts) == 2


def test_a_row_without_an_outline_is_left_to_its_record() -> None:
    prompts = OutlinePrompts(cast("Any", None))
    assert prompts_of(prompts, [], [0, 0], 0, 0) == [RECORD_PROMPT] * 2
