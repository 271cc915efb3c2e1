"""Where rows come from, read for many at once without their records."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import StoreError
from audioflan_tasks.store.item_checks import text_check
from audioflan_tasks.store.layout import TEXT_SLICE
from audioflan_tasks.store.reader.shard import ShardReader
from audioflan_tasks.store.row_provenance import RowProvenance, decode_provenance

__all__ = ["read_provenance"]

# A `TEXT_SLICE` that is read alone: in a tenth of the time of NumPy.
_SLICE = struct.Struct("<III")


def read_provenance(
    shards: Mapping[int, ShardReader], shard: NDArray[np.int64], place: NDArray[np.int64]
) -> list[RowProvenance]:
    """The provenance of the rows at place[i] of shard[i], in order.

    Raises:
      StoreError: that of a row has changed since it was written, or lies nowhere.
    """
    # Shard after shard: the file of each is perhaps not open any more.
    order = np.argsort(shard, kind="stable")
    numbers, places = shard[order].tolist(), place[order].tolist()
    columns = {
        number: (reader.provenance_slices, reader.provenance_bytes, reader.is_checked)
        for number, reader in ((number, shards[number]) for number in dict.fromkeys(numbers))
    }
    values: list[RowProvenance] = []
    size = _SLICE.size
    for number, row in zip(numbers, places, strict=True):
        slices, data, is_checked = columns[number]
        try:
            start, length, check = _SLICE.unpack(slices[row * size : (row + 1) * size])
            value = data[start : start + length]
            if is_checked and text_check(value, row) != check:
                raise shards[number].item_fault(TEXT_SLICE, row)
            values.append(decode_provenance(value))
        except (struct.error, msgspec.DecodeError):
            raise StoreError(
                f"{shards[number].store}: row {row} of a shard has no provenance; run audioflan "
                "verify"
            ) from None
    inverse = np.empty_like(order)
    inverse[order] = np.arange(len(order))
    return [values[number] for number in inverse.tolist()]
