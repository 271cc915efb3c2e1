"""Several arrays in one file come back as they were."""

from __future__ import annotations

import io

import numpy as np
import pytest

from audioflan_tasks.store.layout import ROW
from audioflan_tasks.store.packed import PackedArrays, packed_arrays

ARRAYS = {
    "rows": np.array([(1, 2, 3, 4, 5, 6, 7, 8)] * 3, ROW),
    "none": np.zeros(0, np.uint32),
    "ids": np.arange(100, dtype=np.uint16),
}


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    handle = io.BytesIO()
    packed_arrays(arrays)(handle)
    return handle.getvalue()


def test_arrays_come_back() -> None:
    data = packed(ARRAYS)
    arrays = PackedArrays(memoryview(data))
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert np.array_equal(arrays[name], array)
    # An array can be read in place by whoever knows where it begins.
    assert data.index(ARRAYS["ids"].tobytes()) % 64 == 0
    assert not arrays["ids"].flags.writeable


@pytest.mark.parametrize("cut", [0, 7, 15, 40, 200, -1, -64])
def test_a_part_of_a_file_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match=r"file of arrays|buffer|offset|was written with"):
        PackedArrays(memoryview(packed(ARRAYS)[:cut]))


def test_a_changed_header_is_refused() -> None:
    data = packed(ARRAYS)
    for place in range(data.index(b"]]")):
        changed = bytearray(data)
        changed[place] ^= 4
        with pytest.raises(ValueError, match="no file of arrays, or its header has changed"):
            PackedArrays(memoryview(changed))
