"""Parts share the units of a build out, and each would do them all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.runners import BuildPart, LocalRunner, PartRunner


@given(st.integers(0, 60), st.integers(1, 9))
def test_parts_begin_with_units_of_their_own_and_have_all(units: int, count: int) -> None:
    first: list[int] = []
    for number in range(1, count + 1):
        order = BuildPart(number, count).order(units)
        assert sorted(order) == list(range(units))
        own = len(range(number - 1, units, count))
        assert order[:own] == sorted(order[:own])
        first += order[:own]
    assert sorted(first) == list(range(units))


def test_parts_do_the_units_of_others_in_different_orders() -> None:
    ends = [BuildPart(number, 3).order(300)[100:] for number in (1, 2)]
    of_the_third = [[unit for unit in end if unit % 3 == 2] for end in ends]
    assert of_the_third[0] != of_the_third[1]
    met = sum(a == b for a, b in zip(*of_the_third, strict=True))
    assert met < 20


def test_results_have_the_numbers_of_the_units() -> None:
    results: dict[int, str] = {}
    with LocalRunner(1) as runner:
        part = PartRunner(runner, BuildPart(2, 3))
        part.run(str, [(n,) for n in range(7)], results.__setitem__)
    assert list(results)[:2] == [1, 4]
    assert results == {n: str(n) for n in range(7)}


@pytest.mark.parametrize("text", ["0/3", "4/3", "2", "a/b", "1/0", "-1/3", "1/3/5", "1.5/3"])
def test_a_part_that_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^part .*expected I/N with I from 1 to N"):
        BuildPart.parse(text)
    assert BuildPart.parse("2/16") == BuildPart(2, 16)
