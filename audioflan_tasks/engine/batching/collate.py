"""Examples as arrays of one shape: two sides, or rows for a decoder.

Names of arrays. Rows of two sides have those of seqio: `inputs` and `targets`, and for each side
`SIDE_roles`, `SIDE_length`, `SIDE_loss`, `SIDE_loss_weights`. Rows for a decoder have those of
Hugging Face models: `input_ids`, `labels`, `attention_mask`, `position_ids`, `segment_ids`,
`roles`, `loss_weights`. The loss and its weights are put in by `Batches`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.batching.prefetch import BatchRows
from audioflan_tasks.engine.stream import StreamExample

__all__ = ["NO_LABEL", "SIDES", "Batch", "add_labels", "causal_batch", "packed_batch",
           "padded_batch"]  # fmt: skip

Batch = dict[str, NDArray[Any]]

SIDES = ("inputs", "targets")

# The label of ids that do not count in the loss, as torch and Hugging Face models have it.
NO_LABEL = -100


def padded_batch(
    batch_rows: BatchRows, rows: int, lengths: Mapping[str, int], multiple: int, pad: int
) -> Batch:
    """A batch of `rows` rows; rows without an example are empty and have task -1.

    `inputs`, `targets` are int32 [rows, length] with `pad` after the end, `inputs_roles`,
    `targets_roles` uint8 of the same shape (0 at padding), `inputs_length`, `targets_length`
    int32 [rows]; `task` int32 (index into `Batches.tasks`), `epoch`, `row` and `step` int64
    [rows].
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
    }
    for side, sizes in zip(SIDES, np.array(counts.T, np.int32, order="C"), strict=True):
        batch[f"{side}_length"] = _padded_rows(sizes, rows, 0)
    return {**batch, **_origins(batch_rows, rows)}


def causal_batch(
    batch_rows: BatchRows, rows: int, lengths: Mapping[str, int], multiple: int, pad: int
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
    batch = _empty_rows(rows, width, pad)
    _write(batch, block, block_rows, np.arange(len(block_rows)) * width)
    steps = np.arange(width, dtype=np.int32)
    is_used = steps < sizes[:, None]
    batch |= {"position_ids": steps * is_used, "segment_ids": is_used.astype(np.int32)}
    return {**batch, **_origins(batch_rows, rows)}


def packed_batch(rows: Sequence[Sequence[StreamExample]], length: int, pad: int) -> Batch:
    """Examples packed into rows [rows, length] for a decoder: inputs, then targets, then the next.

    `input_ids` int32 with `pad` at the end; `segment_ids` int32 counts the examples of a row from
    1, 0 at padding; `position_ids` int32 counts from 0 in each; `roles` uint8 (3 is the answer);
    `task` int32 says for every id which task it is of, -1 at padding.
    """
    batch = _empty_rows(len(rows), length, pad)
    batch["task"] = np.full((len(rows), length), -1, np.int32)
    segments, positions, task = (batch[k] for k in ("segment_ids", "position_ids", "task"))
    steps = np.arange(length, dtype=np.int32)
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
    for block, block_places in places.items():
        block_rows, starts = np.array(sorted(block_places), np.int64).T
        _write(batch, block, block_rows, starts)
    return batch


def add_labels(batch: Batch, loss: NDArray[np.uint8]) -> None:
    """Adds `labels` and `attention_mask` to rows for a decoder, of which `loss` is 1 where an id
    counts.

    `labels` int32 are the ids themselves, not shifted, and `NO_LABEL` where an id does not count.
    The first id of an example never does: nothing of its own example stands before it.
    `attention_mask` uint8 is 1 at ids and 0 at padding.
    """
    is_counted = loss.view(np.bool_) & (batch["position_ids"] > 0)
    labels = np.full(loss.shape, NO_LABEL, np.int32)
    np.copyto(labels, batch["input_ids"], where=is_counted)
    batch["labels"] = labels
    batch["attention_mask"] = (batch["segment_ids"] > 0).view(np.uint8)


def _empty_rows(rows: int, length: int, pad: int) -> Batch:
    shape = (rows, length)
    return {
        "input_ids": np.full(shape, pad, np.int32),
        "position_ids": np.zeros(shape, np.int32),
        "segment_ids": np.zeros(shape, np.int32),
        "roles": np.zeros(shape, np.uint8),
    }


def _write(batch: Batch, block: Block, block_rows: NDArray[np.int64], starts: Any) -> None:
    """Writes ids and roles of rows of a block, which rise, from `starts` on in the flat arrays."""
    if not len(block_rows):
        return
    sides = np.stack([2 * block_rows, 2 * block_rows + 1], 1).reshape(-1)
    begins = np.stack([starts, starts + block.lengths[block_rows, 0]], 1).reshape(-1)
    block.write_ids(sides, begins, batch["input_ids"].reshape(-1))
    block.write_roles(sides, begins, batch["roles"].reshape(-1))


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
