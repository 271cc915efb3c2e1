"""Tables that grow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.engine.assembly.arrays import GrowableArray, ragged_ranges


@pytest.mark.slow
@given(st.lists(st.lists(st.integers(-9, 9), max_size=400), max_size=8))
def test_rows_are_kept_in_order(added: list[list[int]]) -> None:
    table = GrowableArray(np.int64)
    begins = [table.add(np.array(rows, np.int64)) for rows in added]
    whole = [one for rows in added for one in rows]
    assert table.rows.tolist() == whole
    assert len(table) == len(whole)
    for begin, rows in zip(begins, added, strict=True):
        assert table.rows[begin : begin + len(rows)].tolist() == rows


def test_what_was_taken_stays_as_it_is() -> None:
    table = GrowableArray(np.int32, 2)
    assert table.append(1, 2) == 0
    before = table.rows
    for number in range(1, 2_000):
        assert table.append(number, -number) == number
    assert before.tolist() == [[1, 2]]
    assert table.rows[1_999].tolist() == [1_999, -1_999]


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6)), max_size=20))
def test_runs_follow_each_other(runs: list[tuple[int, int]]) -> None:
    starts, counts = np.array(runs, np.int64).reshape(-1, 2).T
    wanted = [n for start, count in runs for n in range(start, start + count)]
    assert ragged_ranges(starts, counts).tolist() == wanted
