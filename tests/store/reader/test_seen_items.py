"""A set of items as bits is the set that Python has."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.store.reader.seen_items import SeenItems

_COUNT = 43
_PLACES = st.lists(st.integers(0, _COUNT - 1), max_size=20)


@given(batches=st.lists(_PLACES, max_size=6))
def test_items_are_unseen_until_they_are_added(batches: list[list[int]]) -> None:
    items, known = SeenItems(_COUNT), set[int]()
    for batch in batches:
        places = np.array(batch, np.int64)
        assert items.unseen(places).tolist() == [place not in known for place in batch]
        items.add(places)
        known.update(batch)
    assert items.unseen(np.arange(_COUNT)).tolist() == [n not in known for n in range(_COUNT)]
