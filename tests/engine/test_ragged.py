"""Runs of different lengths."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.engine.ragged import ragged


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6)), max_size=20))
def test_runs_follow_each_other(runs: list[tuple[int, int]]) -> None:
    starts, counts = np.array(runs, np.int64).reshape(-1, 2).T
    wanted = [n for start, count in runs for n in range(start, start + count)]
    assert ragged(starts, counts).tolist() == wanted
