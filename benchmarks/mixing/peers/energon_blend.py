"""megatron-energon: a metadataset that blends one prepared WebDataset a task by weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from data import counts_of, names, rates
from loading import Batch, Loader, batch_size, collated, encoder

from peers import webdataset_mix

_DATASET = "__module__: megatron.energon\n__class__: CrudeWebdataset\n"


def write(folder: Path, work: str, tasks: int) -> None:
    """The tar files of webdataset, energon's index beside each, and the blend."""
    from megatron.energon.flavors.webdataset import BaseWebdatasetFactory

    webdataset_mix.write(folder, work, tasks)
    weights = rates(counts_of(tasks, work)).tolist()
    lines = ["__module__: megatron.energon", "__class__: MetadatasetV2", "splits:", "  train:",
             "    blend:"]  # fmt: skip
    for name, weight in zip(names(tasks), weights, strict=True):
        home = folder / name
        BaseWebdatasetFactory.prepare_dataset(
            home, ["shard.tar"], split_parts_ratio=[("train", 1.0)], workers=1
        )
        (home / ".nv-meta" / "dataset.yaml").write_text(_DATASET, encoding="utf-8")
        lines += [f"      - weight: {weight}", f"        path: {name}"]
    (folder / "blend.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """energon's own loader; a cooker makes the ids, its task encoder the batches."""
    import torch
    from megatron import energon

    suffix, make = webdataset_mix.SUFFIX[work], encoder(work)

    @dataclass
    class Made(energon.Sample):
        number: int
        ids: Any

    @energon.stateless
    def cook(sample: dict[str, Any]) -> Made:
        ids = make(sample[suffix])
        number = int(sample["__key__"].split("/")[-1][:4])
        return Made(**energon.basic_sample_keys(sample), number=number, ids=ids)

    class Encoder(energon.DefaultTaskEncoder):
        cookers = (energon.Cooker(cook),)
        decoder = None

        @energon.stateless
        def batch(self, samples: list[Any]) -> Any:
            ids, numbers = collated([(one.number, one.ids) for one in samples])
            return torch.from_numpy(ids), torch.from_numpy(numbers)

        @energon.stateless
        def encode_batch(self, batch: Any) -> Any:
            return batch

    dataset = energon.get_train_dataset(
        folder / "blend.yaml",
        worker_config=energon.WorkerConfig(rank=0, world_size=1, num_workers=workers),
        batch_size=batch_size(work), shuffle_buffer_size=16, max_samples_per_sequence=None,
        task_encoder=Encoder(),
    )  # fmt: skip
    for ids, numbers in energon.get_loader(dataset, prefetch_factor=4):
        yield np.asarray(ids), np.asarray(numbers)


LOADER = Loader(
    batches, "ABC",
    ("megatron.energon", "torch.utils.data", "sentencepiece", "soundfile", "soxr"), write,
)  # fmt: skip
