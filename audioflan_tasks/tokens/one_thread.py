"""Work on one BLAS thread.

Matrices of a codec are small: a second thread brings nothing when the machine is idle, and where
anything else runs the threads wait for each other (ten times slower and more).
"""

from __future__ import annotations

import threading
from contextlib import ContextDecorator
from functools import cache
from types import TracebackType
from typing import Any

import threadpoolctl

__all__ = ["ONE_BLAS_THREAD", "OneBlasThread"]


class OneBlasThread(ContextDecorator):
    """A context, or a decorator, in which BLAS has one thread, for all threads that are inside.

    The first that enters sets it, and the last that leaves gives back what was set before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._depth = 0
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            self._depth += 1
            if self._depth == 1:
                self._limit = _controller().limit(limits=1, user_api="blas")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        with self._lock:
            self._depth -= 1
            if not self._depth:
                # Since 3.8 threadpoolctl lets only the thread set a number that did so first.
                _let_any_thread_set()
                self._limit.restore_original_limits()
                _let_any_thread_set()


def _let_any_thread_set() -> None:
    release = getattr(threadpoolctl.OpenBLASController, "clear_controlling_thread", None)
    if release is not None:
        release(force=True)


@cache
def _controller() -> threadpoolctl.ThreadpoolController:
    # Libraries are looked for once: that takes milliseconds, to set them microseconds.
    return threadpoolctl.ThreadpoolController()


ONE_BLAS_THREAD = OneBlasThread()
