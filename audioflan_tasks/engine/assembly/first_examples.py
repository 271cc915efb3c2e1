"""The first example of each prompt and of each shard, compared with that of its record.

A store's ids and its records must give the same example. That is cheap to prove once for what
many rows share: the words of a prompt, and the arrays of a shard.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Example
from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT
from audioflan_tasks.errors import StoreError

__all__ = ["FirstExamples"]

_FIELDS = (
    "inputs", "targets", "input_roles", "target_roles", "answer", "audio_ids", "provenance"
)  # fmt: skip


class FirstExamples:
    """Prompts and shards no example of which has been compared yet."""

    def __init__(self) -> None:
        self._prompts: set[int] = set()
        self._shards: set[int] = set()

    @property
    def are_due(self) -> bool:
        """Whether there are any."""
        return bool(self._prompts or self._shards)

    def expect_prompt(self, number: int) -> None:
        """Notes a new prompt."""
        self._prompts.add(number)

    def expect_shard(self, number: int) -> None:
        """Notes a new shard."""
        self._shards.add(number)

    def compare(
        self,
        block: Block,
        prompts: NDArray[np.int64],
        shards: NDArray[np.int64],
        read: Callable[[int], Example | None],
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
                _compare(block, row, read)
                self._prompts.discard(prompt)
                self._shards.discard(shard)


def _compare(block: Block, row: int, read: Callable[[int], Example | None]) -> None:
    try:
        of_record = read(row)
    except StoreError:
        # Joined stores may name different audio by one id; only the rows tell it apart then.
        return
    of_store = block.example(row)
    if of_store is None:
        raise AssertionError("a row that is kept has an example")
    differing = [
        name for name in _FIELDS if of_record is None or not _equal(of_store, of_record, name)
    ]
    if differing:
        task, uuid = (of_store.provenance[name] for name in ("task", "uuid"))
        raise StoreError(
            f"{block.store_of(row)}: the example of {task} {uuid} made of the store's ids differs "
            f"from that of its record ({', '.join(differing)}); build the store again with: "
            "audioflan build, and if that does not help report it"
        )


def _equal(first: Example, second: Example, name: str) -> bool:
    value, other = getattr(first, name), getattr(second, name)
    return np.array_equal(value, other) if isinstance(value, np.ndarray) else bool(value == other)
