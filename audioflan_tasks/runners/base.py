"""What all runners have in common: the seam, the death of a worker, handing out units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import Any, Protocol, TypeVar

__all__ = ["UNITS_PER_WORKER", "Runner", "Submit", "WorkerDiedError", "hand_out", "limit_threads"]

# Units handed out for each worker, so that none waits and no list of millions is pickled.
UNITS_PER_WORKER = 3

_R = TypeVar("_R")

# Begins `function(*unit)` somewhere.
Submit = Callable[[Callable[..., _R], tuple[Any, ...]], Future[_R]]


class WorkerDiedError(Exception):
    """Processes ended while they had these units, again after an engine's own retries.

    Who calls a runner catches it; users never see it.
    """

    def __init__(self, units: list[int]) -> None:
        super().__init__(f"units {units}")
        self.units = units


class Runner(Protocol):
    """Runs units of work."""

    def run(
        self,
        function: Callable[..., _R],
        units: Sequence[tuple[Any, ...]],
        finish: Callable[[int, _R], None],
    ) -> None:
        """Calls `function(*unit)` for all units, and `finish(number, result)` here as each ends.

        An error of a unit ends the run, and no further unit begins.

        Raises:
          WorkerDiedError: a worker was killed, or ended by what it read.
        """

    def run_alone(
        self,
        function: Callable[..., _R],
        units: Sequence[tuple[Any, ...]],
        finish: Callable[[int, _R], None],
    ) -> None:
        """As `run`, one unit at a time in a process that may die of it."""


def hand_out(
    submit: Submit[_R],
    window: int,
    function: Callable[..., _R],
    units: Sequence[tuple[Any, ...]],
    finish: Callable[[int, _R], None],
    deaths: tuple[type[Exception], ...],
) -> None:
    """Submits all units, never more than `window` at a time.

    After an error of `deaths`, which says that a worker died, no more are submitted, and those of
    the other workers are waited for.

    Raises:
      WorkerDiedError: names the units that were lost.
    """
    waiting = iter(range(len(units)))
    running: dict[Future[_R], int] = {}
    try:
        while True:
            for number in islice(waiting, window - len(running)):
                running[submit(function, units[number])] = number
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                result = future.result()
                finish(running.pop(future), result)
    except deaths:
        raise WorkerDiedError(_lost_units(running, finish, deaths)) from None


def _lost_units(
    running: dict[Future[_R], int],
    finish: Callable[[int, _R], None],
    deaths: tuple[type[Exception], ...],
) -> list[int]:
    """Waits for units; the numbers of those whose worker died."""
    numbers = []
    for future in wait(running).done:
        if isinstance(future.exception(), deaths):
            numbers.append(running[future])
        else:
            finish(running[future], future.result())
    return sorted(numbers)


def limit_threads() -> Any:
    """Limits BLAS: one unit a core is faster than threads that wait for each other.

    Leaving the returned context lifts the limit.
    """
    # Only libraries that are loaded already are limited.
    import numpy  # noqa: F401
    import scipy.linalg  # noqa: F401
    import threadpoolctl

    return threadpoolctl.threadpool_limits(1)
