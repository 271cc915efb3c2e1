"""Means over tasks on the normalised scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from audioflan_tasks.evaluation.results import Macro, TaskResult
from audioflan_tasks.evaluation.scoring.statistics import mean_bounds

__all__ = ["macros"]

_GROUPS: tuple[tuple[str, Callable[[TaskResult], str]], ...] = (
    ("all", lambda r: "all"),
    ("domain", lambda r: r.domain),
    ("category", lambda r: r.category),
    ("major", lambda r: r.major),
)


def macros(results: Sequence[TaskResult]) -> list[Macro]:
    """Means over all tasks, and by domain, category and major; every task has the same weight.

    Tasks with grade W, with transport errors or without a score are left out. Intervals come
    from those of the tasks: they are about other examples of these tasks, not other tasks.
    """
    return list(_macros([r for r in results if r.headline]))


def _macros(results: Sequence[TaskResult]) -> Iterator[Macro]:
    for group, key in _GROUPS:
        for name in dict.fromkeys(key(r) for r in results):
            members = [_spread(r) for r in results if key(r) == name]
            low, high = mean_bounds(members)
            yield Macro(
                group=group, name=name, value=sum(value for value, *_ in members) / len(members),
                low=low, high=high, tasks=len(members),
            )  # fmt: skip


def _spread(result: TaskResult) -> tuple[float, float, float]:
    values = (result.normalised, result.normalised_low, result.normalised_high)
    return tuple(0.0 if value is None else value for value in values)  # type: ignore[return-value]
