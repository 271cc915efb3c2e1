"""Units are handed out a few at a time, and a death names the units that were lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from audioflan_tasks.runners import BuildPart, PartRunner, WorkerDiedError
from tests.runners.fragile import DeathError, FragileRunner

UNITS = [(n,) for n in range(9)]


def square(number: int) -> int:
    return number * number


def failing(*numbers: int, error: type[Exception]) -> Callable[[int], int]:
    def function(number: int) -> int:
        if number in numbers:
            raise error(number)
        return square(number)

    return function


def test_each_unit_is_done_once_with_its_number() -> None:
    runner, results = FragileRunner(), dict[int, int]()

    def finish(number: int, result: int) -> None:
        assert number not in results
        results[number] = result
        assert len(runner.submitted) - len(results) < 2

    runner.run(square, UNITS[:5], finish)
    assert results == {0: 0, 1: 1, 2: 4, 3: 9, 4: 16}


def test_after_a_death_no_more_is_handed_out_and_what_lives_is_done() -> None:
    runner, results = FragileRunner(window=4), dict[int, int]()
    with pytest.raises(WorkerDiedError) as caught:
        runner.run(failing(1, 2, error=DeathError), UNITS, results.__setitem__)
    assert caught.value.units == [1, 2]
    assert max(runner.submitted) < 8
    assert results == {n: n * n for n in runner.submitted if n not in (1, 2)}


def test_a_death_in_a_part_names_the_units_by_their_own_numbers() -> None:
    runner = PartRunner(FragileRunner(window=4), BuildPart(2, 3))
    with pytest.raises(WorkerDiedError) as caught:
        runner.run(failing(4, error=DeathError), UNITS, lambda number, result: None)
    assert caught.value.units == [4]


def test_alone_one_unit_runs_at_a_time_and_the_first_death_ends_it() -> None:
    runner, results = FragileRunner(window=4), dict[int, int]()
    with pytest.raises(WorkerDiedError) as caught:
        runner.run(failing(2, error=DeathError), UNITS, results.__setitem__, one_by_one=True)
    assert caught.value.units == [2]
    assert runner.submitted == [0, 1, 2]
    assert results == {0: 0, 1: 1}


def test_another_error_of_a_unit_is_raised_as_it_is() -> None:
    runner = FragileRunner()
    with pytest.raises(ZeroDivisionError):
        runner.run(failing(1, error=ZeroDivisionError), UNITS, lambda number, result: None)
    assert max(runner.submitted) < 4
