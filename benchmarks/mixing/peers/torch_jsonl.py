"""torch's DataLoader over JSON lines in memory maps, with their offsets; tasks drawn by weight.

Codes are base64 in the line. C reads the WAV files by name.
"""

from __future__ import annotations

import base64
import json
import mmap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from data import build, counts_of, names, payloads, rates
from loading import Batch, Loader, Texts, batch_size, collated, heard, ids_of
from numpy.typing import NDArray


def write(folder: Path, work: str, tasks: int) -> None:
    """A file of JSON lines a task."""
    if work == "C":
        build(folder, work, tasks)
        return
    for name, rows in payloads(work, tasks):
        if work == "B":
            texts = [base64.b64encode(row).decode() for row in rows]
            rows = [json.dumps({"task": name, "codes": text}).encode() for text in texts]
        (folder / f"{name}.jsonl").write_bytes(b"".join(row + b"\n" for row in rows))


def _reader(folder: Path, work: str, tasks: int) -> Callable[[int, int], NDArray[Any]]:
    known = names(tasks)
    if work == "C":
        return lambda task, row: heard(folder / f"{known[task]}.{row}.wav")
    texts = Texts() if work == "A" else None
    lines: dict[int, tuple[mmap.mmap, list[int]]] = {}

    def read(task: int, row: int) -> NDArray[Any]:
        if task not in lines:
            with (folder / f"{known[task]}.jsonl").open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
            lines[task] = data, [0, *(ends + 1).tolist()]
        data, at = lines[task]
        record = json.loads(data[at[row] : at[row + 1]])
        if texts is not None:
            return texts(record)
        return ids_of(np.frombuffer(base64.b64decode(record["codes"]), np.uint16))

    return read


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """A DataLoader over an iterable dataset that collates whole batches."""
    import torch
    from torch.utils.data import DataLoader, IterableDataset, get_worker_info

    class Mixed(IterableDataset[Any]):
        def __iter__(self) -> Iterator[Any]:
            info = get_worker_info()
            rng = np.random.default_rng(info.id if info else 0)
            counts = np.array(counts_of(tasks, work))
            weights, read = rates(counts.tolist()), _reader(folder, work, tasks)
            while True:
                drawn = rng.choice(tasks, size=256, p=weights)
                rows = rng.integers(counts[drawn])
                for task, row in zip(drawn.tolist(), rows.tolist(), strict=True):
                    yield task, read(task, row)

    def collate(rows: list[tuple[int, NDArray[Any]]]) -> tuple[Any, Any]:
        ids, numbers = collated(rows)
        return torch.from_numpy(ids), torch.from_numpy(numbers)

    loaded = DataLoader(
        Mixed(), batch_size(work), num_workers=workers, collate_fn=collate,
        prefetch_factor=4 if workers else None,
    )  # fmt: skip
    for ids, numbers in loaded:
        yield ids.numpy(), numbers.numpy()


LOADER = Loader(batches, "ABC", ("torch.utils.data", "sentencepiece", "soundfile", "soxr"), write)
