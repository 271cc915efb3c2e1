"""lhotse: CutSet.mux of endless lazy sets, shuffled in a buffer, read by torch's DataLoader.

A: JSON lines. B: cuts in Shar with the codes as an array field. C: Shar with WAV recordings.
Workers read the same files with seeds of their own, as lhotse advises for mixed sets.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from data import BOOKS, counts_of, names, payloads, rates
from loading import Batch, Loader, Texts, batch_size, collated, ids_of, listened, spread

BUFFER = 256


def write(folder: Path, work: str, tasks: int) -> None:
    """JSON lines or a Shar folder a task."""
    for number, (name, rows) in enumerate(payloads(work, tasks)):
        if work == "A":
            (folder / f"{name}.jsonl").write_bytes(b"".join(row + b"\n" for row in rows))
        else:
            _shar(folder / name, work, number, rows)


def _shar(home: Path, work: str, number: int, rows: list[bytes]) -> None:
    from lhotse import MonoCut, Recording
    from lhotse.shar import SharWriter
    from lhotse.utils import Seconds

    home.mkdir(exist_ok=True)
    fields = {"codes": "numpy"} if work == "B" else {"recording": "wav"}
    with SharWriter(str(home), fields, shard_size=None) as writer:
        for row, data in enumerate(rows):
            name = f"{number}-{row}"
            cut: Any
            if work == "C":
                cut = Recording.from_bytes(data, name).to_cut()
                cut.custom = {"task": number}
            else:
                codes = np.frombuffer(data, np.uint16).reshape(-1, BOOKS)
                length: Seconds = len(codes) / 50
                cut = MonoCut(name, 0.0, length, 0, custom={"task": number})
                cut = cut.attach_tensor("codes", codes)
            writer.write(cut)


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """The multiplexed set as batches."""

    def read(worker: int, _: int) -> Iterator[Batch]:
        from lhotse import CutSet
        from lhotse.lazy import LazyJsonlIterator

        parts = []
        for name in names(tasks):
            if work == "A":
                part = CutSet(LazyJsonlIterator(folder / f"{name}.jsonl"))
            else:
                part = CutSet.from_shar(in_dir=folder / name)
            parts.append(part.repeat(preserve_id=True))
        weights = rates(counts_of(tasks, work)).tolist()
        mixed = CutSet.mux(*parts, weights=weights, seed=worker)
        shuffled = mixed.shuffle(rng=random.Random(worker), buffer_size=BUFFER)
        made = _maker(work, tasks)
        rows = []
        for item in shuffled:
            rows.append(made(item))
            if len(rows) == batch_size(work):
                yield collated(rows)
                rows = []

    return spread(read, workers)


def _maker(work: str, tasks: int) -> Any:
    if work == "A":
        numbers = {name: number for number, name in enumerate(names(tasks))}
        texts = Texts()
        return lambda record: (numbers[record["task"]], texts(record))
    if work == "B":
        return lambda cut: (cut.custom["task"], ids_of(cut.load_codes().reshape(-1)))
    return lambda cut: (cut.custom["task"], listened(cut.load_audio()[0], cut.sampling_rate))


LOADER = Loader(
    batches, "ABC", ("lhotse", "lhotse.shar", "torch.utils.data", "sentencepiece", "soxr"), write
)
