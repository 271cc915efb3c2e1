"""Units are handed out a few at a time, and a death names the units that were lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from audioflan_tasks.runners import WorkerDiedError
from audioflan_tasks.runners.base import hand_out


class DeathError(Exception):
    """What an engine says when a worker died."""


class Engine:
    """Runs a unit when it is submitted."""

    def __init__(self) -> None:
        self.submitted: list[int] = []

    def submit(self, function: Callable[..., int], unit: tuple[Any, ...]) -> Future[int]:
        future: Future[int] = Future()
        self.submitted.append(unit[0])
        try:
            future.set_result(function(*unit))
        except Exception as error:
            future.set_exception(error)
        return future


def square(number: int) -> int:
    return number * number


def failing(*numbers: int, error: type[Exception]) -> Callable[[int], int]:
    def function(number: int) -> int:
        if number in numbers:
            raise error(number)
        return square(number)

    return function


def test_each_unit_is_done_once_with_its_number() -> None:
    engine, results = Engine(), dict[int, int]()

    def done(number: int, result: int) -> None:
        assert number not in results
        results[number] = result
        assert len(engine.submitted) - len(results) < 2

    hand_out(engine.submit, 2, square, [(n,) for n in range(5)], done, (DeathError,))
    assert results == {0: 0, 1: 1, 2: 4, 3: 9, 4: 16}


def test_after_a_death_no_more_is_handed_out_and_what_lives_is_done() -> None:
    engine, results = Engine(), dict[int, int]()
    function = failing(1, 2, error=DeathError)
    with pytest.raises(WorkerDiedError) as caught:
        hand_out(engine.submit, 4, function, [(n,) for n in range(9)], results.__setitem__,
                 (DeathError,))  # fmt: skip
    assert caught.value.units == [1, 2]
    assert max(engine.submitted) < 8
    assert results == {n: n * n for n in engine.submitted if n not in (1, 2)}


def test_another_error_of_a_unit_is_raised_as_it_is() -> None:
    engine = Engine()
    with pytest.raises(ZeroDivisionError):
        hand_out(engine.submit, 2, failing(1, error=ZeroDivisionError),
                 [(n,) for n in range(9)], lambda number, result: None, (DeathError,))  # fmt: skip
    assert max(engine.submitted) < 4
