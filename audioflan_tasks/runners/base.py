"""What all runners have in common: units handed out a few at a time, and the death of a worker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

__all__ = ["UNITS_PER_WORKER", "Engine", "Runner", "WorkerDiedError", "limit_threads"]

# Units handed out for each worker, so that none waits and no list of millions is pickled.
UNITS_PER_WORKER = 3

_R = TypeVar("_R")


class WorkerDiedError(Exception):
    """Processes ended while they had these units, again after an engine's own retries.

    Who calls a runner catches it; users never see it.
    """

    def __init__(self, units: list[int]) -> None:
        super().__init__(f"units {units}")
        self.units = units


@dataclass(frozen=True, slots=True)
class Engine:
    """Where units of one run go.

    `submit(function, *unit)` begins a unit, of which no more than `window` are there at a time.
    Its future ends in an error of `deaths` where its worker died.
    """

    submit: Callable[..., Future[Any]]
    window: int
    deaths: tuple[type[Exception], ...] = ()


class Runner(ABC):
    """Runs units of work: functions that can be imported, of plain values."""

    def run(
        self,
        function: Callable[..., _R],
        units: Sequence[tuple[Any, ...]],
        finish: Callable[[int, _R], None],
        *,
        one_by_one: bool = False,
    ) -> None:
        """Calls `function(*unit)` for all units, and `finish(number, result)` here as each ends.

        An error of a unit ends the run, and no further unit begins. With `one_by_one` there is one
        unit at a time, in order, in a process that may die of it.

        Raises:
          WorkerDiedError: a worker was killed, or ended by what it read. The units of the other
            workers were waited for.
        """
        numbers = iter(range(len(units)) if one_by_one else self.order(len(units)))
        running: dict[Future[_R], int] = {}
        with self.engine(len(units), one_by_one) as engine:
            try:
                while True:
                    for number in islice(numbers, engine.window - len(running)):
                        running[engine.submit(function, *units[number])] = number
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        result = future.result()
                        finish(running.pop(future), result)
            except engine.deaths:
                deaths = _numbers_of_dead(running, engine.deaths, finish)
                raise WorkerDiedError(sorted(deaths)) from None

    def order(self, units: int) -> Iterable[int]:
        """Numbers of all units, in the order in which they begin."""
        return range(units)

    @abstractmethod
    def engine(self, units: int, one_by_one: bool) -> AbstractContextManager[Engine]:
        """The engine for a run of so many units."""


def _numbers_of_dead(
    running: dict[Future[_R], int],
    deaths: tuple[type[Exception], ...],
    finish: Callable[[int, _R], None],
) -> Iterator[int]:
    """Waits for units; the numbers of those whose worker died."""
    for future in wait(running).done:
        if isinstance(future.exception(), deaths):
            yield running[future]
        else:
            finish(running[future], future.result())


def limit_threads() -> Any:
    """Limits BLAS: one unit a core is faster than threads that wait for each other.

    Leaving the returned context lifts the limit.
    """
    # Only libraries that are loaded already are limited.
    import numpy  # noqa: F401
    import scipy.linalg  # noqa: F401
    import threadpoolctl

    return threadpoolctl.threadpool_limits(1)
