"""Orders of rows: every row once, few blocks at a time, other orders for other keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures.plan.plan import Plan
from audioflan_tasks.mixtures.plan.row_order import (
    BlockShuffle,
    Shuffle,
    check_shuffle,
    row_order,
)
from audioflan_tasks.mixtures.plan.shares import Shares

WRITTEN = [551985086, 1350467130, 1342984959, 1350467325]
SHUFFLES = st.builds(BlockShuffle, rows=st.integers(1, 40), blocks=st.integers(1, 6))


def epoch_rows(size: int, shuffle: Shuffle, key: int = 5, epoch: int = 0) -> list[int]:
    """All rows of an epoch of the second of two tasks."""
    order = row_order(np.array([7, size]), np.array([1, key], np.uint64), shuffle)
    ones = np.ones(size, np.int64)
    return [int(row) for row in order.rows(ones, ones * epoch, np.arange(size))]


def one_task(size: int, shuffle: Shuffle, seed: int = 3, **arguments: Any) -> Plan:
    return Plan(Shares.constant(["x"], [1]), [size], seed, shuffle=shuffle, **arguments)


@pytest.mark.slow
@given(size=st.integers(1, 2500), key=st.integers(0, 2**64 - 1), shuffle=SHUFFLES)
@settings(max_examples=100)
def test_every_row_comes_once_and_from_few_blocks_at_a_time(
    size: int, key: int, shuffle: BlockShuffle
) -> None:
    rows = epoch_rows(size, shuffle, key)
    assert sorted(rows) == list(range(size))
    # Any draws as many as a window lie in two windows, each of `blocks` runs of neighbours.
    window = shuffle.rows * shuffle.blocks
    for begin in range(0, size, window):
        places = np.sort(rows[begin : begin + window])
        steps = np.diff(np.append(places, places[0] + size))
        assert (steps > 1).sum() <= shuffle.blocks


def test_seeds_epochs_and_sizes_give_other_orders() -> None:
    shuffle = BlockShuffle(rows=10, blocks=3)
    orders = [
        epoch_rows(1000, shuffle), epoch_rows(1000, shuffle, key=6),
        epoch_rows(1000, shuffle, epoch=1), epoch_rows(1000, BlockShuffle(10, 4)),
        epoch_rows(1000, BlockShuffle(11, 3)), epoch_rows(1000, True),
    ]  # fmt: skip
    assert len({tuple(order) for order in orders}) == len(orders)
    # The row from which blocks are cut is drawn: what comes last is not always the same.
    assert len({epoch_rows(1005, shuffle, epoch=epoch)[-1] for epoch in range(30)}) > 15


@pytest.mark.slow
def test_blocks_and_rows_within_a_window_have_no_place_of_their_own() -> None:
    """Each row comes in each tenth of an epoch as often as any other."""
    size, epochs = 100, 700
    tenths = np.zeros((size, 10), np.int64)
    for epoch in range(epochs):
        rows = epoch_rows(size, BlockShuffle(rows=7, blocks=3), epoch=epoch)
        tenths[rows, np.arange(size) * 10 // size] += 1
    expected = epochs / 10
    assert np.abs(tenths - expected).max() < 6 * np.sqrt(expected)


@pytest.mark.slow
@given(size=st.integers(1, 300), shuffle=SHUFFLES, start=st.integers(0, 700))
@settings(max_examples=40)
def test_a_plan_of_blocks_is_entered_anywhere_and_ends_exactly(
    size: int, shuffle: BlockShuffle, start: int
) -> None:
    plan = one_task(size, shuffle, epochs=2)
    draws = plan.take(0, 10**6)
    assert plan.total == len(draws.row) == 2 * size
    pairs = set(zip(draws.epoch.tolist(), draws.row.tolist(), strict=True))
    assert len(pairs) == 2 * size
    later = one_task(size, shuffle, epochs=2).take(start, 50)
    assert later.row.tolist() == draws.row[start : start + 50].tolist()
    steps = [Shard(index, 3, 3).steps(np.arange(start // 3)) for index in range(3)]
    for part in steps:
        inside = part[part < 2 * size]
        assert plan.pick(inside).row.tolist() == draws.row[inside].tolist()


def test_tasks_in_order_stay_so() -> None:
    shares = Shares.constant(["a", "b"], [1, 1])
    plan = Plan(shares, [500, 500], 1, shuffle=BlockShuffle(8, 2), in_order=["b"])
    draws = plan.take(0, 600)
    rows = draws.row[draws.task == 1]
    assert rows.tolist() == list(range(len(rows)))
    assert draws.row[draws.task == 0].tolist() != rows.tolist()


def test_rows_of_an_unknown_and_huge_number() -> None:
    rows = one_task(2**60, BlockShuffle()).take(10**12, 4000).row
    assert len(set(rows.tolist())) == len(rows)
    assert 0 <= rows.min() <= rows.max() < 2**60


def test_the_order_of_blocks_of_one_seed_is_written_down() -> None:
    """The same on every machine and in every version: these numbers must never change."""
    plan = one_task(3 * 10**9, BlockShuffle(1024, 16), seed=2026)
    assert plan.take(10**9, 4).row.tolist() == WRITTEN


@pytest.mark.parametrize("shuffle", ["block", None, 1.5, (1, 2)])
def test_what_is_no_shuffle_is_refused(shuffle: Any) -> None:
    with pytest.raises(SettingsError, match=r"expected True, False or mixtures\.BlockShuffle"):
        check_shuffle(shuffle)


def test_block_shuffles_that_cannot_be() -> None:
    with pytest.raises(SettingsError, match=r"BlockShuffle\.rows=0"):
        BlockShuffle(rows=0)
    with pytest.raises(SettingsError, match=r"BlockShuffle\.blocks=True"):
        BlockShuffle(blocks=True)
    assert BlockShuffle(np.int64(4), np.int64(2)) == BlockShuffle(4, 2)  # type: ignore[arg-type]
