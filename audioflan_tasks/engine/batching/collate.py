"""Examples as arrays of one shape: padded side by side, or packed one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.batching.prefetch import BatchRows
from audioflan_tasks.engine.stream import StreamExample

__all__ = ["Batch", "packed_batch", "padded_batch"]

Batch = dict[str, NDArray[Any]]

_PARTS = ("inputs", "targets")


def padded_batch(
    batch_rows: BatchRows, rows: int, lengths: Mapping[str, int], multiple: int, pad: int
) -> Batch:
    """A batch of `rows` rows; rows without an example are empty and have task -1.

    `inputs`, `targets` are int32 [rows, length] with `pad` after the end, `input_roles`,
    `target_roles` uint8 of the same shape (0 at padding), `inputs_length`, `targets_length`
    int32 [rows]; `task` int32 (index into `Batches.tasks`), `epoch`, `row` and `step` int64
    [rows].
    """
    block, draws = batch_rows.block, batch_rows.batch.draws
    kept = np.flatnonzero(batch_rows.kept)
    block_rows = kept + batch_rows.first
    counts = block.lengths[block_rows]
    longest = counts.max(0, initial=1).tolist()
    widths = tuple(
        lengths.get(part) or -(-longest_side // multiple) * multiple
        for part, longest_side in zip(_PARTS, longest, strict=True)
    )
    inputs, targets = block.tables(block_rows, rows, (widths[0], widths[1]), pad)
    input_roles, target_roles = block.role_tables(block_rows, rows, (widths[0], widths[1]))
    batch: Batch = {
        "inputs": inputs,
        "targets": targets,
        "input_roles": input_roles,
        "target_roles": target_roles,
    }
    for part, sizes in zip(_PARTS, np.array(counts.T, np.int32, order="C"), strict=True):
        batch[f"{part}_length"] = _padded_rows(sizes, rows, 0)
    origins: Batch = {
        "task": draws.task.astype(np.int32), "epoch": draws.epoch, "row": draws.row,
        "step": batch_rows.batch.steps,
    }  # fmt: skip
    columns = {name: _padded_rows(values[kept], rows, -1) for name, values in origins.items()}
    return {**batch, **columns}


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
    places: dict[Block, list[tuple[int, int]]] = {}
    for number, row in enumerate(rows):
        start = 0
        for segment, example in enumerate(row, 1):
            span = slice(start, start + example.size)
            segments[number, span] = segment
            positions[number, span] = np.arange(example.size)
            task[number, span] = example.task
            place = (example.block_row, number * length + start)
            places.setdefault(example.block, []).append(place)
            start += example.size
    for block, block_places in places.items():
        block_rows, begin = np.array(sorted(block_places), np.int64).T
        sides = np.stack([2 * block_rows, 2 * block_rows + 1], 1).reshape(-1)
        starts = np.stack([begin, begin + block.lengths[block_rows, 0]], 1).reshape(-1)
        block.write_ids(sides, starts, ids.reshape(-1))
        block.write_roles(sides, starts, roles.reshape(-1))
    return {"ids": ids, "segments": segments, "positions": positions, "roles": roles, "task": task}


def _padded_rows(values: NDArray[Any], rows: int, empty: int) -> NDArray[Any]:
    """Values [n, …] in an array of that many rows."""
    if len(values) == rows:
        return values
    table = np.full((rows, *values.shape[1:]), empty, values.dtype)
    table[: len(values)] = values
    return table
