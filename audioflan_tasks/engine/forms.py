"""Examples as arrays of one shape: padded side by side, or packed one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.draft import Side
from audioflan_tasks.engine.stream import Made

__all__ = ["Batch", "ids_of", "packed_batch", "padded_batch"]

Batch = dict[str, NDArray[Any]]

# Ids of a row from which roles are written row by row.
_LONG = 512


def padded_batch(
    made: Sequence[Made],
    tasks: Mapping[str, int],
    rows: int,
    lengths: Mapping[str, int],
    multiple: int,
    pad: int,
) -> Batch:
    """A batch of `rows` rows; rows without an example are empty and have task -1.

    `inputs`, `targets` are int32 [rows, length] with `pad` after the end, `input_roles`,
    `target_roles` uint8 alike (0 at padding), `inputs_length`, `targets_length` int32 [rows];
    `task` int32 (index into `Batches.tasks`), `epoch`, `row` and `step` int64 [rows].
    """
    kept = [m for m in made if m.draft is not None]
    drafts = [m.draft for m in kept if m.draft is not None]
    batch: Batch = {}
    for part, roles, sides in (
        ("inputs", "input_roles", [d.inputs for d in drafts]),
        ("targets", "target_roles", [d.targets for d in drafts]),
    ):
        longest = max((side.length for side in sides), default=1)
        width = lengths.get(part) or -(-longest // multiple) * multiple
        batch[part] = _ids(sides, rows, width, pad)
        batch[roles] = _roles(sides, rows, width)
        batch[f"{part}_length"] = _column([side.length for side in sides], rows, np.int32, 0)
    return {**batch, **_places(kept, tasks, rows)}


def ids_of(sides: Sequence[Side], pad: int) -> NDArray[np.int32]:
    """Ids [sides, longest] of sides as rows, `pad` behind them."""
    return _ids(sides, len(sides), max((side.length for side in sides), default=0), pad)


def _ids(sides: Sequence[Side], rows: int, width: int, pad: int) -> NDArray[np.int32]:
    """Ids [rows, width] in one pass: what is behind a row is a part like any other."""
    behind = np.full(width, pad, np.int32)
    parts = [part for side in sides for part in (*side.parts, behind[: width - side.length])]
    parts += [behind] * (rows - len(sides))
    if not parts:
        return np.empty((rows, width), np.int32)
    return np.concatenate(parts, dtype=np.int32, casting="same_kind").reshape(rows, width)


def _roles(sides: Sequence[Side], rows: int, width: int) -> NDArray[np.uint8]:
    """Roles [rows, width], 0 behind them."""
    if width >= _LONG:
        out = np.zeros((rows, width), np.uint8)
        for side, row in zip(sides, out, strict=False):
            side.write_roles(row)
        return out
    # Short rows: what a call costs counts more than what it moves.
    kinds, counts = [], []
    for side in sides:
        for role, length in side.runs:
            kinds.append(role)
            counts.append(length)
        kinds.append(0)
        counts.append(width - side.length)
    kinds.append(0)
    counts.append((rows - len(sides)) * width)
    return np.repeat(np.array(kinds, np.uint8), counts).reshape(rows, width)


def packed_batch(
    rows: Sequence[Sequence[Made]], tasks: Mapping[str, int], length: int, pad: int
) -> Batch:
    """Examples packed into rows [rows, length] for a decoder: inputs, then targets, then the next.

    `ids` int32 with `pad` at the end; `segments` int32 counts the examples of a row from 1, 0 at
    padding; `positions` int32 counts from 0 in each; `roles` uint8 (3 is the answer); `task` int32
    says for every id which task it is of, -1 at padding.
    """
    shape = (len(rows), length)
    ids, segments = np.full(shape, pad, np.int32), np.zeros(shape, np.int32)
    positions, roles = np.zeros(shape, np.int32), np.zeros(shape, np.uint8)
    task = np.full(shape, -1, np.int32)
    for number, row in enumerate(rows):
        at = 0
        for segment, one in enumerate(row, 1):
            if one.draft is None:
                continue
            begin = at
            for side in (one.draft.inputs, one.draft.targets):
                side.write_ids(ids[number, at:])
                side.write_roles(roles[number, at:])
                at += side.length
            segments[number, begin:at] = segment
            positions[number, begin:at] = np.arange(at - begin)
            task[number, begin:at] = tasks[one.task]
    return {"ids": ids, "segments": segments, "positions": positions, "roles": roles, "task": task}


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
