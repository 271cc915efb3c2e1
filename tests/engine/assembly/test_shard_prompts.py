"""Prompts are looked up once for all rows of a shard that have the same number."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT
from audioflan_tasks.engine.assembly.shard_prompts import ShardPrompts
from audioflan_tasks.store import ShardReader

FIRST, SECOND = cast("ShardReader", "first shard"), cast("ShardReader", "second shard")


class Prompts:
    """Prompts by shard, with the places that were looked up."""

    def __init__(self) -> None:
        self.places: list[tuple[Any, int]] = []

    def __call__(self, shard: ShardReader, place: int) -> int:
        self.places.append((shard, place))
        return 10 + place


@pytest.fixture
def prompts() -> Prompts:
    return Prompts()


def numbers(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


def test_the_first_row_of_a_number_stands_for_the_others(prompts: Prompts) -> None:
    by_number = ShardPrompts(prompts)
    offsets = np.array([7, 8, 9, 5])
    assert by_number.of_rows(FIRST, numbers(2, 0, 2, -1), offsets).tolist() == [
        17, 18, 17, RECORD_PROMPT
    ]  # fmt: skip
    assert prompts.places == [(FIRST, 7), (FIRST, 8)]
    assert by_number.of_row(FIRST, 2, 3) == 17
    assert len(prompts.places) == 2


def test_numbers_are_those_of_a_shard(prompts: Prompts) -> None:
    by_number = ShardPrompts(prompts)
    assert by_number.of_row(FIRST, 0, 1) == 11
    assert by_number.of_row(SECOND, 0, 2) == 12
    assert (FIRST in by_number, SECOND in by_number) == (True, True)


def test_numbers_are_counted_up_to_the_largest(prompts: Prompts) -> None:
    by_number = ShardPrompts(prompts)
    assert by_number.of_row(FIRST, -1, 4) == RECORD_PROMPT
    assert not prompts.places
    by_number.of_row(FIRST, 5, 1)
    by_number.of_row(FIRST, 2, 3)
    assert by_number.count == 6
    assert by_number.of_rows(FIRST, numbers(5, 2), np.array([8, 8])).tolist() == [11, 13]
