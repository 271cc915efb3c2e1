"""Where texts of a unit lie, in 32 bits."""

from __future__ import annotations

import pytest

from audioflan_tasks.errors import StoreError
from audioflan_tasks.store.layout import checked_ends


def test_ends_that_no_slice_can_say_are_refused() -> None:
    assert checked_ends([]).tolist() == [0]
    assert checked_ends([3, 0, 4]).tolist() == [0, 3, 3, 7]
    assert checked_ends([2**32 - 1])[-1] == 2**32 - 1
    with pytest.raises(StoreError, match="smaller part_bytes"):
        checked_ends([2**31, 2**31])
