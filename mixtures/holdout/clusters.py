"""Held-out tasks: clusters of tasks that give each other away, and folds of clusters.

Ours, not the authors': the paper speaks of unseen tasks, but no public record sets its
`unseen` flag and no list was published. As in FLAN (Wei et al. 2022, section 2.2) tasks
are held out by cluster: a task goes with everything that would give its answer away.
A cluster is what the catalogue links by *inverse* (recognition and synthesis), *twin* (the
same question in another form) or *companion* (one question in two domains).

The default set has one or two clusters per domain and category: those of the rows with
`held_out_by_default`. None shares an inverse or a twin with the remainder. A single held-out
task whose inverse is trained on would measure memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX, TaskRow
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.records import Instance

__all__ = [
    "HoldOut",
    "cluster_list",
    "clusters",
    "folds",
    "held_out",
    "leave_one_cluster_out",
]

_FOLDS = 8


@dataclass(frozen=True, slots=True)
class HoldOut:
    """What is held out: tasks by name, and records by corpus, origin or language.

    `tasks` are measured; `refused` may not be trained on: the whole cluster of each.
    A record that carries `unseen: true` is measured and never trained on, whatever its
    task. `unseen: false` is ignored, since every record of the paper has it.
    """

    name: str
    tasks: frozenset[str]
    refused: frozenset[str]
    corpora: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()

    @property
    def by_record(self) -> bool:
        """Whether single records are held out, not only whole tasks."""
        return bool(self.corpora or self.origins or self.languages)

    def for_training(self, instance: Instance) -> bool:
        """Whether a record may be trained on."""
        return not (
            instance.unseen or PREFIX + instance.task in self.refused or self._is_listed(instance)
        )

    def for_evaluation(self, instance: Instance) -> bool:
        """Whether a record measures what is held out."""
        return instance.unseen or PREFIX + instance.task in self.tasks or self._is_listed(instance)

    def refuse(self, names: Iterable[str]) -> None:
        """Raises MixtureError where a name may not be trained on, and says why."""
        wrong = sorted(set(names) & self.refused)
        if wrong:
            raise MixtureError(
                f"held out for evaluation ({self.name}): {', '.join(map(self._why, wrong))}; "
                "leave them out of training (exclude=...)"
            )

    def _why(self, name: str) -> str:
        if name in self.tasks:
            return name
        neighbours = sorted(clusters()[name] & self.tasks)
        return f"{name} (in one cluster with {neighbours[0]})" if neighbours else name

    def _is_listed(self, instance: Instance) -> bool:
        return (
            (bool(self.corpora) and instance.corpus.lower() in _folded_corpora(self.corpora))
            or (
                bool(self.origins)
                and not _folded(self.origins).isdisjoint(map(str.lower, instance.source))
            )
            or (bool(self.languages) and instance.language.lower() in _folded(self.languages))
        )


def clusters() -> Mapping[str, frozenset[str]]:
    """For each task name the tasks that are held out with it, itself included."""
    return _clusters(catalogue.tasks())


def cluster_list() -> tuple[frozenset[str], ...]:
    """Each cluster once, in the order of the catalogue."""
    return tuple(dict.fromkeys(clusters()[row.name] for row in catalogue.tasks()))


def held_out() -> frozenset[str]:
    """Names of the tasks held out by default: their whole clusters."""
    by_task = clusters()
    defaults = (row.name for row in catalogue.tasks() if row.held_out_by_default)
    return frozenset(name for task in defaults for name in by_task[task])


def folds(count: int = _FOLDS) -> tuple[HoldOut, ...]:
    """The default suite: `count` folds that together hold every task out exactly once.

    Fold 0 is the default held-out set (`audioflan_unseen`). The other clusters are dealt
    out, largest first, to the fold with the fewest tasks of that domain, then the fewest
    tasks. A model is trained once per fold, on the rest.

    Raises:
      MixtureError: fewer than 2 folds, or more than there are clusters to fill them.
    """
    first = held_out()
    other_clusters = [c for c in cluster_list() if not c & first]
    if not 2 <= count <= len(other_clusters) + 1:
        raise MixtureError(f"folds: expected 2 to {len(other_clusters) + 1} folds, got {count}")
    task_sets: list[set[str]] = [set() for _ in range(count - 1)]
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
        HoldOut(f"fold {number} of {count}", frozenset(names), frozenset(names))
        for number, names in enumerate((first, *task_sets))
    )


def leave_one_cluster_out() -> tuple[HoldOut, ...]:
    """One fold per cluster, as FLAN's ablations have it; every task is held out exactly once."""
    all_clusters = cluster_list()
    return tuple(
        HoldOut(f"cluster {number} of {len(all_clusters)}", names, names)
        for number, names in enumerate(all_clusters)
    )


def _count_of_domain(domain: str, names: Iterable[str]) -> int:
    return sum(catalogue.get(name).domain == domain for name in names)


@lru_cache(maxsize=64)
def _folded(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


@lru_cache(maxsize=64)
def _folded_corpora(names: frozenset[str]) -> frozenset[str]:
    """Names of corpora in any spelling, as those of records are compared with them."""
    return frozenset(catalogue.corpus_of_folder(name).lower() for name in names)


@lru_cache(maxsize=8)
def _clusters(rows: tuple[TaskRow, ...]) -> dict[str, frozenset[str]]:
    neighbours: dict[str, set[str]] = defaultdict(set)
    pairs = [
        (row.id, other) for row in rows for other in (*row.inverse, *row.twins, *row.companions)
    ]
    for task, other in pairs:
        neighbours[PREFIX + task].add(PREFIX + other)
        neighbours[PREFIX + other].add(PREFIX + task)
    clusters_of: dict[str, frozenset[str]] = {}
    for row in rows:
        if row.name not in clusters_of:
            members, todo = {row.name}, [row.name]
            while todo:
                new = neighbours[todo.pop()] - members
                members |= new
                todo += new
            clusters_of |= dict.fromkeys(members, frozenset(members))
    return clusters_of
