"""An example before it is one array: the parts that it is put together from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Example

__all__ = ["Draft", "Side", "side_of"]

Ids = NDArray[np.integer[Any]]


class Side:
    """Inputs or targets: arrays of ids, their total length, and runs of (role, length)."""

    __slots__ = ("length", "parts", "runs")

    def __init__(self, parts: Sequence[Ids], length: int, runs: Sequence[tuple[int, int]]) -> None:
        self.parts, self.length, self.runs = parts, length, runs

    def write_ids(self, into: NDArray[np.int32]) -> None:
        """Writes the ids to the front of a row [n]."""
        np.concatenate(self.parts, out=into[: self.length])

    def write_roles(self, into: NDArray[np.uint8]) -> None:
        """Writes the roles to the front of a row [n]."""
        at = 0
        for role, length in self.runs:
            into[at : at + length] = role
            at += length

    @property
    def ids(self) -> NDArray[np.int32]:
        """The ids as one array [n]."""
        out = np.empty(self.length, np.int32)
        self.write_ids(out)
        return out

    @property
    def roles(self) -> NDArray[np.uint8]:
        """The role of each id [n]."""
        out = np.empty(self.length, np.uint8)
        self.write_roles(out)
        return out


class Draft:
    """Both sides of an example. `example` makes the arrays, and reads what else it says.

    `tell` gives the whole example for the two sides' arrays.
    """

    __slots__ = ("_tell", "inputs", "targets")

    def __init__(self, inputs: Side, targets: Side, tell: Callable[[Draft], Example]) -> None:
        self.inputs, self.targets, self._tell = inputs, targets, tell

    @property
    def size(self) -> int:
        """Ids of inputs and targets together."""
        return self.inputs.length + self.targets.length

    @property
    def example(self) -> Example:
        """The example with its provenance; the record is read for it."""
        return self._tell(self)

    @classmethod
    def of(cls, example: Example) -> Draft:
        """A draft of an example that is there already."""
        return cls(
            side_of(example.inputs, example.input_roles),
            side_of(example.targets, example.target_roles),
            lambda _: example,
        )


def side_of(ids: Ids, roles: NDArray[np.uint8]) -> Side:
    """A side of ids and roles [n]."""
    starts = np.flatnonzero(np.diff(roles, prepend=0))
    lengths = np.diff(starts, append=len(roles)).tolist()
    return Side((ids,), len(ids), list(zip(roles[starts].tolist(), lengths, strict=True)))
