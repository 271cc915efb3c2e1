"""webdataset: RandomMix over one tar file a task, shuffled in a buffer, batched in the worker."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data import counts_of, names, payloads, rates
from loading import Batch, Loader, batch_size, collated, encoder

BUFFER = 256
SUFFIX = {"A": "json", "B": "bin", "C": "wav"}


def write(folder: Path, work: str, tasks: int) -> None:
    """One tar a task in a folder of its own; keys start with the number of the task."""
    for number, (name, rows) in enumerate(payloads(work, tasks)):
        (folder / name).mkdir(exist_ok=True)
        with tarfile.open(folder / name / "shard.tar", "w") as tar:
            for row, data in enumerate(rows):
                member = tarfile.TarInfo(f"{number:04d}-{row:08d}.{SUFFIX[work]}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """A pipeline behind RandomMix; `resampled` makes each part endless, in every worker."""
    import torch
    import webdataset as wds

    parts = [
        wds.WebDataset(str(folder / name / "shard.tar"), resampled=True, shardshuffle=False)
        for name in names(tasks)
    ]
    suffix, make = SUFFIX[work], encoder(work)

    def made(sample: dict[str, Any]) -> tuple[int, Any]:
        return int(sample["__key__"][:4]), make(sample[suffix])

    def collate(rows: list[Any]) -> tuple[Any, Any]:
        ids, numbers = collated(rows)
        return torch.from_numpy(ids), torch.from_numpy(numbers)

    pipeline = wds.DataPipeline(
        wds.RandomMix(parts, rates(counts_of(tasks, work))),
        wds.shuffle(BUFFER),
        wds.map(made),
        wds.batched(batch_size(work), collation_fn=collate),
    )
    loader = wds.WebLoader(
        pipeline, batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None
    )
    for ids, numbers in loader:
        yield ids.numpy(), numbers.numpy()


LOADER = Loader(
    batches, "ABC", ("webdataset", "torch.utils.data", "sentencepiece", "soundfile", "soxr"), write
)
