"""Which prompt each row of a store has: one of its task's pool, or the record's own words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.engine.assembly.compiled_prompt import CompiledPrompt, own_prompt
from audioflan_tasks.engine.assembly.first_examples import FirstExamples
from audioflan_tasks.engine.assembly.outline_prompts import OutlinePrompts
from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT, PromptTables
from audioflan_tasks.engine.assembly.row_locator import RowLocations, by_shard
from audioflan_tasks.engine.assembly.row_variants import RowVariants, draw_variants
from audioflan_tasks.mixtures.plan.permutation import mixed
from audioflan_tasks.preprocessors.compiled_pool import checked_languages
from audioflan_tasks.preprocessors.outlines import read_facts, read_layout
from audioflan_tasks.preprocessors.own_words import OwnLayout
from audioflan_tasks.preprocessors.prompt_signature import SignedFacts, sign_facts
from audioflan_tasks.preprocessors.question import KeepReason
from audioflan_tasks.preprocessors.render import draw_salt
from audioflan_tasks.preprocessors.variants import keeps_words, own_share
from audioflan_tasks.store import ShardReader

__all__ = ["RowPrompts"]

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
Rows = slice | I64

# The prompt of rows that the pool does not fit, until that of their own words is looked up.
_OWN_WORDS = -2
# Prompts, outlines of them, and parts of their words that are remembered, at most some 150 MB.
# Where every record brings facts or options of its own no number would be enough: all are
# forgotten then, and made anew.
_PROMPTS, _OUTLINES, _PARTS = 2**12, 2**17, 2**19


class RowPrompts:
    """Draws the prompts of rows, and remembers them in `tables`."""

    def __init__(self, maker: ExampleMaker, seed: int, first_examples: FirstExamples) -> None:
        self._vocabulary, self._seed = maker.vocabulary, seed
        self._languages = checked_languages(maker.options.wordings)
        self._own_share = own_share(maker.options.instructions)
        self._first_examples = first_examples
        self.forget()

    def forget(self) -> None:
        """Forgets all prompts; the next ones have numbers of their own."""
        self.tables = PromptTables()
        self._from_pool = OutlinePrompts(self._pool_prompt)
        self._from_records = OutlinePrompts(self._own_prompt)
        self._pool_prompts: dict[SignedFacts, int] = {}
        self._own_prompts: dict[OwnLayout, int] = {}
        self._without_instruction: list[int] = []
        self._prompts_by_number: dict[int, CompiledPrompt] = {}
        self._first_examples.renumber()

    @property
    def count(self) -> int:
        """Prompts that are remembered."""
        return len(self._pool_prompts) + len(self._own_prompts)

    @property
    def is_full(self) -> bool:
        """Whether so much is remembered that it is time to forget."""
        return (
            self.count >= _PROMPTS
            or len(self._from_pool) + len(self._from_records) >= _OUTLINES
            or len(self.tables.parts) >= _PARTS
        )

    def draw(self, locations: RowLocations, epochs: I64) -> RowVariants:
        """Which prompt each row has, and in which variant."""
        prompt, keys = self._prompts_and_keys(locations, epochs)
        draws = mixed(keys ^ _salts(self._seed, epochs))
        return draw_variants(self.tables, self._prompts_by_number, prompt, draws)

    def _prompts_and_keys(self, locations: RowLocations, epochs: I64) -> tuple[I64, U64]:
        """Numbers of prompts, and the keys that variants of the pool are drawn by."""
        prompts, keys = np.full(len(epochs), _OWN_WORDS), np.zeros(len(epochs), np.uint64)
        pool_rows: Rows = slice(None)
        if self._own_share:
            pool_rows = self._keep_own_words(locations, epochs, prompts)
        prompts[pool_rows], keys[pool_rows] = self._of_pool(locations.only(pool_rows))
        own_rows = np.flatnonzero(prompts == _OWN_WORDS)
        if len(own_rows):
            prompts[own_rows] = self._of_own_words(locations.only(own_rows))
        return prompts, keys

    def _keep_own_words(self, locations: RowLocations, epochs: I64, prompts: I64) -> I64:
        """Writes the prompts of rows that keep their words, and says which rows do not.

        A record without an instruction is asked by the pool, as `corpus.examples` does it.
        """
        keeping_rows = np.flatnonzero(self._keeps_words(locations, epochs))
        own_prompts = self._of_own_words(locations.only(keeping_rows))
        has_instruction = ~np.isin(own_prompts, self._without_instruction)
        prompts[keeping_rows[has_instruction]] = own_prompts[has_instruction]
        return np.flatnonzero(prompts == _OWN_WORDS)

    def _keeps_words(self, locations: RowLocations, epochs: I64) -> NDArray[np.bool_]:
        """What `preprocessors.variants.mode_of` says of each row."""
        if self._own_share >= 1:
            return np.ones(len(epochs), np.bool_)
        names = [
            name
            for reader, run in by_shard(locations.shards, locations.shard)
            for name in reader.names(locations.offset[run])
        ]
        return np.array(
            [
                keeps_words(self._own_share, *name, self._seed, epoch)
                for name, epoch in zip(names, epochs.tolist(), strict=True)
            ],
            np.bool_,
        )

    def _of_pool(self, locations: RowLocations) -> tuple[I64, U64]:
        """Prompts of the pool, `_OWN_WORDS` where it does not fit, and keys."""
        prompts = self._from_pool.of_rows(locations, locations.heads["prompt"])
        return prompts, locations.heads["key"]

    def _of_own_words(self, locations: RowLocations) -> I64:
        """Prompts of the records' own words."""
        return self._from_records.of_rows(locations, locations.heads["layout"])

    def _pool_prompt(self, shard: ShardReader, outline: bytes) -> int:
        """The prompt of all rows with these facts.

        `RECORD_PROMPT` where the store was built with another row of the catalogue.
        """
        facts = read_facts(outline)
        if not shard.is_current(facts.task):
            return RECORD_PROMPT
        signed_facts = sign_facts(facts, catalogue.get(facts.task), self._languages)
        if isinstance(signed_facts, KeepReason):
            return _OWN_WORDS
        if facts.spans_in_text:
            return RECORD_PROMPT
        # To hash a signature costs as much as all the rest.
        number = self._pool_prompts.get(signed_facts)
        if number is None:
            prompt = CompiledPrompt(*signed_facts, self._vocabulary, self.tables)
            number = self._pool_prompts[signed_facts] = prompt.number
            self._prompts_by_number[number] = prompt
            self._first_examples.expect_prompt(number, facts.task)
        return number

    def _own_prompt(self, shard: ShardReader, outline: bytes) -> int:
        """The prompt of all rows with this layout of their own words; as `_pool_prompt`."""
        of_task = read_layout(outline)
        if not shard.is_current(of_task.task):
            return RECORD_PROMPT
        layout = of_task.layout
        if layout not in self._own_prompts:
            number = own_prompt(layout, self._vocabulary, self.tables)
            self._own_prompts[layout] = number
            if not layout.has_instruction:
                self._without_instruction.append(number)
            self._first_examples.expect_prompt(number, of_task.task)
        return self._own_prompts[layout]


def _salts(seed: int, epochs: I64) -> U64:
    row_epochs = epochs.tolist()
    salts = {epoch: draw_salt(seed, epoch) for epoch in set(row_epochs)}
    return np.array([salts[epoch] for epoch in row_epochs], np.uint64)
