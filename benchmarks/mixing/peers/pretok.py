"""A torch loader over ready token ids: what a trainer reads that has tokenized all before.

Ids are one file of 16-bit numbers in a memory map; a table says where each example lies, as an
`.idx` beside a `.bin` does. The ids are those of our own examples, each in one wording: whole
examples, but no roles and no loss mask. Making them is not measured. Tasks are drawn at their
rates, the rows of a task by a new permutation each epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import stored
from data import PACKED, PACKED_ROWS, counts_of, rates
from loading import Batch, Loader, batch_size
from numpy.typing import NDArray

I64 = NDArray[np.int64]

# Batches that are drawn at once, of padded and of packed rows.
_AHEAD = 64


def padded_batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """Inputs and targets, each [rows, longest]."""
    ids, table = _opened(folder)

    def read(rows: I64) -> tuple[Any, ...]:
        import torch

        starts, inputs, targets, numbers = table[rows].T
        sides = _padded(ids, starts, inputs), _padded(ids, starts + inputs, targets)
        return *map(torch.from_numpy, sides), torch.from_numpy(np.ascontiguousarray(numbers))

    size = batch_size(work)
    chunks = _drawn(table, work, tasks, _AHEAD * size)
    drawn = (rows for chunk in chunks for rows in chunk.reshape(-1, size))
    for inputs, _, numbers in _loaded(drawn, read, workers):
        yield inputs.numpy(), numbers.numpy()


def packed_batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """Rows for a decoder, one example after the other: ids, labels, positions and segments."""
    ids, table = _opened(folder)
    length = PACKED[work]
    table = table[table[:, 1] + table[:, 2] <= length]

    def read(packs: list[I64]) -> tuple[Any, ...]:
        import torch

        arrays = _packed(ids, [table[pack] for pack in packs], length)
        return *map(torch.from_numpy, arrays), torch.from_numpy(table[np.concatenate(packs), 3])

    sizes = table[:, 1] + table[:, 2]
    chunks = _drawn(table, work, tasks, _AHEAD * PACKED_ROWS)
    packs = (pack for chunk in chunks for pack in _fitted(chunk, sizes, length))
    drawn = zip(*[packs] * PACKED_ROWS, strict=False)
    for input_ids, *_, numbers in _loaded(map(list, drawn), read, workers):
        yield input_ids.numpy(), numbers.numpy()


def _opened(folder: Path) -> tuple[NDArray[np.uint16], I64]:
    """All ids, and of each example its first id, numbers of inputs and targets, and its task."""
    ids = np.memmap(folder / "ids.u16", np.uint16, "r").view(np.ndarray)
    return ids, np.load(folder / "table.npy")


def _loaded(drawn: Iterator[Any], read: Any, workers: int) -> Iterator[Any]:
    """A DataLoader whose sampler names the rows of a batch, which are read at once."""
    from torch.utils.data import DataLoader, Dataset, Sampler

    class Drawn(Sampler[Any]):
        def __iter__(self) -> Iterator[Any]:
            return drawn

    class Ready(Dataset[Any]):
        def __getitem__(self, rows: Any) -> Any:
            return read(rows)

    return iter(
        DataLoader(
            Ready(), None, sampler=Drawn(), num_workers=workers, collate_fn=lambda batch: batch,
            prefetch_factor=4 if workers else None,
        )
    )  # fmt: skip


def _drawn(table: I64, work: str, tasks: int, count: int) -> Iterator[I64]:
    """Rows of the table, `count` at a time."""
    rng = np.random.default_rng(1)
    weights = rates(counts_of(tasks, work))
    queues = [_shuffled(np.flatnonzero(table[:, 3] == task), rng) for task in range(tasks)]
    while True:
        numbers = rng.choice(tasks, count, p=weights)
        rows = np.empty(count, np.int64)
        order = np.argsort(numbers, kind="stable")
        ends = np.cumsum(np.bincount(numbers, minlength=tasks))
        for task, places in enumerate(np.split(order, ends[:-1])):
            rows[places] = list(islice(queues[task], len(places)))
        yield rows


def _shuffled(rows: I64, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(rows).tolist()


def _fitted(rows: I64, sizes: I64, length: int) -> Iterator[I64]:
    """Rows that fill a packed row, one after the other."""
    pack: list[int] = []
    room = length
    for row, size in zip(rows.tolist(), sizes[rows].tolist(), strict=True):
        if size > room:
            yield np.array(pack)
            pack, room = [], length
        pack.append(row)
        room -= size
    yield np.array(pack)


def _padded(ids: NDArray[np.uint16], starts: I64, sizes: I64) -> NDArray[np.int32]:
    out = np.zeros((len(starts), int(sizes.max())), np.int32)
    for row, start, size in zip(out, starts.tolist(), sizes.tolist(), strict=True):
        row[:size] = ids[start : start + size]
    return out


def _packed(
    ids: NDArray[np.uint16], packs: list[I64], length: int
) -> tuple[NDArray[np.int32], ...]:
    """Ids, labels (-100 at inputs and padding), positions in each example, and its number."""
    shape = len(packs), length
    input_ids, positions, segments = (np.zeros(shape, np.int32) for _ in range(3))
    labels = np.full(shape, -100, np.int32)
    ramp = np.arange(length, dtype=np.int32)
    for row, pack in enumerate(packs):
        end = 0
        for segment, (start, inputs, targets, _) in enumerate(pack.tolist(), 1):
            begin, answer, end = end, end + inputs, end + inputs + targets
            input_ids[row, begin:end] = ids[start : start + end - begin]
            labels[row, answer:end] = input_ids[row, answer:end]
            positions[row, begin:end] = ramp[: end - begin]
            segments[row, begin:end] = segment
    return input_ids, labels, positions, segments


_NEEDS = ("torch.utils.data",)
LOADER = Loader(padded_batches, "ABDE", _NEEDS, stored.build, form="store")
PACKED_LOADER = Loader(packed_batches, "ABDE", _NEEDS, stored.build, form="store")
