"""Examples as arrays of one shape: padded side by side, or packed one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.draft import Draft, Side
from audioflan_tasks.engine.stream import Made
from audioflan_tasks.mixtures.plan import Draws

__all__ = ["Batch", "ids_of", "packed_batch", "padded_batch"]

Batch = dict[str, NDArray[Any]]
I64 = NDArray[np.int64]

# Ids of a row from which roles are written row by row.
_LONG = 512


def padded_batch(
    steps: I64,
    found: Draws,
    drafts: Sequence[Draft | None],
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
    kept = [draft for draft in drafts if draft is not None]
    batch: Batch = {}
    for part, roles, sides in (
        ("inputs", "input_roles", [d.inputs for d in kept]),
        ("targets", "target_roles", [d.targets for d in kept]),
    ):
        told = [side.length for side in sides]
        width = lengths.get(part) or -(-max(told, default=1) // multiple) * multiple
        batch[part] = _ids(sides, rows, width, pad)
        batch[roles] = _roles(sides, rows, width)
        batch[f"{part}_length"] = _column(np.array(told, np.int32), rows, 0)
    places: Batch = {
        "task": found.task.astype(np.int32), "epoch": found.epoch, "row": found.row, "step": steps,
    }  # fmt: skip
    if len(kept) < len(drafts):
        at = np.array([n for n, draft in enumerate(drafts) if draft is not None], np.intp)
        places = {name: values[at] for name, values in places.items()}
    return {**batch, **{name: _column(values, rows, -1) for name, values in places.items()}}


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
    kinds: list[int] = []
    counts: list[int] = []
    for side in sides:
        kinds += side.roles_of
        kinds.append(0)
        counts += side.counts
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


def _column(values: NDArray[Any], rows: int, empty: int) -> NDArray[Any]:
    """Values [n] in a column [rows]."""
    if len(values) == rows:
        return values.copy()
    out = np.full(rows, empty, values.dtype)
    out[: len(values)] = values
    return out
