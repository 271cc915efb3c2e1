"""Examples as arrays of one shape: padded side by side, or packed one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Example
from audioflan_tasks.engine.stream import Made

__all__ = ["Batch", "filled", "packed_batch", "padded_batch", "width_of"]

Batch = dict[str, NDArray[Any]]


def padded_batch(
    made: Sequence[Made],
    tasks: Mapping[str, int],
    rows: int,
    lengths: Mapping[str, int],
    multiple: int,
) -> Batch:
    """A batch of `rows` rows; rows without an example are empty and have task -1.

    `inputs`, `targets` are int32 [rows, length] with 0 after the end, `input_roles`,
    `target_roles` uint8 alike (0 at padding), `inputs_length`, `targets_length` int32 [rows];
    `task` int32 (index into `Batches.tasks`), `epoch`, `row` and `step` int64 [rows].
    """
    kept = [m for m in made if m.example is not None]
    examples = [m.example for m in kept if m.example is not None]
    batch: Batch = {}
    for part, roles in (("inputs", "input_roles"), ("targets", "target_roles")):
        ids = [getattr(e, part) for e in examples]
        width = lengths.get(part) or width_of(ids, multiple)
        batch[part] = filled(ids, rows, width, np.int32)
        batch[roles] = filled([getattr(e, roles) for e in examples], rows, width, np.uint8)
        batch[f"{part}_length"] = _column([len(i) for i in ids], rows, np.int32, 0)
    return {**batch, **_places(kept, tasks, rows)}


def packed_batch(rows: Sequence[Sequence[Made]], tasks: Mapping[str, int], length: int) -> Batch:
    """Examples packed into rows [rows, length] for a decoder: inputs, then targets, then the next.

    `ids` int32; `segments` int32 counts the examples of a row from 1, 0 at padding;
    `positions` int32 counts from 0 in each; `roles` uint8 (3 is the answer); `task` int32
    says for every id which task it is of, -1 at padding.
    """
    shape = (len(rows), length)
    ids, segments = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    positions, roles = np.zeros(shape, np.int32), np.zeros(shape, np.uint8)
    task = np.full(shape, -1, np.int32)
    for number, row in enumerate(rows):
        at = 0
        for segment, one in enumerate(row, 1):
            example = one.example
            if example is None:
                continue
            for part, kinds in (
                (example.inputs, example.input_roles),
                (example.targets, example.target_roles),
            ):
                end = at + len(part)
                ids[number, at:end], roles[number, at:end] = part, kinds
                at = end
            begin = at - size_of(example)
            segments[number, begin:at] = segment
            positions[number, begin:at] = np.arange(at - begin)
            task[number, begin:at] = tasks[one.task]
    return {"ids": ids, "segments": segments, "positions": positions, "roles": roles, "task": task}


def size_of(example: Example) -> int:
    """Ids of inputs and targets together."""
    return len(example.inputs) + len(example.targets)


def filled(parts: Sequence[NDArray[Any]], rows: int, width: int, kind: Any) -> NDArray[Any]:
    """Arrays as the rows of one, 0 behind them."""
    out = np.zeros((rows, width), kind)
    for number, part in enumerate(parts):
        out[number, : len(part)] = part
    return out


def width_of(parts: Sequence[NDArray[Any]], multiple: int) -> int:
    """The longest, rounded up to a multiple."""
    longest = max((len(p) for p in parts), default=1)
    return -(-longest // multiple) * multiple


def _places(kept: Sequence[Made], tasks: Mapping[str, int], rows: int) -> Batch:
    return {
        "task": _column([tasks[m.task] for m in kept], rows, np.int32, -1),
        "epoch": _column([m.epoch for m in kept], rows, np.int64, -1),
        "row": _column([m.row for m in kept], rows, np.int64, -1),
        "step": _column([m.step for m in kept], rows, np.int64, -1),
    }


def _column(values: Sequence[int], rows: int, kind: Any, empty: int) -> NDArray[Any]:
    out = np.full(rows, empty, kind)
    out[: len(values)] = values
    return out
