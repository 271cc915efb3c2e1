"""Tables that grow."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.engine.growing import Growing


@given(st.lists(st.lists(st.integers(-9, 9), max_size=400), max_size=8))
def test_rows_are_kept_in_order(added: list[list[int]]) -> None:
    table = Growing(np.int64)
    begins = [table.add(np.array(rows, np.int64)) for rows in added]
    whole = [one for rows in added for one in rows]
    assert table.rows.tolist() == whole
    assert len(table) == len(whole)
    for begin, rows in zip(begins, added, strict=True):
        assert table.rows[begin : begin + len(rows)].tolist() == rows


def test_what_was_taken_stays_as_it_is() -> None:
    table = Growing(np.int32, 2)
    assert table.append(1, 2) == 0
    before = table.rows
    for number in range(1, 2_000):
        assert table.append(number, -number) == number
    assert before.tolist() == [[1, 2]]
    assert table.rows[1_999].tolist() == [1_999, -1_999]
