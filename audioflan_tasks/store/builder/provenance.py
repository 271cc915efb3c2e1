"""The arrays of a unit of texts that say where its rows come from (`store.row_provenance`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.preprocessors.own_words import own_answer
from audioflan_tasks.preprocessors.prompt_signature import answer_value
from audioflan_tasks.records import Instance
from audioflan_tasks.records.spans import answer_pieces, audio_ids
from audioflan_tasks.store.item_checks import text_check
from audioflan_tasks.store.layout import TEXT_SLICE, checked_ends
from audioflan_tasks.store.row_provenance import RowProvenance, encode_provenance

__all__ = ["provenance_arrays", "provenance_of"]


def provenance_of(instance: Instance) -> bytes:
    """The provenance of a record as it is stored; of one whose task nobody knows, nothing."""
    row = catalogue.find(instance.task)
    if row is None:
        return b""
    outputs = audio_ids(instance.output) if "audio" in row.writes else []
    ids = dict.fromkeys((*audio_ids(instance.input), *outputs))
    pool, own = _pool_answer(instance.output, row), own_answer(instance.output, row)
    return encode_provenance(
        RowProvenance(
            instance.uuid.encode(),
            instance.grade.encode(),
            tuple(audio_id.encode() for audio_id in ids),
            pool.encode(),
            None if own == pool else own.encode(),
        )
    )


def provenance_arrays(rows: Iterable[bytes]) -> dict[str, NDArray[Any]]:
    """The arrays of a unit that hold the provenance of its rows, in order.

    Raises:
      StoreError: they are too long for one unit.
    """
    values = list(rows)
    ends = checked_ends([len(value) for value in values])
    slices = np.empty(len(values), TEXT_SLICE)
    slices["start"], slices["size"] = ends[:-1], np.diff(ends)
    slices["check"] = [text_check(value, place) for place, value in enumerate(values)]
    return {"provenance": slices, "provenance_bytes": np.frombuffer(b"".join(values), np.uint8)}


def _pool_answer(output: str, row: TaskRow) -> str:
    answer = answer_value(row, output, answer_pieces(output, "audio" in row.writes))
    # A record that the pool fits has one.
    return "" if answer is None else answer.value
