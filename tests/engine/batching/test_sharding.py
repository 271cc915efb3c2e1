"""Steps of batches: a partition for any number of shards, from any step, across changes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.engine.batching.bucketing import sorted_window
from audioflan_tasks.engine.batching.rounds import Rounds
from audioflan_tasks.engine.batching.sharding import Shard, ShardBatches

COUNTS = st.integers(1, 13)
SEED = st.integers(0, 1000)


def steps_of(route: ShardBatches, total: int) -> list[int]:
    found = [route.steps(b, total).tolist() for b in range(route.batches(total))]
    assert not len(route.steps(route.batches(total), total))
    return [s for batch in found for s in batch]


@pytest.mark.slow
@given(
    count=COUNTS, size=st.integers(1, 9), slow=st.integers(0, 5), start=st.integers(0, 90),
    total=st.integers(0, 300), seed=SEED,
)  # fmt: skip
def test_shards_are_a_partition(
    count: int, size: int, slow: int, start: int, total: int, seed: int
) -> None:
    shards = [
        steps_of(ShardBatches(Shard(i, count, seed), size, start, slow), total)
        for i in range(count)
    ]
    assert sorted(s for shard in shards for s in shard) == list(range(start, total))


@pytest.mark.slow
@given(
    counts=st.lists(COUNTS, min_size=1, max_size=4), size=st.integers(1, 5),
    batches=st.integers(0, 4), seed=SEED,
)  # fmt: skip
def test_a_change_of_the_number_of_hosts_loses_nothing(
    counts: list[int], size: int, batches: int, seed: int
) -> None:
    seen: list[int] = []
    start, total = 0, 400
    for count in counts:
        routes = [ShardBatches(Shard(i, count, seed), size, start) for i in range(count)]
        for number in range(batches):
            seen += [s for route in routes for s in route.steps(number, total).tolist()]
        start = routes[0].next_step(batches)
    seen += list(range(start, total))
    assert sorted(seen) == list(range(total))


@pytest.mark.slow
@given(count=COUNTS, size=st.integers(1, 5), at=st.integers(0, 6), seed=SEED)
def test_going_on_with_the_same_hosts_is_the_uninterrupted_stream(
    count: int, size: int, at: int, seed: int
) -> None:
    for index in range(count):
        route = ShardBatches(Shard(index, count, seed), size, 0)
        later = ShardBatches(Shard(index, count, seed), size, route.next_step(at))
        for number in range(3):
            assert np.array_equal(route.steps(at + number, None), later.steps(number, None))


@pytest.mark.slow
@given(lengths=st.lists(st.integers(0, 500), min_size=1, max_size=60), size=st.integers(1, 8))
def test_a_sorted_window_holds_the_same_steps(lengths: list[int], size: int) -> None:
    window = np.arange(100, 100 + len(lengths))
    spans = Rounds(len(lengths), size, 1).spans()
    cut = sorted_window(window, np.array(lengths), spans, 7)
    assert sorted(s for one in cut for s in one.tolist()) == window.tolist()
    ranges = sorted((min(v), max(v)) for v in ([lengths[s - 100] for s in c.tolist()] for c in cut))
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(ranges))
