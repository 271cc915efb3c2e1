"""Examples of rows: put together from a store's ids where it has them, else of the records.

Both ways give the same ids, and the first example of each prompt and of each shard is compared
with that of its record. The first way reads no record after that: rows of one signature share
their words (`preprocessors.prompt_signature`), and what differs is in mapped files.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.config import settings
from audioflan_tasks.corpus.examples import Example, ExampleMaker
from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.block import Block, Origins
from audioflan_tasks.engine.assembly.compiled_prompt import CompiledPrompt
from audioflan_tasks.engine.assembly.first_examples import FirstExamples
from audioflan_tasks.engine.assembly.layout import RowParts, lay_out
from audioflan_tasks.engine.assembly.prompt_tables import (
    CHOICES,
    FROM_RECORD,
    OTHERS,
    PERIOD,
    RECORD_PROMPT,
    SKIPPED,
    SOURCE,
    SOURCES,
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
# Casts, outlines of shards and ways to ask that are remembered, at most some 150 MB. Where every
# record brings facts or options of its own no number would be enough: all are forgotten then, and
# made anew.
_PROMPTS, _OUTLINES, _WAYS = 2**12, 2**21, 2**20

_NOTHING = np.zeros(0, np.int32)
_NO_PROMPTS = np.zeros(0, np.int64)
_UNKNOWN = -1


class _Chosen(NamedTuple):
    """Numbers of cast and way of each row, and the ids of options where they are listed; the
    record of a row with `RECORD_PROMPT` must be read."""

    cast: I64
    way: I64
    listed: dict[int, NDArray[np.integer[Any]]]


class ExampleAssembler:
    """Makes blocks of examples of the rows of `tasks`; settings are those of when it is built."""

    def __init__(self, rows: Rows, maker: ExampleMaker, seed: int, tasks: Sequence[str]) -> None:
        self._rows, self._maker, self._seed, self.tasks = rows, maker, seed, tuple(tasks)
        limits = maker.lengths
        self._limits = (limits.get("inputs", _NO_LIMIT), limits.get("targets", _NO_LIMIT))
        self._languages = checked_languages(settings.languages)
        store = rows.store if _is_whole(rows, maker) else None
        self._places = None if store is None else RowLocator(store, rows.split, self.tasks)
        self._lock = threading.Lock()
        self._first_examples = FirstExamples()
        self._forget()

    @property
    def is_stored(self) -> bool:
        """Whether examples are put together from a store."""
        return self._places is not None

    def _forget(self) -> None:
        # Of each shard the numbers of casts by outline.
        self._known: dict[ShardReader, I64] = {}
        self._outlines = 0
        self._casts: dict[Key, int] = {}
        self._by_number: dict[int, CompiledPrompt | None] = {RECORD_PROMPT: None}
        self._wording = PromptTables()
        self._first_examples.renumber()

    def __call__(self, asked: Draws) -> Block:
        """The examples of draws, whose tasks are numbers in `tasks`.

        Raises:
          MissingAudioError: audio is missing and the settings do not say to skip.
        """
        # tf.data may ask from several threads, and the tables are not made for that.
        with nullcontext() if self._places is None else self._lock:
            return self._block(asked)

    def _block(self, asked: Draws) -> Block:
        # Not in the midst of a block, whose words lie together.
        if (
            len(self._casts) >= _PROMPTS
            or self._outlines >= _OUTLINES
            or len(self._wording.ways) >= _WAYS
        ):
            self._forget()
        found = self._found(asked)
        chosen = self._chosen(found, asked.epoch[found.order])
        made: dict[int, Example | None] = {}
        while True:
            for row in np.flatnonzero(chosen.cast == RECORD_PROMPT).tolist():
                if row not in made:
                    made[row] = self._read(asked, int(found.order[row]))
                chosen.way[row] = SKIPPED if made[row] is None else FROM_RECORD
            rows, values, numbers, missing = self._values(found, chosen, made)
            if not len(missing):
                break
            # Kept without codes: perhaps the audio can be had now.
            chosen.cast[missing] = RECORD_PROMPT
            for row in missing.tolist():
                chosen.listed.pop(row, None)
        back = np.empty_like(found.order)
        back[found.order] = np.arange(len(back))
        rows = RowParts(*(column[back] for column in rows))
        vocabulary = self._maker.vocabulary
        parts, kept = lay_out(rows, self._wording, values, numbers, self._limits, vocabulary.step)
        if too_long := int((rows.way != SKIPPED).sum() - kept.sum()):
            self._maker.skipped["too long"] += too_long
        block = Block(
            kept, parts, values, self._wording.ids.rows,
            vocabulary.offsets(int(values.sizes.max(initial=0))),
            {int(found.order[row]): one for row, one in made.items() if one is not None},
            Origins(
                found.shards, found.of[back], found.at[back], self._wording.templates,
                self._wording.ways.rows[rows.way, 4],
            ),
        )  # fmt: skip
        if self._first_examples.are_due:
            self._first_examples.compare(
                block, chosen.cast[back], found.of[back], lambda row: self._read(asked, row)
            )
        return block

    def _found(self, asked: Draws) -> RowLocations:
        """Where rows lie; in no shard, where there is no store."""
        if self._places is not None:
            return self._places(asked.task, self._rows.all_at(self.tasks, asked.task, asked.row))
        nowhere = np.zeros(len(asked.task), np.int64)
        return RowLocations((), nowhere, nowhere, np.arange(len(nowhere)))

    def _chosen(self, found: RowLocations, epochs: I64) -> _Chosen:
        """What each row is asked with."""
        count, wording = len(epochs), self._wording
        if self._places is None:
            return _Chosen(np.full(count, RECORD_PROMPT), np.full(count, SKIPPED), {})
        cast, keys = self._casts_and_keys(found)
        draws = mixed(keys ^ _salts(self._seed, epochs))
        facts = wording.casts.rows[cast]
        turn = (draws % facts[:, PERIOD].astype(np.uint64)).astype(np.int64)
        way = wording.choices.rows[facts[:, CHOICES] + turn].astype(np.int64)
        listed = {}
        for row in np.flatnonzero(way < 0).tolist():
            drawn = self._by_number[int(cast[row])]
            if drawn is not None:
                way[row], options = drawn.draw_variant(int(draws[row]))
                if options is not None:
                    listed[row] = options
        return _Chosen(cast, way, listed)

    def _casts_and_keys(self, found: RowLocations) -> tuple[I64, NDArray[np.uint64]]:
        """Numbers of casts, and what instructions are drawn by."""
        if not is_scattered(found.of):
            cast, keys = np.empty_like(found.of), np.empty(len(found.of), np.uint64)
            for shard, run in by_shard(found.shards, found.of):
                outlines, keys[run] = shard.signatures_and_keys(found.at[run])
                if shard not in self._known:
                    self._first_examples.expect_shard(int(found.of[run.start]))
                cast[run] = self._cast_numbers(shard, outlines, found.at[run])
            return cast, keys
        numbers, drawn_by = [], []
        for n, at in zip(found.of.tolist(), found.at.tolist(), strict=True):
            shard = found.shards[n]
            outline, key = shard.signature_and_key(at)
            known = self._known.get(shard, _NO_PROMPTS)
            number = known.item(outline) if 0 <= outline < len(known) else _UNKNOWN
            if number == _UNKNOWN:
                if shard not in self._known:
                    self._first_examples.expect_shard(n)
                one = np.array([outline], np.int32)
                number = int(self._cast_numbers(shard, one, np.array([at]))[0])
            numbers.append(number)
            drawn_by.append(key)
        return np.array(numbers, np.int64), np.array(drawn_by, np.uint64)

    def _cast_numbers(self, shard: ShardReader, outlines: NDArray[np.int32], at: I64) -> I64:
        """Numbers of the casts of rows of a shard with these outlines."""
        known, most = self._known.get(shard, _NO_PROMPTS), max(0, int(outlines.max()))
        if most >= len(known):
            more = np.full(most + 1 - len(known), _UNKNOWN, np.int64)
            known = self._known[shard] = np.concatenate([known, more])
            self._outlines += len(more)
        found = np.where(outlines < 0, RECORD_PROMPT, known[outlines])
        for row in np.flatnonzero(found == _UNKNOWN).tolist():
            outline = int(outlines[row])
            if known[outline] == _UNKNOWN:
                known[outline] = self._cast_number(shard, int(at[row]))
            found[row] = known[outline]
        return found

    def _cast_number(self, shard: ShardReader, at: int) -> int:
        """What all rows with this row's outline are made with; `RECORD_PROMPT` if there is none.

        There is none where the store was built with another row of the catalogue.
        """
        if not shard.is_current(at):
            return RECORD_PROMPT
        instance = shard.instance(at)
        found = sign_record(instance, catalogue.get(instance.task), self._languages)
        if found is None or found.order is None:
            return RECORD_PROMPT
        key = (found.signature, found.order)
        number = self._casts.get(key)
        if number is None:
            cast = CompiledPrompt(*key, self._maker.vocabulary, self._wording)
            number = self._casts[key] = cast.number
            self._by_number[number] = cast
            self._first_examples.expect_prompt(number, instance.task)
        return number

    def _values(
        self, found: RowLocations, chosen: _Chosen, made: Mapping[int, Example | None]
    ) -> tuple[RowParts, TokenSlices, I64, I64]:
        """Ways and values, the number of each value asked for, and rows with audio missing."""
        facts = self._wording.casts.rows[chosen.cast]
        others: list[NDArray[Any]] = []
        for row in np.flatnonzero(facts[:, OTHERS]).tolist():
            example = made.get(row)
            if chosen.cast[row] != RECORD_PROMPT:
                others.append(chosen.listed.get(row, _NOTHING))
            elif example is None:
                others += [_NOTHING, _NOTHING]
            else:
                others += [example.inputs, example.targets]
        listed = np.zeros(len(facts), np.int64)
        for row, options in chosen.listed.items():
            listed[row] = len(options)
        many = facts[:, SOURCES]
        kind, place = self._wording.sources.rows[ragged_ranges(facts[:, SOURCE], many)].T
        of_row = np.repeat(np.arange(len(many)), many)
        asked = SliceRequests(kind, place, found.of[of_row], found.at[of_row])
        values, numbers = locate_slices(asked, found.shards, others, self._maker.vocabulary)
        picked = RowParts(chosen.way, np.cumsum(many) - many, listed)
        return picked, values, numbers, np.unique(of_row[values.sizes[numbers] < 0])

    def _read(self, asked: Draws, number: int) -> Example | None:
        """The same through the record."""
        task, row = self.tasks[int(asked.task[number])], int(asked.row[number])
        return self._maker(self._rows.instance(task, row), self._seed, int(asked.epoch[number]))


def _salts(seed: int, epochs: I64) -> NDArray[np.uint64]:
    known, which = np.unique(epochs, return_inverse=True)
    return np.array([draw_salt(seed, epoch) for epoch in known.tolist()], np.uint64)[which]


def _is_whole(rows: Rows, maker: ExampleMaker) -> bool:
    """Whether a store has all that examples need, and the settings ask for nothing more."""
    store = rows.store
    plain = settings.instructions == "pool" and not settings.shots and not settings.inversion
    return (
        store is not None
        and plain
        and store.tokenizer == maker.tokenizer.fingerprint
        and tuple(store.codebook_sizes) == maker.vocabulary.codebook_sizes
        and store.text == maker.vocabulary.text_fingerprint
    )
