"""Any bit of an item, and another place, are noticed."""

from __future__ import annotations

import numpy as np
import pytest

from audioflan_tasks.store.item_checks import changed_items, text_check, with_checks
from audioflan_tasks.store.layout import ORDER, REF, ROW

PLACES = np.arange(20)


@pytest.mark.parametrize("kind", [ROW, REF, ORDER])
def test_any_changed_bit_is_noticed(kind: np.dtype[np.void]) -> None:
    data = np.random.default_rng(1).bytes(20 * kind.itemsize)
    items = with_checks(np.frombuffer(data, kind).copy())
    assert changed_items(items, PLACES) == []
    for bit in range(8 * kind.itemsize):
        changed = items.copy()
        changed[7:8].view(np.uint8)[bit // 8] ^= 1 << bit % 8
        assert changed_items(changed, PLACES) == [7]
    assert changed_items(items, PLACES[::-1]) == PLACES.tolist()
    assert changed_items(items[3:5], PLACES[3:5]) == [] == changed_items(items[:0], PLACES[:0])


def test_items_of_zeros_are_told_apart_by_their_places() -> None:
    items = with_checks(np.zeros(20, ROW))
    assert len(set(items["check"].tolist())) == 20


def test_a_text_has_another_check_at_another_place() -> None:
    assert text_check(b"ab", 3) == text_check(memoryview(b"ab"), 3) != text_check(b"ab", 4)
    assert text_check(b"ab", 3) != text_check(b"ac", 3)
