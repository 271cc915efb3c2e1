"""Examples as arrays of one shape: padded side by side, or packed one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.batching.prefetch import PrefetchedBatch
from audioflan_tasks.engine.stream import StreamExample

__all__ = ["Batch", "packed_batch", "padded_batch"]

Batch = dict[str, NDArray[Any]]


def padded_batch(
    taken: PrefetchedBatch, rows: int, lengths: Mapping[str, int], multiple: int, pad: int
) -> Batch:
    """A batch of `rows` rows; rows without an example are empty and have task -1.

    `inputs`, `targets` are int32 [rows, length] with `pad` after the end, `input_roles`,
    `target_roles` uint8 alike (0 at padding), `inputs_length`, `targets_length` int32 [rows];
    `task` int32 (index into `Batches.tasks`), `epoch`, `row` and `step` int64 [rows].
    """
    steps, found, block, first = taken
    kept = np.flatnonzero(taken.kept)
    chosen = kept + first
    told = block.lengths[chosen]
    longest = told.max(0, initial=1).tolist()
    inputs, targets = (
        lengths.get(part) or -(-most // multiple) * multiple
        for part, most in zip(("inputs", "targets"), longest, strict=True)
    )
    ids = block.tables(chosen, rows, (inputs, targets), pad)
    roles = block.role_tables(chosen, rows, (inputs, targets))
    batch: Batch = {
        "inputs": ids[0],
        "targets": ids[1],
        "input_roles": roles[0],
        "target_roles": roles[1],
    }
    for part, of in zip(("inputs", "targets"), np.array(told.T, np.int32, order="C"), strict=True):
        batch[f"{part}_length"] = _rows(of, rows, 0)
    places: Batch = {
        "task": found.task.astype(np.int32), "epoch": found.epoch, "row": found.row, "step": steps,
    }  # fmt: skip
    return {**batch, **{name: _rows(values[kept], rows, -1) for name, values in places.items()}}


def packed_batch(rows: Sequence[Sequence[StreamExample]], length: int, pad: int) -> Batch:
    """Examples packed into rows [rows, length] for a decoder: inputs, then targets, then the next.

    `ids` int32 with `pad` at the end; `segments` int32 counts the examples of a row from 1, 0 at
    padding; `positions` int32 counts from 0 in each; `roles` uint8 (3 is the answer); `task` int32
    says for every id which task it is of, -1 at padding.
    """
    shape = (len(rows), length)
    ids, segments = np.full(shape, pad, np.int32), np.zeros(shape, np.int32)
    positions, roles = np.zeros(shape, np.int32), np.zeros(shape, np.uint8)
    task = np.full(shape, -1, np.int32)
    placed: dict[Block, list[tuple[int, int]]] = {}
    for number, row in enumerate(rows):
        at = 0
        for segment, one in enumerate(row, 1):
            here = slice(at, at + one.size)
            segments[number, here] = segment
            positions[number, here] = np.arange(one.size)
            task[number, here] = one.task
            placed.setdefault(one.block, []).append((one.at, number * length + at))
            at += one.size
    for block, places in placed.items():
        which, begin = np.array(sorted(places), np.int64).T
        sides = np.stack([2 * which, 2 * which + 1], 1).reshape(-1)
        starts = np.stack([begin, begin + block.lengths[which, 0]], 1).reshape(-1)
        block.write_ids(sides, starts, ids.reshape(-1))
        block.write_roles(sides, starts, roles.reshape(-1))
    return {"ids": ids, "segments": segments, "positions": positions, "roles": roles, "task": task}


def _rows(values: NDArray[Any], rows: int, empty: int) -> NDArray[Any]:
    """Values [n, …] in an array of that many rows."""
    if len(values) == rows:
        return values
    out = np.full((rows, *values.shape[1:]), empty, values.dtype)
    out[: len(values)] = values
    return out
