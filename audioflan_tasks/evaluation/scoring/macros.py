"""Means over tasks on the normalised scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.evaluation.results import Macro, TaskResult
from audioflan_tasks.evaluation.scoring.statistics import spread
from audioflan_tasks.evaluation.scoring.task import TaskScore

__all__ = ["macros"]

_GROUPS: tuple[tuple[str, Callable[[TaskResult], str]], ...] = (
    ("all", lambda r: "all"),
    ("domain", lambda r: r.domain),
    ("category", lambda r: r.category),
    ("major", lambda r: r.major),
)


def macros(scores: Sequence[TaskScore]) -> list[Macro]:
    """Means over all tasks, and by domain, category and major; every task has the same weight.

    Tasks with grade W, with transport errors or without a score are left out. Intervals
    resample the examples of each task, not the tasks, so they hold for this set of tasks.
    """
    return list(_macros([s for s in scores if s.result.headline]))


def _macros(scores: Sequence[TaskScore]) -> Iterator[Macro]:
    for group, key in _GROUPS:
        for name in dict.fromkeys(key(s.result) for s in scores):
            members = [s for s in scores if key(s.result) == name]
            values = [s.result.normalised for s in members if s.result.normalised is not None]
            means = np.mean([_without_gaps(s.replicates) for s in members], axis=0)
            bounds = spread(means)
            yield Macro(
                group=group, name=name, value=float(np.mean(values)), low=bounds.low,
                high=bounds.high, tasks=len(members),
            )  # fmt: skip


def _without_gaps(replicates: NDArray[np.float64]) -> NDArray[np.float64]:
    """The replicates, with the mean of the finite ones in the place of NaN and infinities."""
    finite = np.isfinite(replicates)
    return np.where(finite, replicates, replicates[finite].mean() if finite.any() else np.nan)
