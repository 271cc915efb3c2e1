"""Examples of many rows before they are arrays: where every part of each is copied from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.corpus.examples import Example, Facts, provenance
from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.row_locator import by_shard
from audioflan_tasks.engine.assembly.token_slices import TokenSlices
from audioflan_tasks.records.spans import audio_ids, pieces
from audioflan_tasks.store import Brief, ShardReader

__all__ = ["Block", "Origins", "Parts", "SideArrays"]

I64 = NDArray[np.int64]

# Ids of a row from which it is cheaper to fill row by row than all at once.
_LONG = 512


class Parts(NamedTuple):
    """Sides of examples, inputs (2i) and targets (2i + 1) of row i in turn.

    Side s has the parts first[s] … first[s + 1]-1: `counts` ids each, of value `values` or,
    where that is -1, of the words from `starts` on. The roles of a side are `roles[s, 0]` for
    its first `split[s]` ids, then `roles[s, 1]`.
    """

    first: I64
    values: I64
    starts: I64
    counts: I64
    lengths: I64
    split: I64
    roles: NDArray[np.uint8]


class Origins(NamedTuple):
    """Shard of each row (a number in `shards`), place there, and template."""

    shards: Sequence[ShardReader]
    of: I64
    at: I64
    templates: Sequence[str]
    template: I64


class SideArrays(NamedTuple):
    """Ids and roles of one example, as of `Example`."""

    inputs: NDArray[np.int32]
    targets: NDArray[np.int32]
    input_roles: NDArray[np.uint8]
    target_roles: NDArray[np.uint8]


class Block:
    """Examples of rows; `kept` [rows] says which there are, `made` has those that were made of
    their records, by row.

    Args:
      words: what `Parts.starts` counts.
      offsets: what is added to codes to have ids, long enough for all values.
      origins: where the rows are that were not made of their records.
    """

    def __init__(
        self,
        kept: NDArray[np.bool_],
        parts: Parts,
        values: TokenSlices,
        words: NDArray[np.int32],
        offsets: NDArray[np.int32],
        made: Mapping[int, Example],
        origins: Origins,
    ) -> None:
        self.kept, self._parts, self._values = kept, parts, values
        self._words, self._offsets, self.made, self._origins = words, offsets, made, origins

    def __len__(self) -> int:
        return len(self.kept)

    @property
    def lengths(self) -> I64:
        """Ids of inputs and of targets [rows, 2]; 0 where there is no example."""
        return self._parts.lengths.reshape(-1, 2)

    def store_of(self, row: int) -> Path:
        """The store that holds a row."""
        return self._origins.shards[int(self._origins.of[row])].store

    def facts(self, rows: I64) -> list[Facts]:
        """Answer and provenance of rows that are kept; their records are read for them."""
        shards, of, places, templates, template = self._origins
        told: dict[int, Facts] = {
            row: Facts(one.answer, one.audio_ids, one.shots, one.provenance)
            for row, one in self.made.items()
        }
        own = np.array([row for row in rows.tolist() if row not in told], np.int64)
        own = own[np.argsort(of[own], kind="stable")]
        for shard, run in by_shard(shards, of[own]):
            at = places[own[run]]
            said = template[own[run]].tolist()
            for row, place, name, found in zip(
                own[run].tolist(), at.tolist(), said, shard.rows.briefs(at), strict=True
            ):
                task = catalogue.get(shard.rows.task(place))
                told[row] = _told(task, templates[name], found)
        return [told[row] for row in rows.tolist()]

    def example(self, row: int) -> Example | None:
        """A whole example, or None where it was skipped."""
        if not self.kept[row]:
            return None
        return Example(*self.arrays(row), *self.facts(np.array([row]))[0])

    def arrays(self, row: int) -> SideArrays:
        """Ids and roles of a row that is kept."""
        sides = np.array([2 * row, 2 * row + 1])
        inputs, targets = self.lengths[row].tolist()
        ids, roles = np.empty(inputs + targets, np.int32), np.empty(inputs + targets, np.uint8)
        offsets = np.array([0, inputs])
        self.write_ids(sides, offsets, ids)
        self.write_roles(sides, offsets, roles)
        return SideArrays(ids[:inputs], ids[inputs:], roles[:inputs], roles[inputs:])

    def write_ids(self, sides: I64, at: I64, into: NDArray[np.int32]) -> None:
        """Writes the ids of sides of kept rows, those of sides[i] from into[at[i]] on.

        The numbers of sides rise.
        """
        ids, inside, first = self._short
        chosen, many = _chosen(first, sides)
        into[inside[chosen] + np.repeat(at, many)] = ids[chosen]
        value, inside, first = self._long
        chosen, many = _chosen(first, sides)
        value = value[chosen]
        begin, size = self._values.starts[value], self._values.sizes[value]
        columns = (value, begin, size, inside[chosen] + np.repeat(at, many))
        arrays, offsets, coded = self._values.arrays, self._offsets, self._values.coded
        for n, start, count, to in zip(*(column.tolist() for column in columns), strict=True):
            out = into[to : to + count]
            out[...] = arrays[n][start : start + count]
            if coded:
                out += offsets[:count]

    def write_roles(self, sides: I64, at: I64, into: NDArray[np.uint8]) -> None:
        """Writes the roles of sides of kept rows like their ids."""
        parts = self._parts
        columns = (sides, at, parts.split[sides], parts.lengths[sides], parts.roles[sides])
        for side, to, split, length, (first, then) in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            into[to : to + split] = first
            into[to + split : to + length] = then
            if side // 2 in self.made:
                into[to : to + length] = self._made_roles(side)

    def tables(
        self, rows: I64, count: int, widths: tuple[int, int], pad: int
    ) -> list[NDArray[np.int32]]:
        """Inputs and targets [count, width] of kept rows, which rise; `pad` behind them."""
        flat = np.zeros(count * sum(widths), np.int32)
        if pad:
            flat.fill(pad)
        if len(rows):
            begin = np.arange(len(rows))
            at = np.stack([begin * widths[0], count * widths[0] + begin * widths[1]], 1)
            self.write_ids(_both(rows), at.reshape(-1), flat)
        inputs, targets = np.split(flat, [count * widths[0]])
        return [inputs.reshape(count, widths[0]), targets.reshape(count, widths[1])]

    def role_tables(
        self, rows: I64, count: int, widths: tuple[int, int]
    ) -> list[NDArray[np.uint8]]:
        """Roles of inputs and targets [count, width] alike; 0 behind them."""
        return [
            self._role_table(2 * rows + side, count, width) for side, width in enumerate(widths)
        ]

    def _role_table(self, sides: I64, count: int, width: int) -> NDArray[np.uint8]:
        lengths, split = self._parts.lengths[sides], self._parts.split[sides]
        if self.made:
            out = np.zeros((count, width), np.uint8)
            self.write_roles(sides, np.arange(len(sides)) * width, out.reshape(-1))
            return out
        if width >= _LONG:
            out = np.zeros((count, width), np.uint8)
            columns = (split, lengths, self._parts.roles[sides])
            for row, begin, end, (first, then) in zip(
                out, *(column.tolist() for column in columns), strict=False
            ):
                row[:begin] = first
                row[begin:end] = then
            return out
        # Short rows: what a call costs counts more than what it moves.
        kinds, runs = np.zeros((count, 3), np.uint8), np.zeros((count, 3), np.int64)
        kinds[: len(sides), :2] = self._parts.roles[sides]
        runs[:, 2] = width
        runs[: len(sides)] = np.stack([split, lengths - split, width - lengths], 1)
        return np.repeat(kinds.reshape(-1), runs.reshape(-1)).reshape(count, width)

    @cached_property
    def _short(self) -> tuple[NDArray[np.int32], I64, I64]:
        """Ids of all words and texts, their places inside their sides, and where each side's
        begin [sides + 1]."""
        first, values, starts, counts = self._parts[:4]
        parts = np.flatnonzero((values < self._values.audio[0]) | (values >= self._values.audio[1]))
        values, starts, counts = values[parts], starts[parts], counts[parts]
        ends = np.zeros(len(parts) + 1, np.int64)
        np.cumsum(counts, out=ends[1:])
        begin = ends[:-1]
        ids = np.empty(int(ends[-1]), np.int32)
        said = np.flatnonzero(values < 0)
        source = ragged_ranges(starts[said], counts[said])
        ids[source + np.repeat(begin[said] - starts[said], counts[said])] = self._words[source]
        own = np.flatnonzero(values >= 0)
        value, arrays = values[own], self._values.arrays
        columns = (value, self._values.starts[value], begin[own], ends[own + 1])
        for n, start, to, end in zip(*(column.tolist() for column in columns), strict=True):
            ids[to:end] = arrays[n][start : start + end - to]
        inside = ragged_ranges(self._inside[parts], counts)
        return ids, inside, ends[np.searchsorted(parts, first)]

    @cached_property
    def _long(self) -> tuple[I64, I64, I64]:
        """Values that are audio, their places inside their sides, and where each side's begin."""
        first, values = self._parts[:2]
        parts = np.flatnonzero((values >= self._values.audio[0]) & (values < self._values.audio[1]))
        return values[parts], self._inside[parts], np.searchsorted(parts, first)

    @cached_property
    def _inside(self) -> I64:
        """How many ids of its side stand before each part."""
        first, counts = self._parts.first, self._parts.counts
        before = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=before[1:])
        return before[:-1] - np.repeat(before[first[:-1]], first[1:] - first[:-1])

    def _made_roles(self, side: int) -> NDArray[np.uint8]:
        made = self.made[side // 2]
        return made.target_roles if side % 2 else made.input_roles


def _told(task: TaskRow, template: str, found: Brief) -> Facts:
    # A record with an outline has one value as its answer.
    answer = pieces(found.output)[0].value
    heard = dict.fromkeys((*audio_ids(found.input), *audio_ids(found.output)))
    grade = str(found.other.get("grade", ""))
    return Facts(answer, tuple(heard), (), provenance(task, found.uuid, template, grade))


def _both(rows: I64) -> I64:
    """The sides of rows."""
    return np.stack([2 * rows, 2 * rows + 1], 1).reshape(-1)


def _chosen(first: I64, sides: I64) -> tuple[slice | I64, I64]:
    """The numbers first[s] … first[s + 1] - 1 of all sides s, which rise, and how many of each."""
    begin, end = first[sides], first[sides + 1]
    many = end - begin
    if int(sides[-1]) - int(sides[0]) + 1 == len(sides):
        return slice(int(begin[0]), int(end[-1])), many
    return ragged_ranges(begin, many), many
