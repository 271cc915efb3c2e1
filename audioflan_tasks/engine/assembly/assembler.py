"""Examples of rows: put together from a store's ids where it has them, else of the records.

Both ways give the same ids, and one example of each prompt and of each shard is compared with that
of its record, a few a second. The first way reads no record but these: rows of one outline
(`preprocessors.outlines`) share their words, and what differs is in mapped files.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Example, ExampleMaker
from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.block import Block, Origins
from audioflan_tasks.engine.assembly.first_examples import FirstExamples
from audioflan_tasks.engine.assembly.layout import RowParts, lay_out
from audioflan_tasks.engine.assembly.prompt_tables import (
    OTHER_COUNT,
    RECORD_PROMPT,
    SOURCE,
    SOURCE_COUNT,
    TEXT,
)
from audioflan_tasks.engine.assembly.row_locator import RowLocations, RowLocator
from audioflan_tasks.engine.assembly.row_prompts import RowPrompts
from audioflan_tasks.engine.assembly.row_variants import RowVariants
from audioflan_tasks.engine.assembly.token_slices import SliceRequests, TokenSlices, locate_slices
from audioflan_tasks.engine.rows import Rows
from audioflan_tasks.mixtures.plan.plan import Draws

__all__ = ["ExampleAssembler"]

I64 = NDArray[np.int64]

# Ids of inputs and of targets where no limit is set.
_NO_LIMIT = 2**62
_NO_IDS = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class _RowValues:
    """Parts of rows, where their values lie, the number of each value of a row among these, and
    the rows without audio."""

    rows: RowParts
    slices: TokenSlices
    numbers: I64
    without_audio: I64


class ExampleAssembler:
    """Makes blocks of examples of the rows of `tasks`, with the options of the maker."""

    def __init__(self, rows: Rows, maker: ExampleMaker, seed: int, tasks: Sequence[str]) -> None:
        self._rows, self._maker, self.seed, self.tasks = rows, maker, seed, tuple(tasks)
        limits = maker.lengths
        self._limits = (limits.get("inputs", _NO_LIMIT), limits.get("targets", _NO_LIMIT))
        store = rows.store if _is_whole(rows, maker) else None
        self._is_foreign = np.array([task in rows.foreign for task in self.tasks], np.bool_)
        own_tasks = [task for task in self.tasks if task not in rows.foreign]
        self._locator = None
        if store is not None and own_tasks:
            self._locator = RowLocator(store, rows.split, self.tasks)
        self._lock = threading.Lock()
        self._first_examples = FirstExamples()
        self._prompts = RowPrompts(maker, seed, self._first_examples)

    @property
    def is_stored(self) -> bool:
        """Whether examples are put together from a store."""
        return self._locator is not None

    def assemble(self, draws: Draws) -> Block:
        """The examples of draws, whose tasks are numbers in `tasks`.

        Raises:
          MissingAudioError: audio is missing and the options do not say to skip.
        """
        # tf.data may ask from several threads, and the tables are not made for that.
        with nullcontext() if self._locator is None else self._lock:
            return self._block(draws)

    def _block(self, draws: Draws) -> Block:
        # Not in the midst of a block, whose words lie together.
        if self._prompts.is_full:
            self._prompts.forget()
        locations = self._locate(draws)
        variants = self._row_variants(locations, draws)
        from_records: dict[int, Example | None] = {}
        while True:
            for row in np.flatnonzero(variants.prompt == RECORD_PROMPT).tolist():
                if row not in from_records:
                    from_records[row] = self._read(draws, int(locations.order[row]))
            row_values = self._values(locations, variants, from_records)
            missing = row_values.without_audio
            if not len(missing):
                break
            # Kept without codes: perhaps the audio can be had now.
            variants.leave_to_records(missing)
        inverse = np.empty_like(locations.order)
        inverse[locations.order] = np.arange(len(inverse))
        rows, values = RowParts(*(column[inverse] for column in row_values.rows)), row_values.slices
        vocabulary, tables = self._maker.vocabulary, self._prompts.tables
        parts, fits = lay_out(
            rows, tables, values, row_values.numbers, self._limits, vocabulary.step
        )
        if too_long := int((~fits).sum()):
            self._maker.skipped["too long"] += too_long
        kept, examples = fits, {}
        for row, example in from_records.items():
            number = int(locations.order[row])
            if example is None:
                kept[number] = False
            else:
                examples[number] = example
        block = Block(
            kept, parts, values, tables.ids.rows,
            vocabulary.offsets(int(values.sizes.max(initial=0))), examples,
            Origins(
                locations.shards, locations.shard[inverse], locations.offset[inverse],
                tables.templates, variants.template[inverse],
            ),
        )  # fmt: skip
        prompts, shards = variants.prompt[inverse], locations.shard[inverse]
        self._first_examples.compare(block, prompts, shards, lambda row: self._read(draws, row))
        return block

    def _locate(self, draws: Draws) -> RowLocations:
        """Where rows lie; in no shard, where there is no store."""
        own_rows = np.flatnonzero(~self._is_foreign[draws.task])
        foreign_rows = np.flatnonzero(self._is_foreign[draws.task])
        if self._locator is None or not len(own_rows):
            return RowLocations.nowhere(len(draws.task))
        task, row = draws.task[own_rows], draws.row[own_rows]
        own = self._locator.locate(task, self._rows.corpus_rows(self.tasks, task, row))
        if not len(foreign_rows):
            return own
        # First those that lie in no shard: where they lie is not looked at.
        return own.after(foreign_rows, own_rows[own.order])

    def _row_variants(self, locations: RowLocations, draws: Draws) -> RowVariants:
        """Which prompt each row has, and in which variant."""
        if not locations.shards:
            return RowVariants.of_records(len(locations.order))
        foreign_count = int(self._is_foreign[draws.task].sum())
        stored_rows = slice(foreign_count, None)
        stored = self._prompts.draw(
            locations.only(stored_rows), draws.epoch[locations.order[stored_rows]]
        )
        return stored.after_records(foreign_count) if foreign_count else stored

    def _values(
        self,
        locations: RowLocations,
        variants: RowVariants,
        from_records: Mapping[int, Example | None],
    ) -> _RowValues:
        facts = self._prompts.tables.prompts.rows[variants.prompt]
        other_arrays: list[NDArray[Any]] = []
        for row in np.flatnonzero(facts[:, OTHER_COUNT]).tolist():
            if row not in from_records:
                other_arrays.append(variants.option_ids.get(row, _NO_IDS))
            elif (example := from_records[row]) is None:
                other_arrays += [_NO_IDS, _NO_IDS]
            else:
                other_arrays += [example.inputs, example.targets]
        counts = facts[:, SOURCE_COUNT]
        kind, place = self._prompts.tables.sources.rows[ragged_ranges(facts[:, SOURCE], counts)].T
        row_of = np.repeat(np.arange(len(counts)), counts)
        heads = locations.heads
        first = np.where(kind == TEXT, heads["text"][row_of], heads["span"][row_of])
        requests = SliceRequests(kind, first + place, locations.shard[row_of])
        values, numbers = locate_slices(
            requests, locations.shards, other_arrays, self._maker.vocabulary
        )
        rows = RowParts(variants.forms, variants.input_first, np.cumsum(counts) - counts)
        return _RowValues(
            rows, values, numbers, np.flatnonzero(np.bincount(row_of[values.sizes[numbers] < 0]))
        )

    def _read(self, draws: Draws, number: int) -> Example | None:
        """The example of a draw, made of its record."""
        task, row = self.tasks[int(draws.task[number])], int(draws.row[number])
        epoch = int(draws.epoch[number])
        if task in self._rows.foreign:
            return self._maker.foreign_example(
                task, self._rows.foreign[task].example(self.seed, epoch, row)
            )
        return self._maker.example(self._rows.instance(task, row), self.seed, epoch)


def _is_whole(rows: Rows, maker: ExampleMaker) -> bool:
    """Whether a store has all that examples need, and the options ask for nothing more."""
    store, options = rows.store, maker.options
    plain = not options.shots and not options.inversion
    return (
        store is not None
        and plain
        and store.tokenizer == maker.tokenizer.fingerprint
        and tuple(store.codebook_sizes) == maker.vocabulary.codebook_sizes
        and store.text == maker.vocabulary.text_fingerprint
    )
