"""Runs units of work in this process or in several, and survives workers that die."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any

__all__ = ["WorkerDiedError", "run_units"]

# Units handed out ahead, so that no worker waits and no list of millions is pickled.
_AHEAD = 3


class WorkerDiedError(Exception):
    """A worker process ended while it had these units; never leaves the store."""

    def __init__(self, units: list[int]) -> None:
        super().__init__(f"units {units}")
        self.units = units


def run_units(
    function: Callable[..., dict[str, Any]],
    units: Sequence[tuple[Any, ...]],
    jobs: int,
    done: Callable[[int, dict[str, Any]], None],
    *,
    isolated: bool = False,
) -> None:
    """Calls `function(*unit)` for all units, and `done(number, result)` for each as it ends.

    One job runs in this process unless `isolated`. An error of a unit ends the run after the
    units that are being worked on.

    Raises:
      WorkerDiedError: a worker was killed, or ended by what it read.
    """
    if jobs == 1 and not isolated:
        with _one_thread():
            for number, unit in enumerate(units):
                done(number, function(*unit))
        return
    # A parent that has threads, as TensorFlow makes them, must not be forked.
    context = multiprocessing.get_context("spawn")
    waiting = iter(range(len(units)))
    running: dict[Future[dict[str, Any]], int] = {}
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_limit) as pool:
        try:
            while True:
                for number in islice(waiting, jobs * _AHEAD - len(running)):
                    running[pool.submit(function, *units[number])] = number
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    number = running[future]
                    result = future.result()
                    del running[future]
                    done(number, result)
        except BrokenProcessPool:
            raise WorkerDiedError(sorted(running.values())) from None
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _limit() -> None:
    _one_thread()


def _one_thread() -> Any:
    """Limits BLAS: one unit a core is faster than threads that wait for each other."""
    # Only libraries that are loaded already are limited.
    import numpy  # noqa: F401
    import scipy.linalg  # noqa: F401
    import threadpoolctl

    return threadpoolctl.threadpool_limits(1)
