"""Hugging Face datasets: Arrow tables in memory maps, shuffled and interleaved by probability.

WAV files are a binary column, decoded by soundfile (the library's own decoder is torchcodec).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from data import counts_of, names, payloads, rates
from loading import Batch, Loader, Texts, batch_size, heard, ids_of, padded


def write(folder: Path, work: str, tasks: int) -> None:
    """A dataset a task, saved to disk."""
    import json

    import datasets

    datasets.disable_progress_bars()
    for name, rows in payloads(work, tasks):
        if work == "A":
            records = [json.loads(row) for row in rows]
            table = datasets.Dataset.from_list(records)
        elif work == "B":
            codes = [np.frombuffer(row, np.uint16) for row in rows]
            table = datasets.Dataset.from_dict({"codes": codes})
        else:
            table = datasets.Dataset.from_dict({"wav": rows})
        table.save_to_disk(str(folder / name))


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """Batched reads of the interleaved table; with workers, torch's DataLoader over it."""
    import datasets

    datasets.disable_progress_bars()
    parts = []
    for number, name in enumerate(names(tasks)):
        one = datasets.load_from_disk(str(folder / name)).shuffle(seed=number)
        parts.append(one.add_column("number", np.full(len(one), number)))
    mixed = datasets.interleave_datasets(
        parts, probabilities=rates(counts_of(tasks, work)).tolist(), seed=1,
        stopping_strategy="all_exhausted",
    )  # fmt: skip
    if work == "B":
        mixed = mixed.with_format("numpy")
    texts = Texts() if work == "A" else None
    size = batch_size(work)

    def made(rows: dict[str, Any]) -> Batch:
        if texts:
            asked = zip(rows["input"], rows["output"], strict=True)
            parts = [texts({"input": a, "output": b}) for a, b in asked]
        elif work == "B":
            parts = [ids_of(np.asarray(codes, np.uint16)) for codes in rows["codes"]]
        else:
            parts = [heard(wav) for wav in rows["wav"]]
        return padded(parts), np.asarray(rows["number"])

    if workers:
        yield from _loaded(mixed, size, workers, made)
    for _ in itertools.count():
        yield from map(made, mixed.iter(batch_size=size))


def _loaded(mixed: Any, size: int, workers: int, made: Any) -> Iterator[Batch]:
    """Each item of the sampler is the list of rows of a batch, read at once."""
    import torch
    from torch.utils.data import BatchSampler, DataLoader, SequentialSampler

    def collate(rows: dict[str, Any]) -> tuple[Any, Any]:
        ids, numbers = made(rows)
        return torch.from_numpy(ids), torch.from_numpy(numbers)

    while True:
        loaded = DataLoader(
            mixed, None, sampler=BatchSampler(SequentialSampler(mixed), size, drop_last=False),
            num_workers=workers, collate_fn=collate, prefetch_factor=4,
        )  # fmt: skip
        for ids, numbers in loaded:
            yield ids.numpy(), numbers.numpy()


LOADER = Loader(
    batches, "ABC", ("datasets", "torch.utils.data", "sentencepiece", "soundfile", "soxr"), write
)
