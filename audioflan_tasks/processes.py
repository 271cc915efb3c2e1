"""Worker processes that end with the process that started them, however that ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

__all__ = ["process_pool"]


@contextmanager
def process_pool(
    workers: int, start: Callable[..., Any] | None = None, arguments: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """Processes for the time of the work inside; each calls `start(*arguments)` first.

    After an error what is being worked on is finished. Whatever else ends the work, as
    KeyboardInterrupt does, ends the processes at once. They are spawned: threads of this process,
    as TensorFlow and BLAS have them, do not survive a fork.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _start_worker, (start, arguments))
    try:
        yield pool
    except Exception:
        pool.shutdown(cancel_futures=True)
        raise
    except BaseException:
        _kill(pool)
        raise
    pool.shutdown()


def _start_worker(start: Callable[..., Any] | None, arguments: tuple[Any, ...]) -> None:
    # A terminal sends Ctrl-C to all processes; the first decides what becomes of the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="audioflan-parent", daemon=True).start()
    if start is not None:
        start(*arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        # Returns when the parent is gone, killed or not.
        parent.join()
        os._exit(1)


def _kill(pool: ProcessPoolExecutor) -> None:
    # The public way to do this comes with Python 3.14.
    for worker in list((getattr(pool, "_processes", None) or {}).values()):
        worker.kill()
    # Waits for the thread that keeps the pool, which sees that they are gone.
    pool.shutdown(cancel_futures=True)
