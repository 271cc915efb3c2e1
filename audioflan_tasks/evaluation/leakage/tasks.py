"""Leaks between tasks: the measured task itself, its sisters, and instructions of two pools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from audioflan_tasks import catalogue
from audioflan_tasks.evaluation.gold_parsing import plain
from audioflan_tasks.mixtures import Width
from audioflan_tasks.mixtures.holdout.clusters import clusters
from audioflan_tasks.preprocessors.templates import PoolNotFoundError, pool

__all__ = ["related_tasks", "shared_templates"]


def related_tasks(
    train_tasks: Iterable[str], eval_tasks: Iterable[str], width: Width, *narrower: Width
) -> Iterator[tuple[str, str]]:
    """(training task, evaluation task) in one cluster of a width, and in none of `narrower`.

    Evaluation tasks that are trained on themselves are left out.
    """
    train_ids = set(train_tasks)
    for task in sorted(set(eval_tasks) - train_ids):
        relatives = _cluster(task, width).difference(*(_cluster(task, other) for other in narrower))
        yield from ((relative, task) for relative in sorted(relatives & train_ids))


def _cluster(task: str, width: Width) -> frozenset[str]:
    members = clusters(width)[catalogue.get(task).name]
    return frozenset(catalogue.get(name).id for name in members)


def shared_templates(
    train_tasks: Iterable[str], eval_tasks: Iterable[str], languages: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """(training task, evaluation task) whose pools in these languages have a common instruction."""
    train_ids = set(train_tasks)
    owners: dict[str, str] = {}
    for task in sorted(train_ids):
        owners |= dict.fromkeys(_instructions(task, languages), task)
    for task in sorted(set(eval_tasks) - train_ids):
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
