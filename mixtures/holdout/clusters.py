"""Tasks that give each other away, in three widths.

Ours, not the authors': the paper speaks of unseen tasks, but no public record sets its `unseen`
flag and no list was published. As in FLAN (Wei et al. 2022, section 2.2) tasks are held out by
cluster: a task goes with everything that would give its answer away. How much that is has no one
answer, so there are three widths, each with clusters that cover every task once:

- `task`: what the catalogue links by *inverse* (recognition and synthesis), *twin* (the same
  question in another form) or *companion* (one question in two domains), and what that links.
- `family`: what shares a skill (`TaskRow.family`); the default.
- `major`: the major tasks of the paper.

Whatever the width, a measured task's cluster of width `task` is not trained on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Literal, get_args

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import FAMILIES, PREFIX, TaskRow, snake
from audioflan_tasks.errors import UnknownNameError

__all__ = [
    "DEFAULT_WIDTH", "WIDTHS", "Width", "cluster_list", "clusters", "clusters_of", "families",
    "held_out", "refused_with",
]  # fmt: skip

Width = Literal["task", "family", "major"]

WIDTHS: tuple[Width, ...] = get_args(Width)
DEFAULT_WIDTH: Width = "family"


def clusters(width: Width = DEFAULT_WIDTH) -> Mapping[str, frozenset[str]]:
    """For each task name the tasks of its cluster, itself included.

    Raises:
      UnknownNameError: no such width.
    """
    if width not in _CLUSTERS:
        raise UnknownNameError("width of clusters", width, WIDTHS)
    return _clusters(catalogue.tasks(), width)


def cluster_list(width: Width = DEFAULT_WIDTH) -> tuple[frozenset[str], ...]:
    """Each cluster once, in the order of the catalogue."""
    return tuple(dict.fromkeys(clusters(width)[row.name] for row in catalogue.tasks()))


def families() -> Mapping[str, frozenset[str]]:
    """Task names by family, in the order of the catalogue."""
    by_task = clusters("family")
    return {row.family_name: by_task[row.name] for row in catalogue.tasks()}


def clusters_of(name: str, width: Width = DEFAULT_WIDTH) -> frozenset[str]:
    """The cluster that a family, a major task or one of its tasks names.

    Raises:
      UnknownNameError: no such name.
    """
    members_by_name = {snake(family): members for family, members in families().items()}
    if width == "major":
        members_by_name = {snake(row.major): clusters(width)[row.name] for row in catalogue.tasks()}
    if width != "task" and snake(name) in members_by_name:
        return members_by_name[snake(name)]
    try:
        return clusters(width)[catalogue.get(name).name]
    except UnknownNameError:
        if width == "task":
            raise
        names = {*members_by_name, *(row.id for row in catalogue.tasks())}
        raise UnknownNameError(f"{width} or task of one", name, names) from None


def refused_with(names: Iterable[str], width: Width = DEFAULT_WIDTH) -> frozenset[str]:
    """Tasks that may not be trained on where these are measured: they and all that tells of them.

    That is the cluster of each, and whatever is its inverse, twin or companion.
    """
    by_width, by_link = clusters(width), clusters("task")
    return frozenset(other for name in names for other in by_width[name] | by_link[name])


def held_out() -> frozenset[str]:
    """Names of the tasks held out by default: the families that are `unseen_by_default`."""
    by_family = families()
    default = (name for name, family in FAMILIES.items() if family.unseen_by_default)
    return frozenset(task for name in default for task in by_family.get(name, ()))


@lru_cache(maxsize=8)
def _clusters(rows: tuple[TaskRow, ...], width: Width) -> dict[str, frozenset[str]]:
    return _CLUSTERS[width](rows)


def _linked(rows: tuple[TaskRow, ...]) -> dict[str, frozenset[str]]:
    neighbours: dict[str, set[str]] = defaultdict(set)
    pairs = [
        (row.id, other) for row in rows for other in (*row.inverse, *row.twins, *row.companions)
    ]
    for task, other in pairs:
        neighbours[PREFIX + task].add(PREFIX + other)
        neighbours[PREFIX + other].add(PREFIX + task)
    clusters_of_tasks: dict[str, frozenset[str]] = {}
    for row in rows:
        if row.name not in clusters_of_tasks:
            members, todo = {row.name}, [row.name]
            while todo:
                new = neighbours[todo.pop()] - members
                members |= new
                todo += new
            clusters_of_tasks |= dict.fromkeys(members, frozenset(members))
    return clusters_of_tasks


def _grouped_by(key: Callable[[TaskRow], str]) -> _Clustering:
    def group(rows: tuple[TaskRow, ...]) -> dict[str, frozenset[str]]:
        members: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            members[key(row)].add(row.name)
        return {row.name: frozenset(members[key(row)]) for row in rows}

    return group


_Clustering = Callable[[tuple[TaskRow, ...]], dict[str, frozenset[str]]]

_CLUSTERS: Mapping[Width, _Clustering] = {
    "task": _linked,
    "family": _grouped_by(lambda row: row.family_name),
    "major": _grouped_by(lambda row: row.major),
}
