"""Examples of many rows before they are arrays: where every part of each is copied from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.corpus.examples import Example, provenance
from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.token_slices import TokenSlices
from audioflan_tasks.engine.assembly.told_facts import ToldFacts
from audioflan_tasks.store import ShardReader, read_provenance

__all__ = ["Block", "Origins", "Parts", "SideArrays"]

I64 = NDArray[np.int64]
_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Parts:
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


@dataclass(frozen=True, slots=True)
class Origins:
    """Shard of each row (a number in `shards`), offset there, and template (a number)."""

    shards: Mapping[int, ShardReader]
    shard: I64
    offset: I64
    templates: Sequence[str]
    template: I64


@dataclass(frozen=True, slots=True)
class SideArrays:
    """Ids and roles of one example, as of `Example`."""

    inputs: NDArray[np.int32]
    targets: NDArray[np.int32]
    input_roles: NDArray[np.uint8]
    target_roles: NDArray[np.uint8]


class Block:
    """Examples of rows; `kept` [rows] says which there are, `from_records` has by row those
    that were made of their records.

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
        from_records: Mapping[int, Example],
        origins: Origins,
    ) -> None:
        self.kept, self.from_records = kept, from_records
        self._parts, self._values, self._origins = parts, values, origins
        self._words, self._offsets = words, offsets

    def __len__(self) -> int:
        return len(self.kept)

    @property
    def lengths(self) -> I64:
        """Ids of inputs and of targets [rows, 2]; 0 where there is no example."""
        return self._parts.lengths.reshape(-1, 2)

    def store_of(self, row: int) -> Path:
        """The store that holds a row."""
        return self._origins.shards[int(self._origins.shard[row])].store

    def facts(self, rows: I64) -> ToldFacts:
        """What rows that are kept, which rise, tell beside their ids.

        Raises:
          StoreError: what a store tells of one has changed since it was written.
        """
        origins = self._origins
        is_stored = ~np.isin(rows, list(self.from_records))
        stored = rows[is_stored]
        numbers = origins.template[stored].tolist()
        templates = {number: origins.templates[number].encode() for number in {*numbers}}
        facts = ToldFacts.of_stored(
            read_provenance(origins.shards, origins.shard[stored], origins.offset[stored]),
            [templates[number] for number in numbers],
        )
        for place in np.flatnonzero(~is_stored).tolist():
            facts.insert(place, self.from_records[int(rows[place])])
        return facts

    def example(self, row: int) -> Example | None:
        """A whole example, or None where it was skipped."""
        if not self.kept[row]:
            return None
        if row in self.from_records:
            # Its roles are in it, and its task may be another one than the row's.
            return self.from_records[row]
        arrays, facts = self.arrays(row), self.facts(np.array([row]))
        shard = self._origins.shards[int(self._origins.shard[row])]
        told = (facts.uuid, facts.template, facts.grade)
        uuid, template, grade = (column[0].decode() for column in told)
        return Example(
            inputs=arrays.inputs,
            targets=arrays.targets,
            input_roles=arrays.input_roles,
            target_roles=arrays.target_roles,
            answer=facts.answer[0].decode(),
            audio_ids=tuple(audio_id.decode() for audio_id in facts.audio_ids[0]),
            shots=(),
            provenance=provenance(
                catalogue.get(shard.rows.task(int(self._origins.offset[row]))),
                uuid, template, grade,
            ),
        )  # fmt: skip

    def arrays(self, row: int) -> SideArrays:
        """Ids and roles of a row that is kept."""
        sides = np.array([2 * row, 2 * row + 1])
        inputs, targets = self.lengths[row].tolist()
        ids, roles = np.empty(inputs + targets, np.int32), np.empty(inputs + targets, np.uint8)
        starts = np.array([0, inputs])
        self.write_ids(sides, starts, ids)
        self.write_roles(sides, starts, roles)
        return SideArrays(ids[:inputs], ids[inputs:], roles[:inputs], roles[inputs:])

    def write_ids(self, sides: I64, starts: I64, buffer: NDArray[np.int32]) -> None:
        """Writes the ids of sides of kept rows, those of sides[i] from into[starts[i]] on.

        The numbers of sides rise.
        """
        if not len(sides):
            return
        ids, place_in_side, first = self._short
        short, counts = _ranges(first, sides)
        buffer[place_in_side[short] + np.repeat(starts, counts)] = ids[short]
        value, place_in_side, first = self._long
        long, counts = _ranges(first, sides)
        value = value[long]
        begin, size = self._values.starts[value], self._values.sizes[value]
        number, target = value - self._values.audio[0], place_in_side[long]
        columns = (number, begin, size, target + np.repeat(starts, counts))
        arrays, offsets, are_codes = self._values.arrays, self._offsets, self._values.are_codes
        for n, start, count, target in zip(*(column.tolist() for column in columns), strict=True):
            ids_of_value = buffer[target : target + count]
            ids_of_value[...] = arrays[n][start : start + count]
            if are_codes:
                ids_of_value += offsets[:count]

    def write_roles(self, sides: I64, starts: I64, buffer: NDArray[np.uint8]) -> None:
        """Writes the roles of sides of kept rows like their ids."""
        parts = self._parts
        columns = (sides, starts, parts.split[sides], parts.lengths[sides], parts.roles[sides])
        for side, target, split, length, (first, second_role) in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            buffer[target : target + split] = first
            buffer[target + split : target + length] = second_role
            if side // 2 in self.from_records:
                buffer[target : target + length] = self._record_roles(side)

    def tables(
        self, rows: I64, count: int, widths: tuple[int, int], pad: int, before: int = 0
    ) -> list[NDArray[np.int32]]:
        """Inputs and targets [count, width] of kept rows, which rise; `pad` behind them and in
        `before` columns before them."""
        flat = np.zeros(count * sum(widths), np.int32)
        if pad:
            flat.fill(pad)
        self.write_ids(_both_sides(rows), _starts(len(rows), count, widths) + before, flat)
        return _side_tables(flat, count, widths)

    def role_tables(
        self, rows: I64, count: int, widths: tuple[int, int]
    ) -> list[NDArray[np.uint8]]:
        """Roles of inputs and targets, each [count, width]; 0 behind them."""
        used = slice(len(rows))
        roles, counts = self.role_runs(rows)
        runs, run_counts = np.zeros((2, count, 3), np.uint8), np.zeros((2, count, 3), np.int64)
        for side, width in enumerate(widths):
            own_columns = slice(2 * side, 2 * side + 2)
            runs[side, used, :2] = roles[:, own_columns]
            run_counts[side, used, :2] = counts[:, own_columns]
            run_counts[side, :, 2] = width
            run_counts[side, used, 2] -= self.lengths[rows, side]
        flat = np.repeat(runs.reshape(-1), run_counts.reshape(-1))
        if self.from_records:
            self.write_roles(_both_sides(rows), _starts(len(rows), count, widths), flat)
        return _side_tables(flat, count, widths)

    def role_runs(self, rows: I64) -> tuple[NDArray[np.uint8], I64]:
        """Four roles of each row, two a side, and how many ids have each; for rows that were
        made of their records `write_roles` has to follow."""
        parts = self._parts
        counts = np.empty((len(rows), 4), np.int64)
        counts[:, ::2] = parts.split.reshape(-1, 2)[rows]
        counts[:, 1::2] = parts.lengths.reshape(-1, 2)[rows] - counts[:, ::2]
        return parts.roles.reshape(-1, 4)[rows], counts

    @cached_property
    def _short(self) -> tuple[NDArray[np.int32], I64, I64]:
        """Ids of all words and texts, their places inside their sides, and where each side's
        begin [sides + 1]."""
        values = self._parts.values
        parts = np.flatnonzero((values < self._values.audio[0]) | (values >= self._values.audio[1]))
        values, counts = values[parts], self._parts.counts[parts]
        starts = self._parts.starts[parts]
        ends = np.zeros(len(parts) + 1, np.int64)
        np.cumsum(counts, out=ends[1:])
        begin = ends[:-1]
        ids = np.empty(int(ends[-1]), np.int32)
        words = np.flatnonzero(values < 0)
        _copy(self._words, starts[words], ids, begin[words], counts[words])
        texts = np.flatnonzero(values >= 0)
        text_starts = self._values.starts[values[texts]]
        _copy(self._values.ids, text_starts, ids, begin[texts], counts[texts])
        place_in_side = ragged_ranges(self._inside[parts], counts)
        return ids, place_in_side, ends[np.searchsorted(parts, self._parts.first)]

    @cached_property
    def _long(self) -> tuple[I64, I64, I64]:
        """Values that are audio, their places inside their sides, and where each side's begin."""
        values = self._parts.values
        parts = np.flatnonzero((values >= self._values.audio[0]) & (values < self._values.audio[1]))
        return values[parts], self._inside[parts], np.searchsorted(parts, self._parts.first)

    @cached_property
    def _inside(self) -> I64:
        """How many ids of its side stand before each part."""
        first, counts = self._parts.first, self._parts.counts
        ends = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=ends[1:])
        return ends[:-1] - np.repeat(ends[first[:-1]], first[1:] - first[:-1])

    def _record_roles(self, side: int) -> NDArray[np.uint8]:
        example = self.from_records[side // 2]
        return example.target_roles if side % 2 else example.input_roles


def _copy(
    source: NDArray[Any], starts: I64, target: NDArray[np.int32], begins: I64, counts: I64
) -> None:
    """Copies counts[i] ids from starts[i] of the source to begins[i] of the target, for all i."""
    places = ragged_ranges(starts, counts)
    target[places + np.repeat(begins - starts, counts)] = source[places]


def _both_sides(rows: I64) -> I64:
    """The sides of rows."""
    sides = np.repeat(2 * rows, 2)
    sides[1::2] += 1
    return sides


def _starts(rows: int, count: int, widths: tuple[int, int]) -> I64:
    """Where the sides of rows begin in a table of `count` inputs with one of targets behind it."""
    starts = np.empty((rows, 2), np.int64)
    starts[:, 0] = np.arange(0, rows * widths[0], widths[0])
    starts[:, 1] = np.arange(0, rows * widths[1], widths[1])
    starts[:, 1] += count * widths[0]
    return starts.reshape(-1)


def _side_tables(
    flat: NDArray[_Number], count: int, widths: tuple[int, int]
) -> list[NDArray[_Number]]:
    """The tables of inputs and of targets that lie one after the other."""
    cut = count * widths[0]
    return [flat[:cut].reshape(count, widths[0]), flat[cut:].reshape(count, widths[1])]


def _ranges(first: I64, sides: I64) -> tuple[slice | I64, I64]:
    """The numbers first[s] … first[s + 1] - 1 of all sides s, which rise, and how many of each."""
    begin, end = first[sides], first[sides + 1]
    counts = end - begin
    if int(sides[-1]) - int(sides[0]) + 1 == len(sides):
        return slice(int(begin[0]), int(end[-1])), counts
    return ragged_ranges(begin, counts), counts
