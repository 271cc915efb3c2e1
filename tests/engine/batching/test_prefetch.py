"""Batches found several at once are those found one by one."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.engine.batching.batch_draws import BatchDraws
from audioflan_tasks.engine.batching.prefetch import Prefetcher
from audioflan_tasks.mixtures.plan.plan import Draws


class Counting:
    """A stream whose blocks are the draws themselves."""

    def __init__(self, *, is_stored: bool = True) -> None:
        self.is_stored = is_stored
        self.sizes: list[int] = []

    def block(self, found: Draws) -> Draws:
        self.sizes.append(len(found.task))
        return found


def ahead(stream: Counting, last: int = 10**9, size: int = 4) -> Prefetcher:
    def drawn(numbers: range) -> BatchDraws:
        known = [number for number in numbers if number <= last]
        if not known:
            raise StopIteration
        steps = np.concatenate([np.arange(size * n, size * (n + 1)) for n in known])
        draws = Draws(steps, steps, steps, steps)
        return BatchDraws(steps, draws, np.zeros(len(steps), np.bool_), (size,) * len(known))

    return Prefetcher(cast("Any", stream), drawn, size)


@given(st.lists(st.integers(0, 40), max_size=40))
def test_any_order_gives_what_was_asked_for(numbers: list[int]) -> None:
    found = ahead(Counting())
    for number in numbers:
        taken = found.pop(number)
        steps = taken.drawn.steps[taken.rows].tolist()
        assert steps == list(range(4 * number, 4 * number + 4))
        assert cast("Any", taken.block).row[taken.rows].tolist() == steps


@pytest.mark.parametrize("stride", [1, 3])
def test_more_and_more_are_found_at_once(stride: int) -> None:
    stream = Counting()
    found = ahead(stream)
    for number in range(0, 300 * stride, stride):
        found.pop(number)
    begin = [4, 8, 16] if stride == 1 else [4, 4, 8, 16]
    assert stream.sizes[: len(begin)] == begin
    assert max(stream.sizes) == 512


def test_records_are_not_read_ahead() -> None:
    stream = Counting(is_stored=False)
    found = ahead(stream)
    for number in range(50):
        found.pop(number)
    assert set(stream.sizes) == {4}


def test_the_end_comes_after_the_last() -> None:
    found = ahead(Counting(), last=9)
    for number in range(10):
        taken = found.pop(number)
        assert taken.drawn.steps[taken.rows][0] == 4 * number
    with pytest.raises(StopIteration):
        found.pop(10)


def test_batches_larger_than_what_is_found_at_once() -> None:
    stream = Counting()
    found = ahead(stream, size=2_000)
    for number in range(4):
        found.pop(number)
    assert stream.sizes == [2_000] * 4
