"""An example before it is one array: the parts that it is put together from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Example, Facts

__all__ = ["Draft", "Side"]

Ids = NDArray[np.integer[Any]]


class Side:
    """Inputs or targets: arrays of ids, their total length, and runs of one role each."""

    __slots__ = ("counts", "length", "parts", "roles_of")

    def __init__(
        self,
        parts: Sequence[Ids],
        length: int,
        roles_of: tuple[int, ...],
        counts: tuple[int, ...],
    ) -> None:
        self.parts, self.length, self.roles_of, self.counts = parts, length, roles_of, counts

    def write_ids(self, into: NDArray[np.int32]) -> None:
        """Writes the ids to the front of a row [n]."""
        np.concatenate(self.parts, out=into[: self.length])

    def write_roles(self, into: NDArray[np.uint8]) -> None:
        """Writes the roles to the front of a row [n]."""
        at = 0
        for role, count in zip(self.roles_of, self.counts, strict=True):
            into[at : at + count] = role
            at += count

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
    """Both sides of an example; `tell` reads what else it says."""

    __slots__ = ("_tell", "inputs", "targets")

    def __init__(self, inputs: Side, targets: Side, tell: Callable[[], Facts]) -> None:
        self.inputs, self.targets, self._tell = inputs, targets, tell

    @property
    def size(self) -> int:
        """Ids of inputs and targets together."""
        return self.inputs.length + self.targets.length

    @property
    def facts(self) -> Facts:
        """Answer and provenance; the record is read for them."""
        return self._tell()

    @property
    def example(self) -> Example:
        """The whole example."""
        inputs, targets = self.inputs, self.targets
        return Example(inputs.ids, targets.ids, inputs.roles, targets.roles, *self.facts)

    @classmethod
    def of(cls, example: Example) -> Draft:
        """A draft of an example that is there already."""
        facts = Facts(example.answer, example.audio_ids, example.shots, example.provenance)
        return cls(
            _side_of(example.inputs, example.input_roles),
            _side_of(example.targets, example.target_roles),
            lambda: facts,
        )


def _side_of(ids: Ids, roles: NDArray[np.uint8]) -> Side:
    """A side of ids and roles [n]."""
    starts = np.flatnonzero(np.diff(roles, prepend=0))
    counts = np.diff(starts, append=len(roles)).tolist()
    return Side((ids,), len(ids), tuple(roles[starts].tolist()), tuple(counts))
