"""From variants and values to the parts of examples, cropped to the lengths asked for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.block import Parts
from audioflan_tasks.engine.assembly.prompt_tables import (
    INPUT_FIRST,
    INPUT_FORM,
    INSTRUCTION_IDS,
    OWN_INSTRUCTION,
    SKIPPED,
    TARGET_FORM,
    PromptTables,
)
from audioflan_tasks.engine.assembly.token_slices import TokenSlices
from audioflan_tasks.preprocessors.crop import kept_steps
from audioflan_tasks.preprocessors.splice import ROLES

__all__ = ["RowParts", "lay_out"]

I64 = NDArray[np.int64]

# Roles of inputs with the instruction first, and last.
_FIRST = (ROLES["instruction"], ROLES["input"])
_ROLES = np.array([_FIRST, _FIRST[::-1]], np.uint8)


class RowParts(NamedTuple):
    """Rows: variant, number of the row's first value, ids of listed options."""

    variant: I64
    base: I64
    option_counts: I64


def lay_out(
    rows: RowParts,
    tables: PromptTables,
    values: TokenSlices,
    numbers: I64,
    limits: tuple[int, int],
    step: int,
) -> tuple[Parts, NDArray[np.bool_]]:
    """The parts of examples, and which rows there are.

    Audio is cropped to at most `limits` ids of inputs and of targets, by whole steps of `step`
    ids (`values.sizes` are changed); a row that cannot be made to fit is not kept.

    Args:
      numbers: for each value of the rows its number in `values`.
    """
    variants = tables.variants.rows[rows.variant]
    parts = _parts_of(rows, tables, values, numbers)
    kept = rows.variant != SKIPPED
    long_sides = np.flatnonzero(parts.lengths > np.tile(limits, len(variants)))
    if len(long_sides):
        for side in long_sides.tolist():
            excess = int(parts.lengths[side]) - limits[side % 2]
            if not _crop(parts, side, values, excess, step):
                kept[side // 2] = False
        parts = _parts_of(rows, tables, values, numbers)
        parts.lengths[np.repeat(~kept, 2)] = 0
    inputs, input_first = parts.lengths[::2], variants[:, INPUT_FIRST]
    first = variants[:, INSTRUCTION_IDS] + rows.option_counts
    own_rows = np.flatnonzero(variants[:, OWN_INSTRUCTION])
    first[own_rows] += values.sizes[numbers[rows.base[own_rows]]]
    parts.split[::2] = np.where(input_first == 1, inputs - first, first)
    parts.roles[::2] = _ROLES[input_first]
    return parts, kept


def _parts_of(rows: RowParts, tables: PromptTables, values: TokenSlices, numbers: I64) -> Parts:
    """Parts with the roles of answers."""
    sides = tables.variants.rows[rows.variant, INPUT_FORM : TARGET_FORM + 1]
    forms = tables.forms.rows[sides.reshape(-1)]
    part_counts = forms[:, 1]
    value, starts, counts = tables.parts.rows[ragged_ranges(forms[:, 0], part_counts)].T
    value, counts = value.copy(), counts.copy()
    row_values = np.flatnonzero(value >= 0)
    base = np.repeat(rows.base, part_counts.reshape(-1, 2).sum(1))
    value[row_values] = numbers[base[row_values] + value[row_values]]
    counts[row_values] = values.sizes[value[row_values]]
    first = np.zeros(len(part_counts) + 1, np.int64)
    np.cumsum(part_counts, out=first[1:])
    running = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=running[1:])
    running = running[first]
    lengths = running[1:] - running[:-1]
    roles = np.full((len(part_counts), 2), ROLES["answer"], np.uint8)
    return Parts(first, value, starts, counts, lengths, lengths.copy(), roles)


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
