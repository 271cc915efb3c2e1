"""An example of each prompt and of each shard, compared with that of its record.

A store's ids and its records must give the same example. That is proved once for what many rows
share: the words of a prompt, and the arrays of a shard. To read a record and to make its example
costs as much as some dozens of rows, so there is one for some hundreds: a store of thousands of
shards is as quick at first as later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Example
from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT
from audioflan_tasks.errors import StoreError

__all__ = ["ROWS_A_RECORD", "FirstExamples"]

# Rows that are made for one that is compared.
ROWS_A_RECORD = 512

# Signatures of a task whose first example is compared. Where each record brings facts of its own
# there is no end of them, and what these prove does not grow.
_MOST_PROMPTS = 256


class FirstExamples:
    """Prompts and shards no example of which has been compared yet."""

    def __init__(self) -> None:
        self._prompts: set[int] = set()
        self._compared_shards: set[int] = set()
        self._prompts_of_task: Counter[str] = Counter()
        self._row_count = 0

    def renumber(self) -> None:
        """Forgets the prompts that are due: their numbers stand for others from now on."""
        self._prompts.clear()

    def expect_prompt(self, number: int, task: str) -> None:
        """Notes a new prompt of a task."""
        if self._prompts_of_task[task] < _MOST_PROMPTS:
            self._prompts_of_task[task] += 1
            self._prompts.add(number)

    def compare(
        self,
        block: Block,
        prompts: NDArray[np.int64],
        shards: NDArray[np.int64],
        read_example: Callable[[int], Example | None],
    ) -> None:
        """Compares an example of a prompt and shard that are due, for each `ROWS_A_RECORD` rows.

        Args:
          prompts: number of the prompt of each row; `RECORD_PROMPT` for one made of its record.
          shards: number of the shard of each row.
          read_example: the example of a row, made of its record.

        Raises:
          StoreError: they differ.
        """
        self._row_count += len(prompts)
        if self._row_count < ROWS_A_RECORD:
            return
        due_rows = self._due_rows(block, prompts, shards)
        for row in due_rows[: self._row_count // ROWS_A_RECORD]:
            _compare(block, row, read_example)
            self._prompts.discard(int(prompts[row]))
            self._compared_shards.add(int(shards[row]))
        # What is not used is not saved up: records are read a few at a time.
        self._row_count %= ROWS_A_RECORD

    def _due_rows(
        self, block: Block, prompts: NDArray[np.int64], shards: NDArray[np.int64]
    ) -> list[int]:
        """A row of each prompt that is due, and then one of each shard."""
        if not self._prompts and self._compared_shards.issuperset(shards.tolist()):
            return []
        rows = np.flatnonzero(block.kept & (prompts != RECORD_PROMPT))
        row_of_prompt = _first_rows(prompts, rows)
        row_of_shard = _first_rows(shards, rows)
        due_rows = [row_of_prompt[n] for n in sorted(self._prompts & row_of_prompt.keys())]
        new_shards = sorted(row_of_shard.keys() - self._compared_shards)
        return list(dict.fromkeys([*due_rows, *(row_of_shard[n] for n in new_shards)]))


def _first_rows(numbers: NDArray[np.int64], rows: NDArray[np.int64]) -> dict[int, int]:
    """The first of these rows with each number."""
    # Of equal keys a dictionary keeps the last.
    return dict(zip(numbers[rows][::-1].tolist(), rows[::-1].tolist(), strict=True))


def _compare(block: Block, row: int, read_example: Callable[[int], Example | None]) -> None:
    try:
        of_record = read_example(row)
    except StoreError:
        # Joined stores may name different audio by one id; only the rows tell it apart then.
        return
    example = block.example(row)
    differing = [
        field.name
        for field in fields(Example)
        if not _are_equal(getattr(example, field.name, None), getattr(of_record, field.name, None))
    ]
    if differing:
        facts = {} if example is None else example.provenance
        name = f"{facts.get('task')} {facts.get('uuid')}"
        raise StoreError(
            f"{block.store_of(row)}: the example of {name} made of the "
            f"store's ids differs from that of its record ({', '.join(differing)}); build the "
            "store again with: audioflan build, and if that does not help report it"
        )


def _are_equal(one: Any, other: Any) -> bool:
    """Whether two fields of examples are: arrays, or plain values."""
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else bool(one == other)
