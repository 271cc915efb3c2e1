"""Runs units of work in this process or in several, and survives workers that die."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from itertools import islice
from types import TracebackType
from typing import Any, TypeVar

from audioflan_tasks.processes import process_pool

__all__ = ["WorkerDiedError", "Workers"]

# Units handed out ahead, so that no worker waits and no list of millions is pickled.
_AHEAD = 3

_R = TypeVar("_R")


class WorkerDiedError(Exception):
    """A worker process ended while it had these units; never leaves the store."""

    def __init__(self, units: list[int]) -> None:
        super().__init__(f"units {units}")
        self.units = units


class Workers:
    """Processes that stay for several stages; started when they are first needed."""

    def __init__(self, workers: int) -> None:
        self._count = workers
        self._pools = ExitStack()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._pools.__exit__(kind, error, trace)

    def run(
        self,
        function: Callable[..., _R],
        units: Sequence[tuple[Any, ...]],
        finish: Callable[[int, _R], None],
    ) -> None:
        """Calls `function(*unit)` for all units, and `finish(number, result)` for each as it ends.

        One worker, or one unit, runs in this process. An error of a unit ends the run after the
        units that are being worked on.

        Raises:
          WorkerDiedError: a worker was killed, or ended by what it read.
        """
        if self._count == 1 or len(units) == 1:
            with _one_thread():
                for number, unit in enumerate(units):
                    finish(number, function(*unit))
            return
        if self._pool is None:
            self._pool = self._pools.enter_context(process_pool(self._count, _one_thread))
        try:
            _feed(self._pool, self._count * _AHEAD, function, units, finish)
        except WorkerDiedError:
            self._pools.close()
            self._pool = None
            raise

    def run_alone(
        self,
        function: Callable[..., _R],
        units: Sequence[tuple[Any, ...]],
        finish: Callable[[int, _R], None],
    ) -> None:
        """As `run`, in one other process and one unit at a time."""
        with process_pool(1, _one_thread) as pool:
            _feed(pool, 1, function, units, finish)


def _feed(
    pool: ProcessPoolExecutor,
    ahead: int,
    function: Callable[..., _R],
    units: Sequence[tuple[Any, ...]],
    finish: Callable[[int, _R], None],
) -> None:
    """Hands units out, never more than `ahead` at a time."""
    waiting = iter(range(len(units)))
    running: dict[Future[_R], int] = {}
    try:
        while True:
            for number in islice(waiting, ahead - len(running)):
                running[pool.submit(function, *units[number])] = number
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                result = future.result()
                finish(running.pop(future), result)
    except BrokenProcessPool:
        raise WorkerDiedError(sorted(running.values())) from None


def _one_thread() -> Any:
    """Limits BLAS: one unit a core is faster than threads that wait for each other."""
    # Only libraries that are loaded already are limited.
    import numpy  # noqa: F401
    import scipy.linalg  # noqa: F401
    import threadpoolctl

    return threadpoolctl.threadpool_limits(1)
