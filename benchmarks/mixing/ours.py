"""Our own loaders: generators of padded batches (ids [rows, longest], task numbers [rows])."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from data import BOOKS, TEMPLATES, build, names, rates, tokenizer
from loading import LONG, Batch, Loader, batch_size, heard, ids_of, padded, spread
from numpy.typing import NDArray

__all__ = ["LOADERS"]


class Flat:
    """Rows of all tasks in flat files, through the store's reading surface."""

    def __init__(self, folder: Path, work: str) -> None:
        counts = np.load(folder / "counts.npy")
        self._first = dict(zip(names(len(counts)), np.cumsum(counts) - counts, strict=True))
        if work == "B":
            self._starts = np.load(folder / "starts.npy", mmap_mode="r").view(np.ndarray)
            codes = np.memmap(folder / "codes.u16", np.uint16, "r")
            # A plain view: a memmap makes a Python object of its class for every slice.
            self._codes = codes.view(np.ndarray).reshape(-1, BOOKS)
        elif work == "A":
            lengths = np.load(folder / "lengths.npy")
            self._at = np.concatenate([[0], np.cumsum(lengths.ravel())])
            self._ids = np.memmap(folder / "ids.i32", np.int32, "r").view(np.ndarray)

    def codes(self, task: str, split: str, row: int) -> list[NDArray[np.uint16]]:
        at = self._first[task] + row
        begin, end = self._starts[at : at + 2].tolist()
        return [self._codes[begin:end]]

    def text_ids(self, task: str, split: str, row: int) -> list[NDArray[np.int32]]:
        at = 2 * (self._first[task] + row)
        a, b, c = self._at[at : at + 3].tolist()
        return [self._ids[a:b], self._ids[b:c]]


def ours(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """The plan, and rows from flat files; texts and templates were tokenized when stored."""
    from audioflan_tasks.mixtures.plan import Plan
    from audioflan_tasks.mixtures.shares import Shares

    counts = np.load(folder / "counts.npy").tolist()
    size = batch_size(work)

    def batches(worker: int, all_workers: int) -> Iterator[Batch]:
        plan = Plan(Shares.constant(names(tasks), rates(counts)), counts, 1)
        store = Flat(folder, work)
        make = {"A": _ours_text, "B": _ours_codes, "C": _ours_audio}[work](folder, store)
        step = worker * size
        while True:
            found = plan.take(step, size)
            yield make([plan.tasks[t] for t in found.task.tolist()], found.row.tolist()), found.task
            step += all_workers * size

    return spread(batches, workers)


def _ours_codes(folder: Path, store: Flat) -> Callable[[list[str], list[int]], Any]:
    def make(tasks: list[str], rows: list[int]) -> NDArray[np.int32]:
        codes = store.codes
        parts = [codes(t, "train", r)[0].reshape(-1) for t, r in zip(tasks, rows, strict=True)]
        out = np.empty((len(parts), max(map(len, parts))), np.int32)
        for row, part in zip(out, parts, strict=True):
            size = len(part)
            row[:size] = part + LONG[:size]
            row[size:] = 0
        return out

    return make


def _ours_text(folder: Path, store: Flat) -> Callable[[list[str], list[int]], Any]:
    model: Any = tokenizer()
    rng = np.random.default_rng(3)
    made = [tuple(np.array(model.encode(part), np.int32) for part in pair) for pair in TEMPLATES]
    end = np.array([1], np.int32)

    def make(tasks: list[str], rows: list[int]) -> NDArray[np.int32]:
        drawn = rng.integers(len(made), size=len(rows)).tolist()
        parts = []
        for task, row, template in zip(tasks, rows, drawn, strict=True):
            asked, answer = store.text_ids(task, "train", row)
            ask, lead = made[template]
            parts.append(np.concatenate((ask, asked, lead, answer, end)))
        return padded(parts)

    return make


def _ours_audio(folder: Path, store: Flat) -> Callable[[list[str], list[int]], Any]:
    def make(tasks: list[str], rows: list[int]) -> NDArray[np.int32]:
        return padded([heard(folder / f"{t}.{r}.wav") for t, r in zip(tasks, rows, strict=True)])

    return make


def ours_tf(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """The plan inside tf.data, blocks of examples by one numpy_function, padded by tf.data.

    More workers are more host processes: each takes every so many blocks.
    """
    import tensorflow as tf

    from audioflan_tasks.mixtures.plan import Plan
    from audioflan_tasks.mixtures.shares import Shares

    counts = np.load(folder / "counts.npy").tolist()
    plan = Plan(Shares.constant(names(tasks), rates(counts)), counts, 1)
    store = Flat(folder, work)
    host, hosts = (int(n) for n in os.environ.get("BENCHMARK_HOST", "0 1").split())

    def block(number: int) -> tuple[NDArray[Any], ...]:
        found = plan.take(int(number) * 16, 16)
        pairs = zip(found.task.tolist(), found.row.tolist(), strict=True)
        parts = [ids_of(store.codes(plan.tasks[t], "train", r)[0].reshape(-1)) for t, r in pairs]
        return np.concatenate(parts).astype(np.int32), np.cumsum([0, *map(len, parts)]), found.task

    def examples(number: tf.Tensor) -> dict[str, Any]:
        ids, splits, task = tf.numpy_function(
            block, [number], [tf.int32, tf.int64, tf.int64], stateful=False
        )
        for value in (ids, splits, task):
            value.set_shape([None])
        return {
            "targets": tf.RaggedTensor.from_row_splits(ids, splits, validate=False),
            "number": task,
        }

    dataset = (
        tf.data.Dataset.counter(host, hosts)
        .map(examples)
        .flat_map(tf.data.Dataset.from_tensor_slices)
    )
    dataset = dataset.map(lambda e: {**e, "targets": tf.ensure_shape(e["targets"], [None])})
    shapes = {"targets": [None], "number": []}
    for batch in dataset.padded_batch(batch_size(work), shapes).prefetch(2).as_numpy_iterator():
        yield batch["targets"], batch["number"]


_PLAN = ("audioflan_tasks.mixtures", "audioflan_tasks.mixtures.plan", "sentencepiece")
LOADERS = {
    "ours": Loader(ours, "ABC", (*_PLAN, "soundfile", "soxr"), build),
    "ours_tf": Loader(ours_tf, "B", (*_PLAN, "tensorflow"), build, by_host=True),
}
