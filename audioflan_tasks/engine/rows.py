"""What the engine reads rows from: a corpus, or a memory-mapped store."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.training_filter import TrainingFilter, training_filter
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.foreign import ForeignReading, ForeignRows, get, is_foreign
from audioflan_tasks.mixtures import Mix
from audioflan_tasks.mixtures.plan.plan import UNKNOWN_SIZE
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.records import Instance
from audioflan_tasks.records.row_filter import open_values_of
from audioflan_tasks.store import ShardReader, TaskRows

__all__ = ["RowStore", "Rows", "filter_of", "rows_of"]

I64 = NDArray[np.int64]

NO_FOREIGN_TASKS: Mapping[str, ForeignRows] = MappingProxyType({})
NO_LENGTHS: Mapping[str, int] = MappingProxyType({})

# Rows whose content stands for that of all, beside their number.
_PROBES = 4


@runtime_checkable
class RowStore(Protocol):
    """The reading surface of a store; task ids are without prefix."""

    tokenizer: str
    text: str

    @property
    def codebook_sizes(self) -> tuple[int, ...]: ...

    def pairs(self) -> Sequence[tuple[str, str]]: ...

    def size(self, task: str, split: str) -> int: ...

    def instance(self, task: str, split: str, row: int) -> Instance: ...

    def task_rows(self, task: str, split: str) -> TaskRows:
        """Where a task's rows lie: the numbers of their shards in order, what to add to a row to
        have its place among the usable rows there, and the number after the last row."""
        ...

    def shard(self, number: int) -> ShardReader: ...

    def codes(self, task: str, split: str, row: int) -> list[NDArray[np.uint16]]:
        """[frames, codebooks] of each audio span, input before output."""
        ...

    def text_ids(self, task: str, split: str, row: int) -> list[NDArray[Any]]: ...

    def lengths(self, task: str, split: str) -> NDArray[Any]:
        """All rows: text_in, text_out, frames_in, frames_out, seconds_in, seconds_out."""
        ...


class Rows:
    """Rows of one split of a corpus, by registry name; those that a mixture's filter keeps."""

    def __init__(
        self,
        corpus: Corpus,
        split: str,
        options: ExampleOptions,
        kept_rows: Mapping[str, I64] | None = None,
        foreign: Mapping[str, ForeignRows] = NO_FOREIGN_TASKS,
        training: TrainingFilter | None = None,
    ) -> None:
        self.corpus, self.split, self.options, self.training = corpus, split, options, training
        self.store = cast("RowStore | None", corpus.store_for(options))
        # Tasks that are not in it keep all their rows.
        self.foreign, self._kept_rows = foreign, kept_rows or {}
        self._fingerprints: dict[str, bytes] = {}

    def __getstate__(self) -> dict[str, Any]:
        # Another process looks for itself whether these are its records.
        fields = {name: v for name, v in self.__dict__.items() if name != "_foreign_sizes"}
        return {**fields, "_fingerprints": {}}

    @property
    def sizes(self) -> dict[str, int]:
        """Rows by task, for those that have any; `UNKNOWN_SIZE` where nobody knows."""
        kept_sizes = {task: len(rows) for task, rows in self._kept_rows.items()}
        own_sizes = {t: n for t, n in {**self._own_sizes(), **kept_sizes}.items() if n}
        return {**own_sizes, **self._foreign_sizes} if self.foreign else own_sizes

    def _own_sizes(self) -> dict[str, int]:
        """Rows of the store, which are fewer than the corpus's where a build left out some."""
        if self.store is None:
            return self.corpus.sizes(self.split)
        pairs = [(task, split) for task, split in self.store.pairs() if split == self.split]
        sizes = {PREFIX + task: self.store.size(task, split) for task, split in pairs}
        return {task: size for task, size in sizes.items() if size}

    @cached_property
    def _foreign_sizes(self) -> dict[str, int]:
        sizes = {task: rows.size for task, rows in self.foreign.items()}
        return {t: UNKNOWN_SIZE if n is None else n for t, n in sizes.items() if n != 0}

    @property
    def in_order(self) -> tuple[str, ...]:
        """Tasks whose rows are read one after the other."""
        return tuple(task for task, rows in self.foreign.items() if rows.keeps_order)

    def place(self, task: str, epoch: int, row: int, seed: int) -> tuple[str, str]:
        """uuid and place ("file:line") of a row."""
        if task in self.foreign:
            example = self.foreign[task].example(seed, epoch, row)
            return ("", "") if example is None else (example.uuid, example.place)
        instance = self.instance(task, row)
        return instance.uuid, instance.where

    def corpus_row(self, task: str, row: int) -> int:
        """The row of the corpus that a row stands for."""
        kept_rows = self._kept_rows.get(task)
        return row if kept_rows is None else int(kept_rows[row])

    def corpus_rows(self, tasks: Sequence[str], task: I64, row: I64) -> I64:
        """The same for many rows, each of the task of that number."""
        if not self._kept_rows:
            return row
        corpus_row = row.copy()
        for number in (n for n, name in enumerate(tasks) if name in self._kept_rows):
            of_task = task == number
            corpus_row[of_task] = self._kept_rows[tasks[number]][row[of_task]]
        return corpus_row

    def instance(self, task: str, row: int) -> Instance:
        """The record of a row."""
        number = self.corpus_row(task, row)
        if self.store is None:
            return self.corpus.instance(task, self.split, number)
        return self.store.instance(task.removeprefix(PREFIX), self.split, number)

    def lengths(self, task: str) -> NDArray[Any] | None:
        """Measured lengths of all rows of a task, or None where there is no store."""
        if self.store is None or task in self.foreign:
            return None
        lengths = self.store.lengths(task.removeprefix(PREFIX), self.split)
        return lengths[self._kept_rows[task]] if task in self._kept_rows else lengths

    def fingerprint(self, task: str) -> bytes:
        """Two bytes that change with the number of rows of a task, and with most other changes.

        A few records are read, none of the audio.
        """
        if task not in self._fingerprints:
            foreign_rows = self.foreign.get(task)
            digest = self._digest(task) if foreign_rows is None else foreign_rows.digest()
            self._fingerprints[task] = digest[:2]
        return self._fingerprints[task]

    def _digest(self, task: str) -> bytes:
        size = self.sizes.get(task, 0)
        digest = hashlib.sha256(f"{task}\x1f{self.split}\x1f{size}".encode())
        probes = {i * (size - 1) // (_PROBES - 1) for i in range(_PROBES)} if size else set()
        for row in sorted(probes):
            record = self.instance(task, row)
            digest.update(f"\x1f{record.uuid}\x1f{record.input}\x1f{record.output}".encode())
        return digest.digest()


def filter_of(mix: Mix, corpus: Corpus) -> TrainingFilter:
    """What of a corpus a mixture trains on: the one filter of rows, exemplars and dialogues.

    Raises:
      MixtureError: it holds out a corpus, origin, language or speaker of no record.
    """
    return training_filter(corpus, mix.rows, mix.hold_out.records, mix.hold_out.refused)


def rows_of(
    mix: Mix,
    corpus: Corpus,
    split: str,
    options: ExampleOptions,
    *,
    lengths: Mapping[str, int] = NO_LENGTHS,
    shuffle: bool = True,
    epochs: int | None = None,
) -> Rows:
    """The rows that a mixture draws from; every record is read once where it filters rows.

    Records that say `unseen: true` are in none, unless the filter of rows asks for them.

    `lengths`, `shuffle` and `epochs` say how foreign tasks are read (`foreign.ForeignReading`).

    Raises:
      MixtureError: the filter leaves nothing, names a corpus, origin or language of no record, or
        asks for what a foreign task does not say; or a foreign task cannot be mixed with ours.
    """
    reading = ForeignReading(split, options, lengths, shuffle, epochs)
    foreign = {task: get(task).rows(reading) for task in mix.tasks if is_foreign(task)}
    training = filter_of(mix, corpus)
    own_tasks = [name for name in mix.tasks if name not in foreign]
    if not training.reads_records:
        kept_numbers = _without_unseen(corpus, split, own_tasks)
        return Rows(corpus, split, options, kept_numbers, foreign, training)
    for task in foreign:
        if mix.rows and not mix.rows.keeps(Instance(instruction="", input="", output="")):
            raise MixtureError(
                f"{task} has no records that rows={mix.rows.description} could look at, so nothing "
                "of it is left; filter by not_… only, or leave the task out"
            )
    all_rows = Rows(corpus, split, options)
    sizes = all_rows.sizes
    kept_rows: dict[str, list[int]] = defaultdict(list)
    missing_values = set(mix.rows.open_values)
    for task in own_tasks:
        for row in range(sizes.get(task, 0)):
            instance = all_rows.instance(task, row)
            missing_values -= open_values_of(instance) if missing_values else set()
            if training.keeps(instance):
                kept_rows[task].append(row)
    # Another task or split may have them: only what no record has is a mistake.
    mistake = mix.rows.unmatched_text(corpus.instances()) if missing_values else ""
    if not kept_rows and not foreign:
        filters = {**mix.rows.description, **mix.hold_out.description}
        nothing = f"no record of split {split!r} passes the filter {filters}"
        raise MixtureError(f"{nothing}; {mistake}" if mistake else nothing)
    if mistake:
        raise MixtureError(mistake)
    tasks = {*sizes, *own_tasks} - {*foreign}
    numbers = {task: np.array(kept_rows.get(task, ()), np.int64) for task in tasks}
    return Rows(corpus, split, options, numbers, foreign, training)


def _without_unseen(corpus: Corpus, split: str, tasks: Sequence[str]) -> dict[str, I64]:
    """Rows but those that say `unseen: true`, of each task that has some of these."""
    unseen = {task: corpus.unseen_rows(task, split) for task in tasks}
    return {
        task: np.setdiff1d(np.arange(corpus.size(task, split)), rows, assume_unique=True)
        for task, rows in unseen.items()
        if len(rows)
    }
