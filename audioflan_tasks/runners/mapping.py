"""A function of many small items, by a runner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from audioflan_tasks.errors import RunnerError
from audioflan_tasks.runners.base import Runner, WorkerDiedError

__all__ = ["map_items", "map_stream"]

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
) -> list[_R]:
    """`[function(item) for item in items]`, in units of `per_unit` items.

    `advance(count)` is called with the number of items of each unit that ends.

    Raises:
      RunnerError: a worker was killed, or ended by what it read.
    """
    units = [(function, items[n : n + per_unit]) for n in range(0, len(items), per_unit)]
    results: dict[int, list[_R]] = {}

    def finish(number: int, values: list[_R]) -> None:
        results[number] = values
        advance(len(values))

    try:
        runner.run(_results, units, finish)
    except WorkerDiedError:
        raise RunnerError(
            "a process was killed while it read audio; out of memory? Run the same command again, "
            "with fewer --workers"
        ) from None
    return [value for number in range(len(units)) for value in results[number]]


def map_stream(
    runner: Runner,
    function: Callable[[_T], _R],
    items: Iterable[_T],
    *,
    per_unit: int,
    advance: Callable[[int], None],
) -> Iterator[tuple[_T, _R]]:
    """Each item with `function(item)`, in their order, for items that are too many to hold.

    Raises:
      As `map_items`.
    """
    stream = iter(items)
    while block := [*islice(stream, _UNITS_AT_ONCE * per_unit)]:
        results = map_items(runner, function, block, per_unit=per_unit, advance=advance)
        yield from zip(block, results, strict=True)


def _results(function: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
    return [function(item) for item in items]
