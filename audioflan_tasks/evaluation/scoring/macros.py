"""Means over tasks on the normalised scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from audioflan_tasks.evaluation.results import Macro, TaskResult
from audioflan_tasks.evaluation.scoring.normalisation import Anchors, normalise, on_line
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

    Tasks with grade W, with transport errors or without a score are left out, but `worst case`
    counts 0 for those that were to have a score. Intervals come from those of the tasks: they are
    about other examples of these tasks, not other tasks.
    """
    scored = [r for r in results if r.headline]
    lost = [r for r in results if r.status != "scored" and "W" not in r.grades]
    means = list(_macros(scored))
    if scored or lost:
        means.insert(1, _macro("worst case", "worst case", scored, len(lost)))
    return means


def _macros(results: Sequence[TaskResult]) -> Iterator[Macro]:
    for group, key in _GROUPS:
        for name in dict.fromkeys(key(r) for r in results):
            yield _macro(group, name, [r for r in results if key(r) == name])


def _macro(group: str, name: str, results: Sequence[TaskResult], zeros: int = 0) -> Macro:
    """The mean of results, and of so many zeros.

    Scores are not below 0. Their mean is too high where they are there by chance, so the lower
    bound is that of the mean without this limit.
    """
    spreads = [_spread(r, normalise) for r in results] + [(0.0, 0.0, 0.0)] * zeros
    lines = [_spread(r, on_line) for r in results] + [(0.0, 0.0, 0.0)] * zeros
    return Macro(
        group=group, name=name, value=sum(value for value, *_ in spreads) / len(spreads),
        low=max(0.0, mean_bounds(lines)[0]), high=min(100.0, mean_bounds(spreads)[1]),
        tasks=len(spreads),
    )  # fmt: skip


def _spread(
    result: TaskResult, scaled: Callable[[Any, Anchors], Any]
) -> tuple[float, float, float]:
    """The first metric of a scored task on the scale: value, low, high."""
    first = result.primary
    assert first is not None and result.chance is not None and result.best is not None
    ends = np.array([first.value, first.low, first.high])
    value, *bounds = np.clip(scaled(ends, Anchors(result.chance, result.best)), -100.0, 100.0)
    return float(value), float(min(bounds)), float(max(bounds))
