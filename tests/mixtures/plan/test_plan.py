"""The plan: bijections, bounds at every prefix, exact epochs, schedules, cursors, scale."""

from __future__ import annotations

import itertools
import math
import time
import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import paper_sizes
from audioflan_tasks.mixtures.plan.permutation import mixed, permute, sides
from audioflan_tasks.mixtures.plan.plan import Plan
from audioflan_tasks.mixtures.plan.shares import SharePiece, Shares, quantised

RATES = st.lists(st.floats(1e-4, 1.0), min_size=1, max_size=12)
SEED = st.integers(0, 2**32)
WRITTEN = [(2, 0, 1925463936), (2, 0, 843449368), (1, 11764705, 17), (2, 0, 869084926)]


def shares_of(rates: list[float]) -> Shares:
    return Shares.constant([f"t{i}" for i in range(len(rates))], rates)


def permutation(size: int, key: int) -> list[int]:
    a, b = sides(size)
    sizes, left, right = (np.full(size, v, np.int64) for v in (size, a, b))
    rows = permute(np.arange(size), sizes, left, right, np.full(size, key, np.uint64))
    return [int(row) for row in rows]


def pairs(plan: Plan, start: int = 0, count: int = 10**9) -> list[tuple[int, int, int]]:
    found = plan.take(start, count)
    return list(zip(found.task.tolist(), found.epoch.tolist(), found.row.tolist(), strict=True))


def running(plan: Plan, steps: int) -> np.ndarray:
    """Draws [steps + 1, tasks] before each step, counted one by one."""
    counts = np.zeros((steps + 1, len(plan.tasks)), np.int64)
    counts[np.arange(steps) + 1, plan.take(0, steps).task] = 1
    return counts.cumsum(0)


@pytest.mark.slow
@given(size=st.integers(1, 3000), key=st.integers(0, 2**64 - 1))
def test_every_row_is_reached_once(size: int, key: int) -> None:
    assert sorted(permutation(size, key)) == list(range(size))


@pytest.mark.slow
def test_small_permutations_are_all_drawn_and_none_often() -> None:
    keys = mixed(np.arange(6000, dtype=np.uint64)).tolist()
    for size in (2, 3, 4):
        seen = Counter(tuple(permutation(size, key)) for key in keys[: 1000 * size])
        assert len(seen) == math.factorial(size)
        assert stats.chisquare(list(seen.values())).pvalue > 1e-4


def test_rows_beyond_32_bits() -> None:
    size, count = 2**40 + 7, 20_000
    a, b = sides(size)
    at = np.arange(2**39, 2**39 + count)
    sizes, left, right = (np.full(count, v, np.int64) for v in (size, a, b))
    rows = permute(at, sizes, left, right, np.full(count, 9, np.uint64))
    assert len(set(rows.tolist())) == count
    assert 0 <= rows.min() < size // 1000
    assert size - size // 1000 < rows.max() < size
    plan = Plan(shares_of([1, 1]), [size, 2**36], 1)
    assert plan.take(10**13, 100).row.max() > 2**32


@pytest.mark.slow
@given(rates=RATES, seed=SEED, steps=st.integers(1, 3000))
@settings(max_examples=60)
def test_counts_stay_near_the_shares_at_every_prefix(
    rates: list[float], seed: int, steps: int
) -> None:
    plan = Plan(shares_of(rates), [10] * len(rates), seed)
    counts = running(plan, steps)
    share = plan.shares.pieces[0].begin
    off = np.abs(counts - np.arange(steps + 1)[:, None] * share)
    # Its own draw, and its part of what all the others are ahead or behind.
    bound = (1 - share) + share * (len(rates) - 1)
    assert (off < bound + 1e-6).all()
    assert (plan.counts(steps) == counts[-1]).all()


@pytest.mark.parametrize("tasks", [80, 240])
def test_no_prefix_beyond_20_000_is_off_by_more_than_rounding(tasks: int) -> None:
    """Total variation at most 0.1 % for 80 tasks, in proportion for more."""
    rates = np.random.default_rng(tasks).lognormal(0, 1.5, tasks)
    worst = 0.0
    for seed in range(5):
        plan = Plan(shares_of(list(rates)), [1000] * tasks, seed)
        share = plan.shares.pieces[0].begin
        for steps in (20_000, 20_321, 27_777, 50_000):
            worst = max(worst, np.abs(plan.counts(steps) / steps - share).sum() / 2)
    assert worst <= 0.001 * tasks / 80


def test_a_task_comes_within_two_of_its_own_distances() -> None:
    plan = Plan(shares_of([1, 1000, 1000]), [5, 50, 50], 3)
    places = np.flatnonzero(plan.take(0, 50_000).task == 0)
    assert places[0] <= 2 * 2001 + 4
    assert np.diff(places).max() <= 2 * 2001 + 4


def test_no_period_shows_in_batches() -> None:
    """Counts of a task in batches are not correlated in time beyond its next draw."""
    rates = [1.0] * 8 + [3.0] * 4
    order = Plan(shares_of(rates), [1000] * 12, 5).take(0, 60_000).task
    for size in (4, 8, 10, 64):
        batches = order[: len(order) // size * size].reshape(-1, size)
        counts = (batches == 0).sum(1)
        assert counts.std() > 0
        centred = counts - counts.mean()
        # A draw keeps its neighbours of the same task away, but nothing beyond them.
        for lag in range(math.ceil(40 / size) + 1, 60):
            with_lag = np.mean(centred[lag:] * centred[:-lag]) / centred.var()
            assert abs(with_lag) < 4.5 / math.sqrt(len(counts)), (size, lag)
    # Where rates have a common measure, each task stands anywhere in it.
    place = np.bincount(np.argwhere(order.reshape(-1, 20) == 0)[:, 1], minlength=20)
    assert (place > 0.6 * 150).all()
    assert (place < 1.5 * 150).all()


@pytest.mark.parametrize("count", [1, 3, 20])
def test_shards_are_a_partition_in_which_every_task_has_its_share(count: int) -> None:
    rates = np.array([1.0] * 8 + [3.0] * 4)
    order = Plan(shares_of(list(rates)), [1000] * 12, 5).take(0, 60_000).task
    steps = [Shard(i, count, 5).steps(np.arange(60_000 // count)) for i in range(count)]
    assert sorted(np.concatenate(steps).tolist()) == list(range(60_000))
    for one in steps:
        seen = np.bincount(order[one], minlength=12)
        wanted = rates / 20 * len(one)
        assert np.abs(seen - wanted).max() < 4.5 * math.sqrt(wanted.max())
    with pytest.raises(SettingsError, match="0 <= index < count"):
        Shard(count, count)


@pytest.mark.slow
@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=9),
    rates=st.lists(st.floats(1e-3, 1.0), min_size=9, max_size=9),
    seed=SEED,
    epochs=st.integers(1, 3),
)
@settings(max_examples=60)
def test_finite_epochs_give_every_row_that_often(
    sizes: list[int], rates: list[float], seed: int, epochs: int
) -> None:
    plan = Plan(shares_of(rates[: len(sizes)]), sizes, seed, epochs=epochs)
    found = pairs(plan)
    assert len(found) == plan.total == epochs * sum(sizes)
    assert len(set(found)) == len(found)
    wanted = {(t, e, r) for t, n in enumerate(sizes) for e in range(epochs) for r in range(n)}
    assert set(found) == wanted
    at = len(found) // 3
    assert pairs(plan, at, 5) == found[at : at + 5]
    # Until the first task has run out the order is that of the endless plan.
    endless = Plan(shares_of(rates[: len(sizes)]), sizes, seed)
    first = Plan(endless.shares, sizes, seed, epochs=epochs, stop="first_exhausted").total
    assert first is not None
    assert pairs(endless, 0, first) == found[:first]


@pytest.mark.slow
@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=6),
    rates=st.lists(st.floats(0.05, 1.0), min_size=6, max_size=6),
    seed=SEED,
)
@settings(max_examples=40)
def test_the_two_ends_that_keep_the_shares(sizes: list[int], rates: list[float], seed: int) -> None:
    shares = shares_of(rates[: len(sizes)])
    for stop, met in (("first_exhausted", np.any), ("all_exhausted", np.all)):
        plan = Plan(shares, sizes, seed, epochs=2, stop=stop)  # type: ignore[arg-type]
        assert plan.total is not None
        assert met(plan.counts(plan.total) >= 2 * plan.sizes)
        assert not met(plan.counts(plan.total - 1) >= 2 * plan.sizes)
        assert len(pairs(plan)) == plan.total
        assert pairs(plan) == pairs(Plan(shares, sizes, seed), 0, plan.total)


def test_rows_of_a_task_do_not_depend_on_its_company() -> None:
    alone = Plan(Shares.constant(["b"], [1]), [37], 8)
    mix = Plan(Shares.constant(["a", "b", "c"], [5, 1, 2]), [100, 37, 3], 8)
    inside = [(e, r) for t, e, r in pairs(mix, 0, 2000) if t == 1]
    assert inside == [(e, r) for _, e, r in pairs(alone, 0, len(inside))]
    assert len({tuple(r for e, r in inside if e == epoch) for epoch in range(4)}) == 4


def test_seeds_and_no_shuffle() -> None:
    shares = shares_of([1, 2, 3])
    one, again, other = (pairs(Plan(shares, [9, 9, 9], s), 0, 500) for s in (1, 1, 2))
    assert one == again != other
    plain = Plan(shares, [9, 9, 9], 1, shuffle=False)
    assert [t for t, _, _ in pairs(plain, 0, 500)] == [t for t, _, _ in one]
    rows = [r for t, _, r in pairs(plain, 0, 500) if t == 2]
    assert rows[:18] == [*range(9), *range(9)]


def test_the_order_of_one_seed_is_written_down() -> None:
    """The same on every machine and in every version: these numbers must never change."""
    plan = Plan(Shares.constant(["x", "y", "z"], [1, 2, 5.5]), [1000, 20, 3 * 10**9], 2026)
    assert pairs(plan, 10**9, 4) == WRITTEN


@pytest.mark.slow
@given(starts=st.lists(st.integers(0, 40_000), min_size=1, max_size=8), seed=SEED)
@settings(max_examples=20)
def test_any_step_is_reached_at_once(starts: list[int], seed: int) -> None:
    shares = scheduled([(0, [1, 1, 0.0]), (1500, [0, 1, 3]), (9000, [2, 1, 1])], "linear")
    whole = pairs(Plan(shares, [11, 13, 500], seed), 0, 45_000)
    plan = Plan(shares, [11, 13, 500], seed)
    for start in starts:
        assert pairs(plan, start, 300) == whole[start : start + 300]
    steps = np.array(starts)[::-1]
    assert plan.pick(steps).row.tolist() == [whole[s][2] for s in steps.tolist()]


def scheduled(points: list[tuple[int, list[float]]], shape: str) -> Shares:
    pieces = []
    for (begin, a), (end, b) in itertools.pairwise(points):
        first = quantised(np.array(a, float))
        last = quantised(np.array(b, float)) if shape == "linear" else first
        pieces.append(SharePiece(end - begin, first, last))
    final = quantised(np.array(points[-1][1], float))
    names = tuple(f"t{i}" for i in range(len(final)))
    return Shares(names, (*pieces, SharePiece(None, final, final)))


@pytest.mark.parametrize("shape", ["stages", "linear"])
def test_counts_are_exact_where_a_schedule_turns(shape: str) -> None:
    points = [(0, [4, 1, 0.0]), (1000, [1, 1, 2.0]), (1007, [0, 0, 1.0]), (9001, [3, 1, 1.0])]
    shares = scheduled(points, shape)
    counts = running(Plan(shares, [50, 60, 70], 2), 12_000)
    for at, _ in points[1:]:
        assert np.abs(counts[at] - shares.expected(at)).max() < 1
    between = [500, 4000, 12_000]
    assert np.abs(counts[between] - [shares.expected(s) for s in between]).max() < 4
    if shape == "stages":
        # Not one draw of a stage comes before its step or after it.
        assert counts[1000].tolist() == [800, 200, 0]
        assert (counts[9001] - counts[1007]).tolist() == [0, 0, 7994]
    else:
        assert np.allclose(shares.at(500), [(0.8 + 0.25) / 2, (0.2 + 0.25) / 2, 0.25], atol=1e-9)


def test_a_schedule_with_finite_epochs_gives_every_row() -> None:
    shares = scheduled([(0, [1, 0, 1.0]), (50, [0, 1, 1.0]), (300, [1, 1, 1.0])], "linear")
    found = pairs(Plan(shares, [40, 30, 90], 4, epochs=2))
    assert len(set(found)) == len(found) == 320
    with pytest.raises(MixtureError, match="no share after the last point"):
        Plan(scheduled([(0, [1, 1.0]), (5, [1, 0.0])], "stages"), [9, 9], 1, epochs=1)
    ends = Plan(scheduled([(0, [1, 1.0]), (5, [1, 0.0])], "stages"), [9, 9], 1, epochs=1,
                stop="first_exhausted")  # fmt: skip
    assert ends.counts(ends.total or 0)[0] == 9


@given(at=st.integers(1, 900), seed=SEED)
@settings(max_examples=20)
def test_a_plan_goes_on_from_cursors_without_a_repeat(at: int, seed: int) -> None:
    old = Plan(shares_of([3, 1, 1]), [100, 200, 300], seed, epochs=2)
    before = pairs(old, 0, at)
    new = Plan(
        shares_of([1, 5, 1]), [100, 200, 300], seed, epochs=2, cursors=old.counts(at).tolist()
    )
    assert new.total == 1200 - at
    found = before + pairs(new)
    assert len(set(found)) == len(found) == 1200


def test_the_full_release_in_an_instant_and_in_no_memory() -> None:
    """108.5 M rows of the paper's sizes: nothing is materialised, step 10^9 is at once."""
    sizes = paper_sizes()
    begun = time.thread_time()
    tracemalloc.start()
    plan = Plan(Shares.constant(list(sizes), list(sizes.values())), sizes, 1, epochs=30)
    found = plan.take(10**9, 256)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A row number of each would be 868 MB, and to walk there would take minutes of the processor.
    assert peak < 10e6
    assert time.thread_time() - begun < 5
    assert plan.total == 30 * sum(sizes.values())
    assert found.epoch.min() >= 8
    assert pairs(plan, 10**9 + 100, 50) == pairs(plan, 10**9, 256)[100:150]


def test_plans_that_cannot_be() -> None:
    with pytest.raises(MixtureError, match="t1 has no rows"):
        Plan(shares_of([1, 1]), [3, 0], 1)
    with pytest.raises(MixtureError, match="t1 has no share"):
        Plan(shares_of([1, 0]), [3, 3], 1)
    with pytest.raises(MixtureError, match="expected one of every_row"):
        Plan(shares_of([1]), [3], 1, stop="never")  # type: ignore[arg-type]
    with pytest.raises(MixtureError, match="epochs"):
        Plan(shares_of([1]), [3], 1, epochs=0)
    for bad in ([0.0, 0.0], [-1.0, 2.0], [float("nan"), 1.0]):
        with pytest.raises(MixtureError, match="finite"):
            quantised(np.array(bad))


@pytest.mark.slow
def test_several_threads_may_ask_one_plan() -> None:
    plan = Plan(shares_of([1, 2, 3, 4]), [50, 60, 70, 80], 6)
    wanted = [pairs(plan, start, 40) for start in range(0, 40_000, 400)]
    fresh = Plan(shares_of([1, 2, 3, 4]), [50, 60, 70, 80], 6)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda start: pairs(fresh, start, 40), range(0, 40_000, 400)))
    assert found == wanted
