"""Examples of rows: put together from a store's ids where it has them, else of the records.

Both ways give the same ids, and the first example of each prompt and of each shard is compared
with that of its record. The first way reads no record after that: rows of one signature share
their words (`preprocessors.prompt_signature`), and what differs is in mapped files.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.corpus.examples import Example, ExampleMaker
from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.block import Block, Origins
from audioflan_tasks.engine.assembly.compiled_prompt import CompiledPrompt
from audioflan_tasks.engine.assembly.first_examples import FirstExamples
from audioflan_tasks.engine.assembly.layout import RowParts, lay_out
from audioflan_tasks.engine.assembly.prompt_tables import (
    CHOICES,
    FROM_RECORD,
    OTHER_COUNT,
    PERIOD,
    RECORD_PROMPT,
    SKIPPED,
    SOURCE,
    SOURCE_COUNT,
    TEMPLATE,
    PromptTables,
)  # fmt: skip
from audioflan_tasks.engine.assembly.row_locator import (
    RowLocations,
    RowLocator,
    by_shard,
    is_scattered,
)
from audioflan_tasks.engine.assembly.token_slices import SliceRequests, TokenSlices, locate_slices
from audioflan_tasks.engine.rows import Rows
from audioflan_tasks.mixtures.plan.permutation import mixed
from audioflan_tasks.mixtures.plan.plan import Draws
from audioflan_tasks.preprocessors.compiled_pool import checked_languages
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature, sign_record
from audioflan_tasks.preprocessors.render import draw_salt
from audioflan_tasks.store import ShardReader

__all__ = ["ExampleAssembler"]

I64 = NDArray[np.int64]
Key = tuple[PromptSignature, tuple[int, ...]]

# Ids of inputs and of targets where no limit is set.
_NO_LIMIT = 2**62
# Prompts, signatures of shards and variants that are remembered, at most some 150 MB. Where every
# record brings facts or options of its own no number would be enough: all are forgotten then, and
# made anew.
_PROMPTS, _SIGNATURES, _VARIANTS = 2**12, 2**21, 2**20

_NO_IDS = np.zeros(0, np.int32)
_NO_NUMBERS = np.zeros(0, np.int64)
_UNKNOWN_PROMPT = -1


@dataclass(frozen=True, slots=True)
class _RowVariants:
    """Numbers of prompt and variant of each row, and the ids of options where they are listed;
    the record of a row with `RECORD_PROMPT` must be read."""

    prompt: I64
    variant: I64
    option_ids: dict[int, NDArray[np.integer[Any]]]


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
        self._languages = checked_languages(maker.options.languages)
        store = rows.store if _is_whole(rows, maker) else None
        self._locator = None if store is None else RowLocator(store, rows.split, self.tasks)
        self._lock = threading.Lock()
        self._first_examples = FirstExamples()
        self._forget()

    @property
    def is_stored(self) -> bool:
        """Whether examples are put together from a store."""
        return self._locator is not None

    def _forget(self) -> None:
        # Of each shard the numbers of prompts by signature.
        self._shard_prompts: dict[ShardReader, I64] = {}
        self._signature_count = 0
        self._prompt_numbers: dict[Key, int] = {}
        self._prompts: dict[int, CompiledPrompt | None] = {RECORD_PROMPT: None}
        self._tables = PromptTables()
        self._first_examples.renumber()

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
        if (
            len(self._prompt_numbers) >= _PROMPTS
            or self._signature_count >= _SIGNATURES
            or len(self._tables.variants) >= _VARIANTS
        ):
            self._forget()
        locations = self._locate(draws)
        variants = self._row_variants(locations, draws.epoch[locations.order])
        from_records: dict[int, Example | None] = {}
        while True:
            for row in np.flatnonzero(variants.prompt == RECORD_PROMPT).tolist():
                if row not in from_records:
                    from_records[row] = self._read(draws, int(locations.order[row]))
                variants.variant[row] = SKIPPED if from_records[row] is None else FROM_RECORD
            row_values = self._values(locations, variants, from_records)
            missing = row_values.without_audio
            if not len(missing):
                break
            # Kept without codes: perhaps the audio can be had now.
            variants.prompt[missing] = RECORD_PROMPT
            for row in missing.tolist():
                variants.option_ids.pop(row, None)
        inverse = np.empty_like(locations.order)
        inverse[locations.order] = np.arange(len(inverse))
        rows, values = RowParts(*(column[inverse] for column in row_values.rows)), row_values.slices
        vocabulary = self._maker.vocabulary
        parts, kept = lay_out(
            rows, self._tables, values, row_values.numbers, self._limits, vocabulary.step
        )
        if too_long := int((rows.variant != SKIPPED).sum() - kept.sum()):
            self._maker.skipped["too long"] += too_long
        examples = {
            int(locations.order[row]): example
            for row, example in from_records.items()
            if example is not None
        }
        block = Block(
            kept, parts, values, self._tables.ids.rows,
            vocabulary.offsets(int(values.sizes.max(initial=0))), examples,
            Origins(
                locations.shards, locations.shard[inverse], locations.offset[inverse],
                self._tables.templates, self._tables.variants.rows[rows.variant, TEMPLATE],
            ),
        )  # fmt: skip
        if self._first_examples.are_due:
            prompts, shards = variants.prompt[inverse], locations.shard[inverse]
            self._first_examples.compare(block, prompts, shards, lambda row: self._read(draws, row))
        return block

    def _locate(self, draws: Draws) -> RowLocations:
        """Where rows lie; in no shard, where there is no store."""
        if self._locator is not None:
            corpus_rows = self._rows.corpus_rows(self.tasks, draws.task, draws.row)
            return self._locator.locate(draws.task, corpus_rows)
        nowhere = np.zeros(len(draws.task), np.int64)
        return RowLocations((), nowhere, nowhere, np.arange(len(nowhere)))

    def _row_variants(self, locations: RowLocations, epochs: I64) -> _RowVariants:
        """Which prompt each row has, and in which variant."""
        count, tables = len(epochs), self._tables
        if self._locator is None:
            return _RowVariants(np.full(count, RECORD_PROMPT), np.full(count, SKIPPED), {})
        prompt, keys = self._prompts_and_keys(locations)
        draws = mixed(keys ^ _salts(self.seed, epochs))
        facts = tables.prompts.rows[prompt]
        turn = (draws % facts[:, PERIOD].astype(np.uint64)).astype(np.int64)
        variant = tables.choices.rows[facts[:, CHOICES] + turn].astype(np.int64)
        option_ids = {}
        for row in np.flatnonzero(variant < 0).tolist():
            compiled_prompt = self._prompts[int(prompt[row])]
            if compiled_prompt is not None:
                variant[row], options = compiled_prompt.draw_variant(int(draws[row]))
                if options is not None:
                    option_ids[row] = options
        return _RowVariants(prompt, variant, option_ids)

    def _prompts_and_keys(self, locations: RowLocations) -> tuple[I64, NDArray[np.uint64]]:
        """Numbers of prompts, and the keys that variants are drawn by."""
        shards, shard, offset = locations.shards, locations.shard, locations.offset
        if not is_scattered(shard):
            prompts, keys = np.empty_like(shard), np.empty(len(shard), np.uint64)
            for reader, run in by_shard(shards, shard):
                signatures, keys[run] = reader.signatures_and_keys(offset[run])
                if reader not in self._shard_prompts:
                    self._first_examples.expect_shard(int(shard[run.start]))
                prompts[run] = self._numbers_of(reader, signatures, offset[run])
            return prompts, keys
        numbers, draw_keys = [], []
        for n, row in zip(shard.tolist(), offset.tolist(), strict=True):
            reader = shards[n]
            signature, key = reader.signature_and_key(row)
            known_numbers = self._shard_prompts.get(reader, _NO_NUMBERS)
            number = (
                known_numbers.item(signature)
                if 0 <= signature < len(known_numbers)
                else _UNKNOWN_PROMPT
            )
            if number == _UNKNOWN_PROMPT:
                if reader not in self._shard_prompts:
                    self._first_examples.expect_shard(n)
                signatures = np.array([signature], np.int32)
                number = int(self._numbers_of(reader, signatures, np.array([row]))[0])
            numbers.append(number)
            draw_keys.append(key)
        return np.array(numbers, np.int64), np.array(draw_keys, np.uint64)

    def _numbers_of(self, shard: ShardReader, signatures: NDArray[np.int32], offsets: I64) -> I64:
        """Numbers of the prompts of rows of a shard with these signatures."""
        known_numbers, largest = (
            self._shard_prompts.get(shard, _NO_NUMBERS),
            max(0, int(signatures.max())),
        )
        if largest >= len(known_numbers):
            new_numbers = np.full(largest + 1 - len(known_numbers), _UNKNOWN_PROMPT, np.int64)
            known_numbers = self._shard_prompts[shard] = np.concatenate(
                [known_numbers, new_numbers]
            )
            self._signature_count += len(new_numbers)
        numbers = np.where(signatures < 0, RECORD_PROMPT, known_numbers[signatures])
        for row in np.flatnonzero(numbers == _UNKNOWN_PROMPT).tolist():
            signature = int(signatures[row])
            if known_numbers[signature] == _UNKNOWN_PROMPT:
                known_numbers[signature] = self._number_of(shard, int(offsets[row]))
            numbers[row] = known_numbers[signature]
        return numbers

    def _number_of(self, shard: ShardReader, offset: int) -> int:
        """The prompt of all rows with this row's signature; `RECORD_PROMPT` if there is none.

        There is none where the store was built with another row of the catalogue.
        """
        if not shard.is_current(offset):
            return RECORD_PROMPT
        instance = shard.instance(offset)
        signed_record = sign_record(instance, catalogue.get(instance.task), self._languages)
        if signed_record is None or signed_record.order is None:
            return RECORD_PROMPT
        key = (signed_record.signature, signed_record.order)
        number = self._prompt_numbers.get(key)
        if number is None:
            prompt = CompiledPrompt(*key, self._maker.vocabulary, self._tables)
            number = self._prompt_numbers[key] = prompt.number
            self._prompts[number] = prompt
            self._first_examples.expect_prompt(number, instance.task)
        return number

    def _values(
        self,
        locations: RowLocations,
        variants: _RowVariants,
        from_records: Mapping[int, Example | None],
    ) -> _RowValues:
        facts = self._tables.prompts.rows[variants.prompt]
        other_arrays: list[NDArray[Any]] = []
        for row in np.flatnonzero(facts[:, OTHER_COUNT]).tolist():
            example = from_records.get(row)
            if variants.prompt[row] != RECORD_PROMPT:
                other_arrays.append(variants.option_ids.get(row, _NO_IDS))
            elif example is None:
                other_arrays += [_NO_IDS, _NO_IDS]
            else:
                other_arrays += [example.inputs, example.targets]
        option_ids = np.zeros(len(facts), np.int64)
        for row, options in variants.option_ids.items():
            option_ids[row] = len(options)
        counts = facts[:, SOURCE_COUNT]
        kind, place = self._tables.sources.rows[ragged_ranges(facts[:, SOURCE], counts)].T
        row_of = np.repeat(np.arange(len(counts)), counts)
        requests = SliceRequests(kind, place, locations.shard[row_of], locations.offset[row_of])
        values, numbers = locate_slices(
            requests, locations.shards, other_arrays, self._maker.vocabulary
        )
        rows = RowParts(variants.variant, np.cumsum(counts) - counts, option_ids)
        return _RowValues(rows, values, numbers, np.unique(row_of[values.sizes[numbers] < 0]))

    def _read(self, draws: Draws, number: int) -> Example | None:
        """The example of a draw, made of its record."""
        instance = self._rows.instance(self.tasks[int(draws.task[number])], int(draws.row[number]))
        return self._maker.example(instance, self.seed, int(draws.epoch[number]))


def _salts(seed: int, epochs: I64) -> NDArray[np.uint64]:
    distinct, places = np.unique(epochs, return_inverse=True)
    return np.array([draw_salt(seed, epoch) for epoch in distinct.tolist()], np.uint64)[places]


def _is_whole(rows: Rows, maker: ExampleMaker) -> bool:
    """Whether a store has all that examples need, and the options ask for nothing more."""
    store, options = rows.store, maker.options
    plain = options.instructions == "pool" and not options.shots and not options.inversion
    return (
        store is not None
        and plain
        and store.tokenizer == maker.tokenizer.fingerprint
        and tuple(store.codebook_sizes) == maker.vocabulary.codebook_sizes
        and store.text == maker.vocabulary.text_fingerprint
    )
