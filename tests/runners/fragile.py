"""A runner whose workers die of what a test says, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from audioflan_tasks.runners import Runner
from audioflan_tasks.runners.base import Engine


class DeathError(Exception):
    """What a unit raises where a worker would die."""


class FragileRunner(Runner):
    """Runs a unit when it is submitted; `submitted` has the first value of each."""

    def __init__(self, window: int = 2) -> None:
        self.window = window
        self.submitted: list[Any] = []

    @contextmanager
    def engine(self, units: int, one_by_one: bool) -> Iterator[Engine]:
        yield Engine(self._submit, 1 if one_by_one else self.window, (DeathError,))

    def _submit(self, function: Callable[..., Any], *unit: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.submitted.append(unit[0])
        try:
            future.set_result(function(*unit))
        except Exception as error:
            future.set_exception(error)
        return future
