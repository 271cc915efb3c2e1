"""Examples as arrays of one shape: two sides, or rows for a decoder.

Names of arrays. Rows of two sides have those of seqio: `inputs` and `targets`, and for each side
`SIDE_roles`, `SIDE_length`, `SIDE_loss`, `SIDE_loss_weights`. Rows for a decoder have those of
Hugging Face models: `input_ids`, `labels`, `attention_mask`, `position_ids`, `segment_ids`,
`roles`, `loss_weights`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.batching.batch_draws import BatchDraws
from audioflan_tasks.engine.batching.prefetch import BatchRows
from audioflan_tasks.engine.stream_examples import ExampleBlock

__all__ = ["NO_LABEL", "SIDES", "Batch", "LossMarks", "causal_batch", "packed_batch",
           "padded_batch"]  # fmt: skip

I64 = NDArray[np.int64]

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
    return {**batch, **_origins(batch_rows.drawn, block_rows, rows)}


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
    run_sizes, segments = np.empty((rows, 2), np.int64), np.empty((rows, 2), np.int32)
    run_sizes[:, 0], run_sizes[:, 1] = sizes, width - sizes
    segments[:] = 1, 0
    places = {block: (block_rows, 2 * np.arange(len(block_rows)))}
    runs = _Runs(run_sizes.reshape(-1), segments.reshape(-1), places)
    return {
        **_decoder_batch(runs, rows, pad, loss_marks),
        **_origins(batch_rows.drawn, block_rows, rows),
    }


def packed_batch(
    rows: Sequence[Sequence[tuple[ExampleBlock, int]]], length: int, pad: int, loss_marks: LossMarks
) -> Batch:
    """Examples packed into rows [rows, length] for a decoder: inputs, then targets, then the next.

    `input_ids` int32, `pad` at the end of a row. `labels` int32: the ids themselves, not shifted,
    and `NO_LABEL` where an id does not count in the loss; the first id of an example never does,
    as nothing of its own example stands before it. `attention_mask` uint8: 1 at ids, 0 at padding.
    `position_ids` int32: from 0 in each example. `segment_ids` int32: the examples of a row from
    1, 0 at padding. `roles` uint8 (3 is the answer). `task` int32: of every id, -1 at padding.
    """
    sizes: list[int] = []
    segments: list[int] = []
    tasks: list[int] = []
    places: defaultdict[Block, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for row in rows:
        room = length
        for segment, (examples, number) in enumerate(row, 1):
            block_rows, numbers = places[examples.block]
            block_rows.append(number)
            numbers.append(len(sizes))
            size = examples.sizes[number]
            sizes.append(size)
            segments.append(segment)
            tasks.append(examples.tasks[number])
            room -= size
        sizes.append(room)
        segments.append(0)
        tasks.append(-1)
    runs = _Runs(
        np.array(sizes), np.array(segments, np.int32),
        {block: _rising(*columns) for block, columns in places.items()},
    )  # fmt: skip
    batch = _decoder_batch(runs, len(rows), pad, loss_marks)
    batch["task"] = np.repeat(np.array(tasks, np.int32), runs.sizes).reshape(len(rows), length)
    return batch


def _rising(block_rows: Sequence[int], numbers: Sequence[int]) -> tuple[I64, I64]:
    """Rows of a block in rising order, and the numbers that go with them."""
    rows = np.array(block_rows, np.int64)
    order = np.argsort(rows)
    return rows[order], np.array(numbers, np.int64)[order]


@dataclass(frozen=True, slots=True)
class _Runs:
    """What stands one after the other in flat rows for a decoder.

    A run of `sizes[i]` ids is the example `segments[i]` of its row, or its padding, segment 0.
    `places` has by block its rows, which rise, and the numbers of their runs.
    """

    sizes: I64
    segments: NDArray[np.int32]
    places: Mapping[Block, tuple[I64, I64]]


def _decoder_batch(runs: _Runs, rows: int, pad: int, loss_marks: LossMarks) -> Batch:
    """The arrays of rows for a decoder, [rows, length]."""
    ends = np.cumsum(runs.sizes)
    starts = ends - runs.sizes
    segments = np.repeat(runs.segments, runs.sizes)
    positions = np.repeat(-starts.astype(np.int32), runs.sizes)
    positions += _numbers(len(positions))
    ids = np.empty(len(segments), np.int32)
    padding = np.flatnonzero(runs.segments == 0)
    for start, end in zip(starts[padding].tolist(), ends[padding].tolist(), strict=True):
        ids[start:end], positions[start:end] = pad, 0
    for block, (block_rows, numbers) in runs.places.items():
        block.write_ids(*_sides_at(block, block_rows, starts[numbers]), ids)
    roles = _roles(runs, starts)
    is_counted = loss_marks(ids, roles).view(np.bool_)
    is_counted[starts[runs.segments > 0]] = False
    labels = np.full(len(ids), NO_LABEL, np.int32)
    np.copyto(labels, ids, where=is_counted)
    arrays: Batch = {
        "input_ids": ids, "labels": labels, "position_ids": positions, "segment_ids": segments,
        "attention_mask": np.repeat((runs.segments > 0).view(np.uint8), runs.sizes),
        "roles": roles,
    }  # fmt: skip
    return {name: array.reshape(rows, -1) for name, array in arrays.items()}


@lru_cache(maxsize=2)
def _numbers(count: int) -> NDArray[np.int32]:
    """The numbers from 0 on, not to be written to."""
    numbers = np.arange(count, dtype=np.int32)
    numbers.flags.writeable = False
    return numbers


def _roles(runs: _Runs, starts: I64) -> NDArray[np.uint8]:
    """The role of each id of flat rows, 0 at padding."""
    roles, counts = np.zeros((len(starts), 4), np.uint8), np.zeros((len(starts), 4), np.int64)
    counts[:, 0] = runs.sizes
    for block, (block_rows, numbers) in runs.places.items():
        roles[numbers], counts[numbers] = block.role_runs(block_rows)
    flat = np.repeat(roles.reshape(-1), counts.reshape(-1))
    for block, (block_rows, numbers) in runs.places.items():
        if block.from_records:
            block.write_roles(*_sides_at(block, block_rows, starts[numbers]), flat)
    return flat


def _sides_at(block: Block, block_rows: I64, starts: I64) -> tuple[I64, I64]:
    """The sides of rows of a block that begin there, and where each side begins."""
    sides, begins = np.empty((len(starts), 2), np.int64), np.empty((len(starts), 2), np.int64)
    sides[:, 0], sides[:, 1] = 2 * block_rows, 2 * block_rows + 1
    begins[:, 0], begins[:, 1] = starts, starts + block.lengths[block_rows, 0]
    return sides.reshape(-1), begins.reshape(-1)


def _origins(drawn: BatchDraws, block_rows: I64, rows: int) -> Batch:
    """Where each row is from; -1 where there is no example."""
    draws = drawn.draws
    columns: Batch = {
        "task": draws.task[block_rows].astype(np.int32), "epoch": draws.epoch[block_rows],
        "row": draws.row[block_rows], "step": drawn.steps[block_rows],
    }  # fmt: skip
    return {name: _padded_rows(values, rows, -1) for name, values in columns.items()}


def _padded_rows(values: NDArray[Any], rows: int, empty: int) -> NDArray[Any]:
    """Values [n, …] in an array of that many rows."""
    if len(values) == rows:
        return values
    table = np.full((rows, *values.shape[1:]), empty, values.dtype)
    table[: len(values)] = values
    return table
