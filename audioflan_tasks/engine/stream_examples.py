"""Examples of a stream, and where they stand in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Example
from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.errors import AudioFlanError, RemoteError
from audioflan_tasks.mixtures.plan.plan import Draws

__all__ = ["ExampleBlock", "StreamExample", "draw_lengths"]


@dataclass(frozen=True, slots=True)
class StreamExample:
    """An example and where it stands: global step, task (a number), epoch and row.

    It is row `block_row` of a block, and `kept` unless it was skipped; `size` counts its ids.
    """

    step: int
    task: int
    epoch: int
    row: int
    block: Block
    block_row: int
    kept: bool
    size: int

    @property
    def example(self) -> Example | None:
        """The example with its provenance, made when asked for."""
        return self.block.example(self.block_row)


@dataclass(frozen=True, slots=True)
class ExampleBlock:
    """Examples of a block in columns: global step, task (a number), and ids of each."""

    block: Block
    steps: Sequence[int]
    tasks: Sequence[int]
    sizes: Sequence[int]


def draw_lengths(block_of: Callable[[Draws], Block], draws: Draws) -> NDArray[np.int64]:
    """Ids of the examples of draws [n]; 0 for what is skipped or cannot be made.

    Raises:
      RemoteError: a server does not give what they are made of.
    """
    try:
        return np.asarray(block_of(draws).lengths.sum(1), np.int64)
    except RemoteError:
        raise
    except AudioFlanError:
        count = len(draws.task)
        if count <= 1:
            return np.zeros(count, np.int64)
        halves = (slice(count // 2), slice(count // 2, None))
        parts = (Draws(*(column[half] for column in draws)) for half in halves)
        return np.concatenate([draw_lengths(block_of, part) for part in parts])
