"""Examples as arrays of one shape: two sides, or rows for a decoder.

Names of arrays. Rows of two sides have those of seqio: `inputs` and `targets`, and for each side
`SIDE_roles`, `SIDE_length`, `SIDE_loss`, `SIDE_loss_weights`. Rows for a decoder have those of
Hugging Face models: `input_ids`, `labels`, `attention_mask`, `position_ids`, `segment_ids`,
`roles`, `loss_weights`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.batching.prefetch import BatchRows
from audioflan_tasks.engine.stream import StreamExample

__all__ = ["NO_LABEL", "SIDES", "Batch", "LossMarks", "causal_batch", "packed_batch",
           "padded_batch"]  # fmt: skip

Batch = dict[str, NDArray[Any]]

SIDES = ("inputs", "targets")

# From ids and their roles to 1 where an id counts in the loss.
LossMarks = Callable[[NDArray[np.int32], NDArray[np.uint8]], NDArray[np.uint8]]

# The label of ids that do not count in the loss, as torch and Hugging Face models have it.
NO_LABEL = -100


def padded_batch(
    batch_rows: BatchRows,
    rows: int,
    lengths: Mapping[str, int],
    multiple: int,
    pad: int,
    loss_marks: LossMarks,
) -> Batch:
    """A batch of `rows` rows; rows without an example are empty and have task -1.

    `inputs`, `targets` are int32 [rows, length] with `pad` after the end, `inputs_roles`,
    `targets_roles` uint8 of the same shape (0 at padding), `inputs_loss`, `targets_loss` uint8 (1
    where an id counts in the loss), `inputs_length`, `targets_length` int32 [rows]; `task` int32
    (index into `Batches.tasks`), `epoch`, `row` and `step` int64 [rows].
    """
    block, block_rows = batch_rows.block, batch_rows.block_rows
    counts = block.lengths[block_rows]
    longest = counts.max(0, initial=1).tolist()
    widths = tuple(
        lengths.get(side) or -(-longest_side // multiple) * multiple
        for side, longest_side in zip(SIDES, longest, strict=True)
    )
    inputs, targets = block.tables(block_rows, rows, (widths[0], widths[1]), pad)
    inputs_roles, targets_roles = block.role_tables(block_rows, rows, (widths[0], widths[1]))
    batch: Batch = {
        "inputs": inputs,
        "targets": targets,
        "inputs_roles": inputs_roles,
        "targets_roles": targets_roles,
        "inputs_loss": loss_marks(inputs, inputs_roles),
        "targets_loss": loss_marks(targets, targets_roles),
    }
    for side, sizes in zip(SIDES, np.array(counts.T, np.int32, order="C"), strict=True):
        batch[f"{side}_length"] = _padded_rows(sizes, rows, 0)
    return {**batch, **_origins(batch_rows, rows)}


def causal_batch(
    batch_rows: BatchRows,
    rows: int,
    lengths: Mapping[str, int],
    multiple: int,
    pad: int,
    loss_marks: LossMarks,
) -> Batch:
    """A batch of `rows` rows for a decoder, each one example: inputs, then targets, then `pad`.

    The arrays of `packed_batch`, but `task`, `epoch`, `row` and `step` are [rows], as of
    `padded_batch`.
    """
    block, block_rows = batch_rows.block, batch_rows.block_rows
    sizes = _padded_rows(block.lengths[block_rows].sum(1), rows, 0)
    width = -(-int(sizes.max(initial=1)) // multiple) * multiple
    if set(SIDES) <= set(lengths):
        width = sum(lengths.values())
    batch, starts = _empty_rows(rows, width), np.arange(len(block_rows)) * width
    steps = np.arange(width, dtype=np.int32)
    is_used = steps < sizes[:, None]
    batch |= {"position_ids": steps * is_used, "segment_ids": is_used.astype(np.int32)}
    _fill_padding(batch, sizes.tolist(), pad)
    _write(batch, block, block_rows, starts)
    _add_labels(batch, starts, loss_marks)
    return {**batch, **_origins(batch_rows, rows)}


def packed_batch(
    rows: Sequence[Sequence[StreamExample]], length: int, pad: int, loss_marks: LossMarks
) -> Batch:
    """Examples packed into rows [rows, length] for a decoder: inputs, then targets, then the next.

    `input_ids` int32, `pad` at the end of a row. `labels` int32: the ids themselves, not shifted,
    and `NO_LABEL` where an id does not count in the loss; the first id of an example never does,
    as nothing of its own example stands before it. `attention_mask` uint8: 1 at ids, 0 at padding.
    `position_ids` int32: from 0 in each example. `segment_ids` int32: the examples of a row from
    1, 0 at padding. `roles` uint8 (3 is the answer). `task` int32: of every id, -1 at padding.
    """
    batch = _empty_rows(len(rows), length)
    batch["task"] = np.empty((len(rows), length), np.int32)
    segments, positions, task = (batch[k] for k in ("segment_ids", "position_ids", "task"))
    steps, sizes = np.arange(length, dtype=np.int32), []
    places: dict[Block, list[tuple[int, int]]] = {}
    for number, row in enumerate(rows):
        start = 0
        for segment, example in enumerate(row, 1):
            span = slice(start, start + example.size)
            segments[number, span] = segment
            positions[number, span] = steps[: example.size]
            task[number, span] = example.task
            place = (example.block_row, number * length + start)
            places.setdefault(example.block, []).append(place)
            start += example.size
        sizes.append(start)
    _fill_padding(batch, sizes, pad)
    for block, block_places in places.items():
        block_rows, starts = np.array(sorted(block_places), np.int64).T
        _write(batch, block, block_rows, starts)
    all_starts = [start for block_places in places.values() for _, start in block_places]
    _add_labels(batch, np.array(all_starts, np.int64), loss_marks)
    return batch


def _empty_rows(rows: int, length: int) -> Batch:
    """Rows for a decoder, of which nothing is written yet."""
    shape = (rows, length)
    ids = ("input_ids", "labels", "position_ids", "segment_ids")
    marks = ("attention_mask", "roles")
    return {
        **{name: np.empty(shape, np.int32) for name in ids},
        **{name: np.empty(shape, np.uint8) for name in marks},
    }


def _fill_padding(batch: Batch, sizes: Sequence[int], pad: int) -> None:
    """Writes what stands behind the ids of each row, and the attention mask."""
    padding = {
        "input_ids": pad, "position_ids": 0, "segment_ids": 0, "roles": 0, "attention_mask": 0,
        "task": -1,
    }  # fmt: skip
    columns = [(batch[name], value) for name, value in padding.items() if name in batch]
    for row, size in enumerate(sizes):
        batch["attention_mask"][row, :size] = 1
        for array, value in columns:
            array[row, size:] = value


def _write(
    batch: Batch, block: Block, block_rows: NDArray[np.int64], starts: NDArray[np.int64]
) -> None:
    """Writes ids and roles of rows of a block, which rise, from `starts` on in the flat arrays."""
    if not len(block_rows):
        return
    sides = np.stack([2 * block_rows, 2 * block_rows + 1], 1).reshape(-1)
    begins = np.stack([starts, starts + block.lengths[block_rows, 0]], 1).reshape(-1)
    block.write_ids(sides, begins, batch["input_ids"].reshape(-1))
    block.write_roles(sides, begins, batch["roles"].reshape(-1))


def _add_labels(batch: Batch, starts: NDArray[np.int64], loss_marks: LossMarks) -> None:
    """Writes the labels; `starts` are where examples begin in the flat arrays."""
    ids, labels = batch["input_ids"].reshape(-1), batch["labels"].reshape(-1)
    is_counted = loss_marks(batch["input_ids"], batch["roles"]).view(np.bool_).reshape(-1)
    is_counted[starts] = False
    # Few runs: copying them is several times as fast as a masked copy.
    edges = np.flatnonzero(is_counted[1:] != is_counted[:-1]) + 1
    for begin, end in pairwise([0, *edges.tolist(), len(ids)]):
        labels[begin:end] = ids[begin:end] if is_counted[begin] else NO_LABEL


def _origins(batch_rows: BatchRows, rows: int) -> Batch:
    """Where each row is from; -1 where there is no example."""
    draws, kept = batch_rows.batch.draws, np.flatnonzero(batch_rows.kept)
    columns: Batch = {
        "task": draws.task.astype(np.int32), "epoch": draws.epoch, "row": draws.row,
        "step": batch_rows.batch.steps,
    }  # fmt: skip
    return {name: _padded_rows(values[kept], rows, -1) for name, values in columns.items()}


def _padded_rows(values: NDArray[Any], rows: int, empty: int) -> NDArray[Any]:
    """Values [n, …] in an array of that many rows."""
    if len(values) == rows:
        return values
    table = np.full((rows, *values.shape[1:]), empty, values.dtype)
    table[: len(values)] = values
    return table
