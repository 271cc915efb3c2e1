"""mosaicml-streaming: one MDS stream a task, mixed by proportion, shuffled by its `py1e`.

`streaming` imports torchvision for data sets of pictures, unused here: where it is missing, an
empty module stands in for it.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
from data import counts_of, names, payloads, rates
from loading import Batch, Loader, batch_size, collated, encoder

if importlib.util.find_spec("torchvision") is None:
    for _name in ("torchvision", "torchvision.datasets", "torchvision.transforms",
                  "torchvision.transforms.functional"):  # fmt: skip
        sys.modules[_name] = types.ModuleType(_name)
        sys.modules[_name].__spec__ = ModuleSpec(_name, None)
    sys.modules["torchvision.datasets"].VisionDataset = object  # type: ignore[attr-defined]
    sys.modules["torchvision.transforms.functional"].to_tensor = None  # type: ignore[attr-defined]


def write(folder: Path, work: str, tasks: int) -> None:
    """A folder of MDS shards a task."""
    import streaming

    for number, (name, rows) in enumerate(payloads(work, tasks)):
        columns = {"task": "uint16", "data": "bytes"}
        with streaming.MDSWriter(out=str(folder / name), columns=columns) as writer:
            for data in rows:
                writer.write({"task": np.uint16(number), "data": data})


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """StreamingDataLoader over local shards, epoch after epoch."""
    import streaming.base.util
    import torch

    streaming.base.util.clean_stale_shared_memory()
    weights = rates(counts_of(tasks, work)).tolist()
    streams = [
        streaming.Stream(local=str(folder / name), proportion=weight)
        for name, weight in zip(names(tasks), weights, strict=True)
    ]
    size = batch_size(work)
    dataset = streaming.StreamingDataset(
        streams=streams, batch_size=size, shuffle=True, shuffle_seed=1, num_canonical_nodes=1,
        epoch_size=max(20_480, sum(counts_of(tasks, work))),
    )  # fmt: skip
    make = encoder(work)

    def collate(rows: list[dict[str, Any]]) -> tuple[Any, Any]:
        ids, numbers = collated([(int(row["task"]), make(row["data"])) for row in rows])
        return torch.from_numpy(ids), torch.from_numpy(numbers)

    loader = streaming.StreamingDataLoader(
        dataset, batch_size=size, num_workers=workers, collate_fn=collate,
        prefetch_factor=4 if workers else None,
    )  # fmt: skip
    while True:
        for ids, numbers in loader:
            yield ids.numpy(), numbers.numpy()


LOADER = Loader(
    batches, "ABC", ("streaming", "torch.utils.data", "sentencepiece", "soundfile", "soxr"), write
)
