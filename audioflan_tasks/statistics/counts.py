"""Instances by task and corpus, and what is heard in them.

A tree is read record by record. Of a store the groups of `store.json` and one column of numbers in
each shard are read; answers only of tasks that name sounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.records import Ledger, iter_instances
from audioflan_tasks.records.instance import Split
from audioflan_tasks.statistics.sounds import attributes_heard, names_sounds
from audioflan_tasks.store import Store

__all__ = ["InstanceCounts", "count_corpus"]

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class InstanceCounts:
    """Numbers of instances: by task id and corpus, and by task id and attribute heard.

    `without_task` are of no task that the catalogue knows; they are counted nowhere else.
    `lost_lines` gave no record at all (`audioflan check` says why).
    """

    instances: Counter[tuple[str, str]] = field(default_factory=Counter)
    sounds: Counter[tuple[str, str]] = field(default_factory=Counter)
    without_task: int = 0
    lost_lines: int = 0

    def add(self, row: TaskRow | None, corpus: str, count: int) -> None:
        """Counts instances of a task and a corpus; None is no task that is known."""
        if row is None:
            self.without_task += count
        elif count:
            self.instances[row.id, corpus] += count

    def add_answer(self, row: TaskRow, answer: str) -> None:
        """Counts what an answer says is heard, each attribute once."""
        self.sounds.update((row.id, attribute) for attribute in attributes_heard(row, answer))

    @property
    def by_task(self) -> Counter[str]:
        """Numbers of instances by task id."""
        counts = Counter[str]()
        for (task, _), count in self.instances.items():
            counts[task] += count
        return counts

    def scaled(self, draws: Mapping[str, float]) -> InstanceCounts:
        """The counts that so many draws of each task (id) are expected to give, rounded."""
        sizes = self.by_task

        def scale(counts: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
            factors = {task: draws.get(task, 0.0) / size for task, size in sizes.items() if size}
            scaled_counts = {k: round(count * factors[k[0]]) for k, count in counts.items()}
            return Counter({key: count for key, count in scaled_counts.items() if count})

        return InstanceCounts(scale(self.instances), scale(self.sounds))


def count_corpus(
    corpus: Corpus, split: str = "", progress: Progress = lambda count, total: None
) -> InstanceCounts:
    """Counts the instances of a corpus, of one split or of all ("").

    Args:
      progress: called with shards done and all shards, of a store.

    Raises:
      UnknownNameError: no such split.
      RecordError: there are no records to read.
      StoreError: a shard cannot be read.
    """
    if split and split not in get_args(Split):
        raise UnknownNameError("split", split, get_args(Split))
    counts = InstanceCounts()
    if not corpus.stores:
        _count_records(counts, corpus, split)
    total = sum(store.shard_count for store in corpus.stores)
    for shard_count, (store, number) in enumerate(_shards(corpus), 1):
        _count_shard(counts, store, number, split)
        progress(shard_count, total)
    return counts


def _count_records(counts: InstanceCounts, corpus: Corpus, split: str) -> None:
    ledger, rows = Ledger(), _rows_by_id()
    for instance in iter_instances(corpus.root, ledger=ledger):
        if split in ("", instance.split):
            row = rows.get(instance.task)
            counts.add(row, instance.corpus, 1)
            if row is not None:
                counts.add_answer(row, instance.output)
    counts.lost_lines += sum(ledger.problems.values())


def _shards(corpus: Corpus) -> Iterator[tuple[Store, int]]:
    return ((store, number) for store in corpus.stores for number in range(store.shard_count))


def _count_shard(counts: InstanceCounts, store: Store, number: int, split: str) -> None:
    rows, tasks = store.shard(number).rows, _rows_by_id()
    names, numbers = rows.corpora
    begin = 0
    for group in rows.groups:
        end = begin + group.rows
        if split in ("", group.split):
            # A store may have tasks of a user's package that is not here.
            task = tasks.get(group.task)
            group_counts = np.bincount(numbers[begin:end], minlength=len(names)).tolist()
            for name, count in zip(names, group_counts, strict=True):
                counts.add(task, name, count)
            if task is not None and names_sounds(task):
                for answer in rows.outputs(begin, end):
                    counts.add_answer(task, answer)
        begin = end


def _rows_by_id() -> Mapping[str, TaskRow]:
    return {row.id: row for row in catalogue.tasks()}
