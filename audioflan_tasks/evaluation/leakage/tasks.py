"""Leaks between tasks: inverses, twins, and instructions that two pools share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from audioflan_tasks import catalogue
from audioflan_tasks.config import settings
from audioflan_tasks.evaluation.gold_parsing import plain
from audioflan_tasks.mixtures.holdout.clusters import clusters
from audioflan_tasks.preprocessors.templates import PoolNotFoundError, pool

__all__ = ["related", "shared_templates"]


def related(train: Iterable[str], measured: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(training task, measured task) in one cluster, for measured tasks that are not trained on."""
    seen, by_id = set(train), {n.removeprefix("audioflan_"): c for n, c in clusters().items()}
    for task in sorted(set(measured) - seen):
        for other in sorted(by_id.get(task, ())):
            near = other.removeprefix("audioflan_")
            if near in seen:
                yield near, task


def shared_templates(train: Iterable[str], measured: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(training task, measured task) whose pools hold the same instruction."""
    seen = set(train)
    asked: dict[str, str] = {}
    for task in sorted(seen):
        asked |= dict.fromkeys(_instructions(task), task)
    for task in sorted(set(measured) - seen):
        for other in sorted({asked[text] for text in _instructions(task) if text in asked}):
            yield other, task


def _instructions(task: str) -> set[str]:
    row = catalogue.get(task)
    found = set()
    for language in settings.languages:
        try:
            made = pool(row.id, row.pool or None, row=row, language=language)
        except PoolNotFoundError:
            continue
        found |= {plain(i.ask) for i in made.instruction}
    return found
