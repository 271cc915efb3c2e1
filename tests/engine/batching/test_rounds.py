"""Rows are dealt to shards in rounds: one count for all, no row twice, none lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audioflan_tasks.engine.batching.rounds import Ending, Rounds, ending_of, step_parts
from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.errors import SettingsError


def dealt(rounds: Rounds, start: int = 0) -> list[list[list[int]]]:
    """Steps by shard and batch."""
    shards = [Shard(index, rounds.shards, 7) for index in range(rounds.shards)]
    return [[shard.steps_of(s, start).tolist() for s in rounds.spans()] for shard in shards]


@given(rows=st.integers(0, 60), size=st.integers(1, 5), shards=st.integers(1, 5))
@example(rows=25, size=4, shards=3)
@example(rows=26, size=5, shards=5)
@example(rows=2, size=4, shards=3)
def test_shared_rows_come_once_and_no_batch_is_empty_without_need(
    rows: int, size: int, shards: int
) -> None:
    batches = dealt(Rounds(rows, size, shards), start=100)
    steps = sorted(s for shard in batches for batch in shard for s in batch)
    assert steps == list(range(100, 100 + rows))
    count = -(-rows // (size * shards))
    assert {len(shard) for shard in batches} == {count}
    assert all(len(batch) <= size for shard in batches for batch in shard)
    if size > 1 and rows >= shards:
        assert all(batch for shard in batches for batch in shard)


@given(
    rows=st.integers(0, 60), size=st.integers(1, 5), shards=st.integers(1, 5),
    ending=st.sampled_from(["drop", "pad"]),
)  # fmt: skip
def test_dropped_and_padded_batches_are_full(
    rows: int, size: int, shards: int, ending: Ending
) -> None:
    rounds = Rounds(rows, size, shards, ending)
    batches = dealt(rounds)
    assert all(len(batch) == size for shard in batches for batch in shard)
    steps = sorted(s for shard in batches for batch in shard for s in batch)
    assert steps == list(range(rounds.stop or 0))
    rest = rows % (size * shards)
    extra = size * shards - rest if rest else 0
    assert rounds.stop == (rows - rest if ending == "drop" else rows + extra)


@given(
    rows=st.integers(1, 60), size=st.integers(1, 5), shards=st.integers(1, 5),
    taken=st.integers(0, 12), ending=st.sampled_from(["share", "drop", "pad"]),
)  # fmt: skip
def test_the_rounds_that_are_left_are_those_of_the_rows_that_are_left(
    rows: int, size: int, shards: int, taken: int, ending: Ending
) -> None:
    rounds = Rounds(rows, size, shards, ending)
    before = rounds.rows_before(taken)
    later = Rounds(rows - before, size, shards, ending)
    wanted = [(s.begin - before, s.end - before) for s in rounds.spans()[taken:]]
    assert later.spans() == wanted


def test_without_end_every_round_is_full() -> None:
    rounds = Rounds(None, 3, 2)
    assert rounds.count is rounds.stop is None
    assert rounds.span(10**12) == (6 * 10**12, 6 * 10**12 + 6)
    with pytest.raises(StopIteration):
        Rounds(12, 3, 2).span(2)
    with pytest.raises(SettingsError, match="give one of them"):
        ending_of(True, True)


@pytest.mark.slow
@given(rows=st.lists(st.integers(1, 6), min_size=1, max_size=4), extra=st.integers(1, 6))
def test_steps_are_parted_so_that_every_row_comes_once(rows: list[int], extra: int) -> None:
    shards = len(rows) + extra
    parts = step_parts(rows, shards)
    assert len(parts) == shards
    places = [(p.number, r) for p in parts for r in range(rows[p.number])[p.first :: p.stride]]
    assert sorted(places) == [(n, r) for n, count in enumerate(rows) for r in range(count)]
    sizes = np.array([len(range(rows[p.number])[p.first :: p.stride]) for p in parts])
    assert (sizes > 0).all() or sum(rows) < shards
