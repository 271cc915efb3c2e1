"""Items at which processes die have a result of their own, and all others theirs."""

from __future__ import annotations

from collections.abc import Container

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.errors import RunnerError
from audioflan_tasks.runners import map_alone, map_items
from tests.runners.fragile import DeathError, FragileRunner


class Square:
    """The square of a number, or a death; `chance` numbers are survived at the second time."""

    def __init__(self, fatal: Container[int], chance: Container[int] = ()) -> None:
        self.fatal, self.chance = fatal, chance
        self.numbers: list[int] = []

    def __call__(self, number: int) -> int:
        is_first = number not in self.numbers
        self.numbers.append(number)
        if number in self.fatal or (is_first and number in self.chance):
            raise DeathError(number)
        return number * number


@pytest.mark.slow
@given(
    count=st.integers(0, 40), per_unit=st.integers(1, 7), window=st.integers(1, 6),
    fatal=st.sets(st.integers(0, 39), max_size=8), chance=st.sets(st.integers(0, 39)),
)  # fmt: skip
def test_each_item_has_its_result_whatever_dies(
    count: int, per_unit: int, window: int, fatal: set[int], chance: set[int]
) -> None:
    function, progress = Square(fatal, chance), list[int]()
    results = map_items(
        FragileRunner(window), function, range(count), per_unit=per_unit, advance=progress.append,
        death_result=lambda number: -number,
    )  # fmt: skip
    assert len(results) == count
    for number, result in enumerate(results):
        # One that dies by chance may have done so alone.
        is_lost = number in fatal or (number in chance and result < 0)
        assert result == (-number if is_lost else number**2)
    assert sum(progress) == count
    # Not tried for ever: once with its unit, in a part of the runs, and once alone.
    assert max(map(function.numbers.count, fatal), default=0) <= 2 + window


def test_processes_that_die_at_one_item_after_the_other_are_an_error() -> None:
    with pytest.raises(RunnerError, match=r"processes go on ending.*fewer --workers"):
        map_alone(FragileRunner(), Square(range(5, 99)), range(99), death_result=lambda number: 0)
    function = Square(range(0, 99, 2))
    results = map_alone(FragileRunner(), function, range(99), death_result=lambda number: -1)
    assert results == [-1 if n % 2 == 0 else n * n for n in range(99)]
