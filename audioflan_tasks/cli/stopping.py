"""What a command does when it is told to stop: it ends within a second and says what is next."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

__all__ = ["CONTINUED", "Stop", "end", "note_command", "stopped_by_signals"]

# Names of the commands that go on where they stopped when they are called again.
CONTINUED: set[str] = set()

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


# Name of the command that runs, once it does.
_commands: list[str] = []


class Stop(BaseException):
    """SIGINT or SIGTERM has come; no error, so nothing but `main` catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def note_command(name: str) -> None:
    """Says which command is about to run."""
    _commands[:] = [name]


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """In here the first SIGINT or SIGTERM raises `Stop` in the main thread; others do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = [signal.signal(number, _raise_stop) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(_SIGNALS, handlers, strict=True):
            signal.signal(number, handler)


def _raise_stop(number: int, frame: FrameType | None) -> NoReturn:
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Stop(number)


def end(stop: Stop) -> NoReturn:
    """Ends the process with the status that shells give it.

    Nothing is waited for: a thread may be waiting for a server.
    """
    advice = "; the same command continues" if CONTINUED.intersection(_commands) else ""
    print(f"audioflan: stopped{advice}", file=sys.stderr)
    # What was at work frees what it has of the system: semaphores of pools of processes.
    stop.__traceback__ = stop.__context__ = None
    gc.collect()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(128 + stop.number)
