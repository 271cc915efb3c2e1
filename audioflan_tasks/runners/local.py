"""Units in this process, or in several of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from typing import Any

from audioflan_tasks.processes import process_pool
from audioflan_tasks.runners.base import (
    UNITS_PER_WORKER,
    Engine,
    Runner,
    WorkerDiedError,
    limit_threads,
)

__all__ = ["LocalRunner"]

_DEATHS = (BrokenProcessPool,)


class LocalRunner(ExitStack, Runner):
    """Processes that stay for several runs; started when they are first needed.

    One worker, or one unit, runs in this process. When one of the processes dies, the units of
    the others are lost too.
    """

    def __init__(self, workers: int) -> None:
        super().__init__()
        self._count = workers
        self._pool: ProcessPoolExecutor | None = None

    @contextmanager
    def engine(self, units: int, one_by_one: bool) -> Iterator[Engine]:
        """As `Runner.engine`."""
        if one_by_one:
            with process_pool(1, limit_threads) as pool:
                yield Engine(pool.submit, 1, _DEATHS)
        elif self._count == 1 or units == 1:
            with limit_threads():
                yield Engine(_call, 1)
        else:
            if self._pool is None:
                self._pool = self.enter_context(process_pool(self._count, limit_threads))
            try:
                yield Engine(self._pool.submit, self._count * UNITS_PER_WORKER, _DEATHS)
            except WorkerDiedError:
                self.close()
                self._pool = None
                raise


def _call(function: Callable[..., Any], *unit: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(function(*unit))
    return future
