"""From ways to ask and values to the parts of examples, cropped to the lengths asked for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.block import Parts
from audioflan_tasks.engine.assembly.prompt_tables import SKIPPED, PromptTables
from audioflan_tasks.engine.assembly.token_slices import TokenSlices
from audioflan_tasks.preprocessors.crop import kept_steps
from audioflan_tasks.preprocessors.splice import ROLES

__all__ = ["RowParts", "lay_out"]

I64 = NDArray[np.int64]

# Roles of inputs with the instruction first, and last.
_FIRST = (ROLES["instruction"], ROLES["input"])
_ROLES = np.array([_FIRST, _FIRST[::-1]], np.uint8)


class RowParts(NamedTuple):
    """Rows: way of the wording, number of the row's first value, ids of listed options."""

    way: I64
    base: I64
    listed: I64


def lay_out(
    rows: RowParts,
    wording: PromptTables,
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
    ways = wording.ways.rows[rows.way]
    parts = _laid(rows, wording, values, numbers)
    kept = rows.way != SKIPPED
    over = np.flatnonzero(parts.lengths > np.tile(limits, len(ways)))
    if len(over):
        for side in over.tolist():
            excess = int(parts.lengths[side]) - limits[side % 2]
            if not _crop(parts, side, values, excess, step):
                kept[side // 2] = False
        parts = _laid(rows, wording, values, numbers)
        parts.lengths[np.repeat(~kept, 2)] = 0
    inputs, (asked, input_first) = parts.lengths[::2], ways[:, 2:4].T
    first = asked + rows.listed
    parts.split[::2] = np.where(input_first == 1, inputs - first, first)
    parts.roles[::2] = _ROLES[input_first]
    return parts, kept


def _laid(rows: RowParts, wording: PromptTables, values: TokenSlices, numbers: I64) -> Parts:
    """Parts with the roles of answers."""
    forms = wording.forms.rows[wording.ways.rows[rows.way, :2].reshape(-1)]
    many = forms[:, 1]
    value, starts, counts = wording.parts.rows[ragged_ranges(forms[:, 0], many)].T
    value, counts = value.copy(), counts.copy()
    own = np.flatnonzero(value >= 0)
    base = np.repeat(rows.base, many.reshape(-1, 2).sum(1))
    value[own] = numbers[base[own] + value[own]]
    counts[own] = values.sizes[value[own]]
    first = np.zeros(len(many) + 1, np.int64)
    np.cumsum(many, out=first[1:])
    running = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=running[1:])
    running = running[first]
    lengths = running[1:] - running[:-1]
    roles = np.full((len(many), 2), ROLES["answer"], np.uint8)
    return Parts(first, value, starts, counts, lengths, lengths.copy(), roles)


def _crop(parts: Parts, side: int, values: TokenSlices, excess: int, step: int) -> bool:
    """Shortens the longest audio of a side; False if that is not enough."""
    own = parts.values[parts.first[side] : parts.first[side + 1]]
    audio = own[(own >= values.audio[0]) & (own < values.audio[1])]
    needed = -(-excess // step)
    if len(audio) == 1:
        # The common case, and most rows where limits are short.
        left = int(values.sizes[audio[0]]) // step - needed
        values.sizes[audio] = max(left, 1) * step
        return left >= 1
    kept = kept_steps(values.sizes[audio] // step, needed)
    if kept is None:
        return False
    values.sizes[audio] = kept * step
    return True
