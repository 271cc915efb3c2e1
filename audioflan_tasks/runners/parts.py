"""One build in parts that know nothing of each other, as the jobs of a Slurm array."""

from __future__ import annotations

import random
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.runners.base import Engine, Runner

__all__ = ["BuildPart", "PartRunner"]


@dataclass(frozen=True, slots=True)
class BuildPart:
    """Part `number` of `count`, numbered from 1.

    Raises:
      SettingsError: there is no such part.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise SettingsError(
                f"part {self.number}/{self.count}: expected I/N with I from 1 to N, such as 2/16"
            )

    @classmethod
    def parse(cls, text: str) -> BuildPart:
        """The part that `I/N` names."""
        numbers = re.fullmatch(r"(\d+)/(\d+)", text)
        if numbers is None:
            raise SettingsError(f"part {text!r}: expected I/N with I from 1 to N, such as 2/16")
        return cls(int(numbers[1]), int(numbers[2]))

    def order(self, units: int) -> list[int]:
        """Numbers of all units: every `count`-th from the part's first, then the others.

        The others are mostly done by then, which a unit finds out by itself. If a part is late or
        gone, those that have finished do its units, each in an order of its own, so that they
        seldom come to the same unit.
        """
        own_units = range(self.number - 1, units, self.count)
        other_units = [unit for unit in range(units) if unit % self.count != self.number - 1]
        random.Random(self.number).shuffle(other_units)
        return [*own_units, *other_units]


class PartRunner(Runner):
    """Another runner that begins with the units of a part."""

    def __init__(self, runner: Runner, part: BuildPart) -> None:
        self._runner, self._part = runner, part

    def order(self, units: int) -> list[int]:
        """As `BuildPart.order`."""
        return self._part.order(units)

    def engine(self, units: int, one_by_one: bool) -> AbstractContextManager[Engine]:
        """That of the other runner."""
        return self._runner.engine(units, one_by_one)
