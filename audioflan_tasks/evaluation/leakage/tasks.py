"""Leaks between tasks: inverses, twins, and instructions that two pools share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from audioflan_tasks import catalogue
from audioflan_tasks.evaluation.gold_parsing import plain
from audioflan_tasks.mixtures.holdout.clusters import clusters
from audioflan_tasks.preprocessors.templates import PoolNotFoundError, pool

__all__ = ["related", "shared_templates"]


def related(train: Iterable[str], measured: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(training task, measured task) in one cluster, for measured tasks that are not trained on."""
    by_id = {name.removeprefix("audioflan_"): tasks for name, tasks in clusters().items()}
    trained = set(train)
    for task in sorted(set(measured) - trained):
        for other in sorted(by_id.get(task, ())):
            relative = other.removeprefix("audioflan_")
            if relative in trained:
                yield relative, task


def shared_templates(
    train: Iterable[str], measured: Iterable[str], languages: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """(training task, measured task) whose pools of these languages hold the same instruction."""
    trained = set(train)
    owners: dict[str, str] = {}
    for task in sorted(trained):
        owners |= dict.fromkeys(_instructions(task, languages), task)
    for task in sorted(set(measured) - trained):
        texts = _instructions(task, languages)
        for other in sorted({owners[text] for text in texts if text in owners}):
            yield other, task


def _instructions(task: str, languages: Sequence[str]) -> set[str]:
    row = catalogue.get(task)
    instructions = set()
    for language in languages:
        try:
            task_pool = pool(row.id, row.pool or None, row=row, language=language)
        except PoolNotFoundError:
            continue
        instructions |= {plain(i.ask) for i in task_pool.instruction}
    return instructions
