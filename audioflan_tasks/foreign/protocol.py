"""What the engine asks of a foreign task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.options import ExampleOptions

__all__ = ["ForeignExample", "ForeignReading", "ForeignRows", "ForeignTask", "facts_of"]


@dataclass(frozen=True, slots=True)
class ForeignExample:
    """An example with ids of our vocabulary.

    `inputs` and `targets` are int32 [n], `input_roles` uint8 [n] (1 instruction, 2 input); all of
    `targets` is answer. `answer` is its text, `uuid` names the example, `place`
    says where it is. `texts` are what it holds, each whole, so that sentences of held-out records
    are known.
    """

    inputs: NDArray[np.int32]
    targets: NDArray[np.int32]
    input_roles: NDArray[np.uint8]
    answer: str
    uuid: str
    place: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignReading:
    """How a stream reads a foreign task: split, options of examples, lengths, and passes.

    `epochs` None is without end; else the size of the task has to be exact.
    """

    split: str
    options: ExampleOptions
    lengths: Mapping[str, int]
    shuffle: bool = True
    epochs: int | None = None


class ForeignRows(Protocol):
    """Rows of one split of a foreign task; they can be pickled."""

    @property
    def size(self) -> int | None:
        """Examples of one pass; 0 where the split has none, None where nobody knows."""
        ...

    @property
    def keeps_order(self) -> bool:
        """Whether rows must be asked for in their order, as they are read one after the other."""
        ...

    def digest(self) -> bytes:
        """Changes with the number of rows and with what the first of them hold."""
        ...

    def example(self, seed: int, epoch: int, row: int) -> ForeignExample | None:
        """The example of a row in one epoch; None where a pass has ended before it."""
        ...


class ForeignTask(Protocol):
    """A task by its name."""

    @property
    def name(self) -> str:
        """The name that mixtures use."""
        ...

    def rows(self, reading: ForeignReading) -> ForeignRows:
        """Its rows, as a stream reads them.

        Raises:
          MixtureError: its examples cannot stand beside ours; says why.
        """
        ...


def facts_of(task: str) -> dict[str, str]:
    """What examples of a foreign task say of it, in place of the catalogue's words."""
    return {"task": task, "domain": "text", "major": "Text", "paper_category": "text"}
