"""Units in this process, or in several of this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from types import TracebackType
from typing import Any, TypeVar

from audioflan_tasks.processes import process_pool
from audioflan_tasks.runners.base import UNITS_PER_WORKER, WorkerDiedError, hand_out, limit_threads

__all__ = ["LocalRunner"]

_R = TypeVar("_R")


class LocalRunner:
    """Processes that stay for several runs; started when they are first needed.

    One worker, or one unit, runs in this process. When one of the processes dies, the units of
    the others are lost too.
    """

    def __init__(self, workers: int) -> None:
        self._count = workers
        self._pools = ExitStack()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> LocalRunner:
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
        """As `Runner.run`."""
        if self._count == 1 or len(units) == 1:
            with limit_threads():
                for number, unit in enumerate(units):
                    finish(number, function(*unit))
            return
        if self._pool is None:
            self._pool = self._pools.enter_context(process_pool(self._count, limit_threads))
        try:
            _hand_out(self._pool, self._count * UNITS_PER_WORKER, function, units, finish)
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
        """As `Runner.run_alone`."""
        with process_pool(1, limit_threads) as pool:
            _hand_out(pool, 1, function, units, finish)


def _hand_out(
    pool: ProcessPoolExecutor,
    window: int,
    function: Callable[..., _R],
    units: Sequence[tuple[Any, ...]],
    finish: Callable[[int, _R], None],
) -> None:
    def submit(function: Callable[..., _R], unit: tuple[Any, ...]) -> Future[_R]:
        return pool.submit(function, *unit)

    hand_out(submit, window, function, units, finish, (BrokenProcessPool,))
