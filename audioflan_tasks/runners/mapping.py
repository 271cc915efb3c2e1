"""A function of many small items, by a runner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from audioflan_tasks.errors import RunnerError
from audioflan_tasks.runners.base import Runner, WorkerDiedError

__all__ = ["map_alone", "map_items", "map_stream"]

# After so many items in a row that no process survives, the machine is to blame and no item.
_MOST_DEATHS = 10

_T = TypeVar("_T")
_R = TypeVar("_R")

# Of a stream, handed out before the first result is given on: enough for many workers.
_UNITS_AT_ONCE = 64


def map_items(
    runner: Runner,
    function: Callable[[_T], _R],
    items: Sequence[_T],
    *,
    per_unit: int,
    advance: Callable[[int], None],
    death_result: Callable[[_T], _R],
) -> list[_R]:
    """`[function(item) for item in items]`, in units of `per_unit` items.

    When a worker dies, the items that it had are done again by `map_alone`. `advance(count)` is
    called with the number of items of each unit that ends.

    Raises:
      RunnerError: as `map_alone`.
    """
    units = [items[n : n + per_unit] for n in range(0, len(items), per_unit)]
    results: dict[int, list[_R]] = {}
    while missing := [n for n in range(len(units)) if n not in results]:

        def finish(place: int, values: list[_R], missing: list[int] = missing) -> None:
            results[missing[place]] = values
            advance(len(values))

        try:
            runner.run(_results, [(function, units[n]) for n in missing], finish)
        except WorkerDiedError as error:
            places = error.units or [0]
            suspects = [item for place in places for item in units[missing[place]]]
            values = iter(map_alone(runner, function, suspects, death_result=death_result))
            for place in places:
                finish(place, list(islice(values, len(units[missing[place]]))))
    return [value for number in range(len(units)) for value in results[number]]


def map_stream(
    runner: Runner,
    function: Callable[[_T], _R],
    items: Iterable[_T],
    *,
    per_unit: int,
    advance: Callable[[int], None],
    death_result: Callable[[_T], _R],
) -> Iterator[tuple[_T, _R]]:
    """Each item with `function(item)`, in their order, for items that are too many to hold.

    Raises:
      As `map_items`.
    """
    stream = iter(items)
    while block := [*islice(stream, _UNITS_AT_ONCE * per_unit)]:
        results = map_items(
            runner, function, block, per_unit=per_unit, advance=advance, death_result=death_result
        )
        yield from zip(block, results, strict=True)


def map_alone(
    runner: Runner,
    function: Callable[[_T], _R],
    items: Sequence[_T],
    *,
    death_result: Callable[[_T], _R],
) -> list[_R]:
    """`[function(item) for item in items]`, one at a time in a process that may die of it.

    The result of an item at which the process dies is `death_result(item)`.

    Raises:
      RunnerError: processes die at one item after the other.
    """
    results: list[_R] = []
    deaths = 0
    while len(results) < len(items):
        first = len(results)
        units = [(item,) for item in items[first:]]
        try:
            runner.run(function, units, lambda _, result: results.append(result), one_by_one=True)
        except WorkerDiedError:
            deaths = deaths + 1 if len(results) == first else 1
            if deaths > _MOST_DEATHS:
                raise RunnerError(
                    "processes go on ending while they read; out of memory? Run the same command "
                    "again, with fewer --workers"
                ) from None
            results.append(death_result(items[len(results)]))
    return results


def _results(function: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
    return [function(item) for item in items]
