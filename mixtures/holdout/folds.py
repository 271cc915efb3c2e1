"""Folds: hold-outs that together measure every task exactly once."""

from __future__ import annotations

from collections.abc import Iterable

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import snake
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.holdout.clusters import (
    DEFAULT_WIDTH,
    Width,
    cluster_list,
    held_out,
    refused_with,
)
from audioflan_tasks.mixtures.holdout.hold_out import HoldOut

__all__ = ["folds", "leave_one_cluster_out"]

_FOLDS = 8


def folds(count: int = _FOLDS, width: Width = DEFAULT_WIDTH) -> tuple[HoldOut, ...]:
    """The default suite: `count` folds of whole clusters that together measure every task once.

    Where the default held-out set is made of whole clusters, as in widths `family` and `task`,
    fold 0 is that set (`audioflan_unseen`). The other clusters are dealt out, largest first, to the
    fold with the fewest tasks of that domain, then the fewest tasks. A model is trained once per
    fold, on the tasks that the fold does not refuse.

    Raises:
      MixtureError: fewer than 2 folds, or more than there are clusters to fill them.
      UnknownNameError: no such width.
    """
    first = [held_out()] if _is_of_whole_clusters(held_out(), width) else []
    other_clusters = [c for c in cluster_list(width) if not first or not c & first[0]]
    most_folds = len(other_clusters) + len(first)
    if not 2 <= count <= most_folds:
        raise MixtureError(f"folds: expected 2 to {most_folds} folds, got {count}")
    task_sets: list[set[str]] = [set() for _ in range(count - len(first))]
    for cluster in sorted(other_clusters, key=len, reverse=True):
        domain = catalogue.get(next(iter(sorted(cluster)))).domain
        place = min(
            range(len(task_sets)),
            key=lambda fold: (
                _count_of_domain(domain, task_sets[fold]),
                len(task_sets[fold]),
                fold,
            ),
        )
        task_sets[place] |= cluster
    return tuple(
        _fold(f"fold {number} of {count}", names, width)
        for number, names in enumerate((*first, *task_sets))
    )


def leave_one_cluster_out(width: Width = DEFAULT_WIDTH) -> tuple[HoldOut, ...]:
    """One fold per cluster, as FLAN's ablations have it; every task is measured exactly once.

    Raises:
      UnknownNameError: no such width.
    """
    return tuple(_fold(_name_of(names, width), names, width) for names in cluster_list(width))


def _is_of_whole_clusters(names: frozenset[str], width: Width) -> bool:
    return all(c <= names or not c & names for c in cluster_list(width))


def _fold(name: str, names: Iterable[str], width: Width) -> HoldOut:
    return HoldOut(name, frozenset(names), refused_with(names, width), width=width)


def _name_of(names: frozenset[str], width: Width) -> str:
    """A name for a cluster that can be one of a folder: its family, major or first task."""
    row = next(row for row in catalogue.tasks() if row.name in names)
    return snake({"family": row.family_name, "major": row.major}.get(width, row.id))


def _count_of_domain(domain: str, names: Iterable[str]) -> int:
    return sum(catalogue.get(name).domain == domain for name in names)
