"""What an evaluation over folds found: a summary of each fold, and all of a width as one run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from audioflan_tasks.evaluation.results import Hearing, Results
from audioflan_tasks.evaluation.scoring.macros import macros

__all__ = ["FoldScore", "FoldsResults", "fold_score", "merged"]


class FoldScore(msgspec.Struct, frozen=True, kw_only=True):
    """One fold: tasks that are measured, number of tasks to train on, mean score and interval.

    `scores` are the tasks' scores on the scale of 0 to 100, of those that count; `failed` the
    tasks that failed or lack answers. `value` is None where no task counts.
    """

    name: str
    tasks: list[str]
    training_tasks: int
    scores: dict[str, float]
    failed: list[str]
    value: float | None
    low: float | None
    high: float | None


class FoldsResults(msgspec.Struct, frozen=True, kw_only=True):
    """The folds of each width, and what they were run with."""

    models: str
    arguments: dict[str, Any]
    widths: dict[str, list[FoldScore]]
    seconds: float = 0.0

    def mean(self, width: str) -> float | None:
        """Mean score over all tasks that count, each of which is in one fold of a width."""
        scores = [score for fold in self.widths[width] for score in fold.scores.values()]
        return sum(scores) / len(scores) if scores else None

    @property
    def failed(self) -> list[str]:
        """Tasks that failed or lack answers, in any width."""
        return sorted({t for folds in self.widths.values() for fold in folds for t in fold.failed})


def fold_score(name: str, tasks: Sequence[str], training_tasks: int, run: Results) -> FoldScore:
    """The summary of a fold that was run."""
    macro = run.macro()
    scores = {t.task: t.normalised for t in run.tasks if t.headline and t.normalised is not None}
    return FoldScore(
        name=name, tasks=sorted(tasks), training_tasks=training_tasks, scores=scores,
        failed=[t.task for t in run.tasks if t.status != "scored"],
        value=None if macro is None else macro.value, low=None if macro is None else macro.low,
        high=None if macro is None else macro.high,
    )  # fmt: skip


def merged(name: str, runs: Sequence[Results]) -> Results:
    """The runs of folds, which measure different tasks, as one run over all of them."""
    tasks = [task for run in runs for task in run.tasks]
    hashes = "".join(run.mixture_hash for run in runs)
    return msgspec.structs.replace(
        runs[0], mixture=name, mixture_hash=hashlib.sha256(hashes.encode()).hexdigest()[:16],
        started=min(run.started for run in runs), seconds=sum(run.seconds for run in runs),
        tasks=tasks, macros=macros(tasks), hearing=_hearing(runs), probes={},
        gold=[fault for run in runs for fault in run.gold],
        left_out={task: reason for run in runs for task, reason in run.left_out.items()},
    )  # fmt: skip


def _hearing(runs: Sequence[Results]) -> Hearing | None:
    parts = [run.hearing for run in runs if run.hearing is not None]
    if not parts:
        return None
    return Hearing(
        asked=sum(part.asked for part in parts),
        same_without=sum(part.same_without for part in parts),
        same_shuffled=sum(part.same_shuffled for part in parts),
    )
