"""From variants and values to the parts of examples, cropped to the lengths asked for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.block import Parts
from audioflan_tasks.engine.assembly.prompt_tables import PromptTables
from audioflan_tasks.engine.assembly.token_slices import TokenSlices
from audioflan_tasks.preprocessors.crop import kept_steps
from audioflan_tasks.preprocessors.splice import ROLES

__all__ = ["RowParts", "lay_out"]

I64 = NDArray[np.int64]

# Roles of inputs with the instruction first, and last.
_FIRST = (ROLES["instruction"], ROLES["input"])
_ROLES = np.array([_FIRST, _FIRST[::-1]], np.uint8)


class RowParts(NamedTuple):
    """Rows: forms of instruction, input and answer [rows, 3], whether the input is first, number
    of the row's first value."""

    forms: I64
    input_first: I64
    base: I64


def lay_out(
    rows: RowParts,
    tables: PromptTables,
    values: TokenSlices,
    numbers: I64,
    limits: tuple[int, int],
    step: int,
) -> tuple[Parts, NDArray[np.bool_]]:
    """The parts of examples, and which rows fit.

    Audio is cropped to at most `limits` ids of inputs and of targets, by whole steps of `step`
    ids (`values.sizes` are changed); a row that cannot be made to fit is empty.

    Args:
      numbers: for each value of the rows its number in `values`.
    """
    parts = _parts_of(rows, tables, values, numbers)
    fits = np.ones(len(rows.base), np.bool_)
    long_sides = np.flatnonzero(parts.lengths > np.tile(limits, len(fits)))
    if len(long_sides):
        for side in long_sides.tolist():
            excess = int(parts.lengths[side]) - limits[side % 2]
            if not _crop(parts, side, values, excess, step):
                fits[side // 2] = False
        parts = _parts_of(rows, tables, values, numbers)
        parts.lengths[np.repeat(~fits, 2)] = 0
    return parts, fits


def _parts_of(rows: RowParts, tables: PromptTables, values: TokenSlices, numbers: I64) -> Parts:
    """Parts of inputs in two forms, whose order `RowParts` tells, and of targets in one."""
    is_first = rows.input_first.astype(np.bool_)
    in_order = rows.forms.copy()
    in_order[is_first, :2] = rows.forms[is_first, 1::-1]
    forms = tables.forms.rows[in_order.reshape(-1)]
    part_counts = forms[:, 1]
    value, starts, counts = tables.parts.rows[ragged_ranges(forms[:, 0], part_counts)].T
    value, counts = value.copy(), counts.copy()
    row_values = np.flatnonzero(value >= 0)
    base = np.repeat(rows.base, part_counts.reshape(-1, 3).sum(1))
    value[row_values] = numbers[base[row_values] + value[row_values]]
    counts[row_values] = values.sizes[value[row_values]]
    first = np.zeros(len(part_counts) + 1, np.int64)
    np.cumsum(part_counts, out=first[1:])
    running = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=running[1:])
    sizes = np.diff(running[first]).reshape(-1, 3)
    lengths, split = np.empty((2, len(sizes), 2), np.int64)
    np.add(sizes[:, 0], sizes[:, 1], out=lengths[:, 0])
    lengths[:, 1] = split[:, 1] = sizes[:, 2]
    split[:, 0] = sizes[:, 0]
    roles = np.full((len(sizes), 2, 2), ROLES["answer"], np.uint8)
    roles[:, 0] = _ROLES[rows.input_first]
    # A side begins with each form but the second.
    sides = np.append(first[:-1].reshape(-1, 3)[:, ::2].reshape(-1), first[-1])
    return Parts(
        sides, value, starts, counts, lengths.reshape(-1), split.reshape(-1), roles.reshape(-1, 2)
    )


def _crop(parts: Parts, side: int, values: TokenSlices, excess: int, step: int) -> bool:
    """Shortens the longest audio of a side; False if that is not enough."""
    numbers = parts.values[parts.first[side] : parts.first[side + 1]]
    audio = numbers[(numbers >= values.audio[0]) & (numbers < values.audio[1])]
    surplus_steps = -(-excess // step)
    if len(audio) == 1:
        # The common case, and most rows where limits are short.
        steps = int(values.sizes[audio[0]]) // step - surplus_steps
        values.sizes[audio] = max(steps, 1) * step
        return steps >= 1
    steps_left = kept_steps(values.sizes[audio] // step, surplus_steps)
    if steps_left is None:
        return False
    values.sizes[audio] = steps_left * step
    return True
