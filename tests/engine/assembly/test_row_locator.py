"""Items of many shards are the same whether they are taken together or one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.engine.assembly.row_locator import gathered
from audioflan_tasks.errors import StoreError
from audioflan_tasks.store import ROW

_LENGTH = 5


def shard_bytes(count: int) -> dict[int, memoryview]:
    """Rows of some shards, each with a number of its own as its first text."""
    rows = np.zeros(count * _LENGTH, ROW)
    rows["text"] = np.arange(len(rows))
    return {n: memoryview(part.tobytes()) for n, part in enumerate(np.split(rows, count))}


@pytest.mark.slow
@given(count=st.integers(1, 40), data=st.data())
def test_items_are_those_of_their_shards(count: int, data: st.DataObject) -> None:
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, _LENGTH - 1))
    places = data.draw(st.lists(pairs, min_size=1, max_size=60))
    shard, place = np.array(places, np.int64).T
    items = gathered(shard_bytes(count), shard, place, ROW)
    assert items["text"].tolist() == (shard * _LENGTH + place).tolist()


@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize("place", [-1, _LENGTH])
def test_an_item_outside_is_refused(count: int, place: int) -> None:
    with pytest.raises(StoreError, match="outside of its shard"):
        gathered(shard_bytes(count), np.zeros(30, np.int64), np.full(30, place), ROW)
