"""The first example of each prompt and of each shard, compared with that of its record.

A store's ids and its records must give the same example. That is cheap to prove once for what
many rows share: the words of a prompt, and the arrays of a shard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Example
from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT
from audioflan_tasks.errors import StoreError

__all__ = ["FirstExamples"]

# Signatures of a task whose first example is compared. Where each record brings facts of its own
# there is no end of them, and what these prove does not grow.
_MOST_PROMPTS = 256


class FirstExamples:
    """Prompts and shards no example of which has been compared yet."""

    def __init__(self) -> None:
        self._prompts: set[int] = set()
        self._shards: set[int] = set()
        self._prompts_of_task: Counter[str] = Counter()

    def renumber(self) -> None:
        """Forgets the prompts that are due: their numbers stand for others from now on."""
        self._prompts.clear()

    @property
    def are_due(self) -> bool:
        """Whether there are any."""
        return bool(self._prompts or self._shards)

    def expect_prompt(self, number: int, task: str) -> None:
        """Notes a new prompt of a task."""
        if self._prompts_of_task[task] < _MOST_PROMPTS:
            self._prompts_of_task[task] += 1
            self._prompts.add(number)

    def expect_shard(self, number: int) -> None:
        """Notes a new shard."""
        self._shards.add(number)

    def compare(
        self,
        block: Block,
        prompts: NDArray[np.int64],
        shards: NDArray[np.int64],
        read_example: Callable[[int], Example | None],
    ) -> None:
        """Compares the first example in a block of each prompt and shard that is due.

        Args:
          prompts: number of the prompt of each row; `RECORD_PROMPT` for one made of its record.
          shards: number of the shard of each row.
          read: the example of a row, made of its record.

        Raises:
          StoreError: they differ.
        """
        is_due = np.isin(prompts, list(self._prompts)) | np.isin(shards, list(self._shards))
        for row in np.flatnonzero(block.kept & (prompts != RECORD_PROMPT) & is_due).tolist():
            prompt, shard = int(prompts[row]), int(shards[row])
            if prompt in self._prompts or shard in self._shards:
                _compare(block, row, read_example)
                self._prompts.discard(prompt)
                self._shards.discard(shard)


def _compare(block: Block, row: int, read_example: Callable[[int], Example | None]) -> None:
    try:
        of_record = read_example(row)
    except StoreError:
        # Joined stores may name different audio by one id; only the rows tell it apart then.
        return
    arrays = block.arrays(row)
    differing = [
        field.name
        for field in fields(arrays)
        if of_record is None
        or not np.array_equal(getattr(arrays, field.name), getattr(of_record, field.name))
    ]
    if differing:
        facts = block.facts(np.array([row]))[0].provenance
        raise StoreError(
            f"{block.store_of(row)}: the example of {facts['task']} {facts['uuid']} made of the "
            f"store's ids differs from that of its record ({', '.join(differing)}); build the "
            "store again with: audioflan build, and if that does not help report it"
        )
