"""Our own loaders: generators of padded batches (ids [rows, longest], task numbers [rows])."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import stored
from data import PACKED, PACKED_ROWS, names, rates
from data import build as build_files
from loading import LONG, Batch, Loader, batch_size, framed, padded, spread
from numpy.typing import NDArray

if TYPE_CHECKING:
    from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches
    from audioflan_tasks.engine.assembly.token_slices import TokenSlices

__all__ = ["LOADERS"]

_LONG = LONG.astype(np.int32)
_AHEAD = 8


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """`af.batches` of a mixture over a store.

    Each row is a whole example: instruction drawn anew, input, lead-in, answer, EOS, with the
    role of every id and a mask for the loss, which no peer makes.
    """
    import audioflan_tasks as af

    mix, corpus = stored.opened(folder, work, tasks)
    for batch in af.batches(mix, corpus=corpus, batch_size=batch_size(work), seed=1):
        yield batch["inputs"], batch["task"]


def packed(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """`af.batches` whose examples are packed into rows for a decoder."""
    import audioflan_tasks as af

    mix, corpus = stored.opened(folder, work, tasks)
    for batch in af.batches(mix, corpus=corpus, seed=1, **_packed_form(work)):
        yield batch["input_ids"], _packed_tasks(batch)


def torch_batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """`TorchBatches`, all its arrays, in torch's DataLoader."""
    from torch.utils.data import DataLoader

    dataset = _torch_dataset(folder, work, tasks, batch_size=batch_size(work))
    prefetched = 4 if workers else None
    for batch in DataLoader(dataset, None, num_workers=workers, prefetch_factor=prefetched):
        yield batch["inputs"].numpy(), batch["task"].numpy()


def torch_loader(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """`TorchBatches` in the package's loader, whose workers send many batches in a message."""
    from audioflan_tasks.engine.adapters.torch_loader import TorchLoader

    dataset = _torch_dataset(folder, work, tasks, batch_size=batch_size(work))
    for batch in TorchLoader(dataset, workers):
        yield batch["inputs"].numpy(), batch["task"].numpy()


def packed_torch_loader(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """The same with packed rows."""
    from audioflan_tasks.engine.adapters.torch_loader import TorchLoader

    dataset = _torch_dataset(folder, work, tasks, **_packed_form(work))
    for batch in TorchLoader(dataset, workers):
        yield batch["input_ids"].numpy(), _packed_tasks(batch).numpy()


def _torch_dataset(folder: Path, work: str, tasks: int, **arguments: Any) -> TorchBatches:
    from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches

    mix, corpus = stored.opened(folder, work, tasks)
    return TorchBatches(mix, corpus=corpus, seed=1, **arguments)


def _packed_form(work: str) -> dict[str, Any]:
    return {"form": "packed", "batch_size": PACKED_ROWS, "pack_length": PACKED[work]}


def _packed_tasks(batch: Any) -> Any:
    """The task of each example of packed rows."""
    tasks = batch["task"][batch["position_ids"] == 0]
    return tasks[tasks >= 0]


def codes(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """The same work as the peers' and no more: rows named by the plan, codes of a store, padded."""
    from audioflan_tasks.engine.assembly.prompt_tables import AUDIO
    from audioflan_tasks.engine.assembly.row_locator import RowLocator
    from audioflan_tasks.engine.assembly.token_slices import SliceRequests, locate_slices
    from audioflan_tasks.engine.stream import Stream

    mix, corpus = stored.opened(folder, work, tasks)
    size = batch_size(work)

    def read(worker: int, all_workers: int) -> Iterator[Batch]:
        stream = Stream(mix, corpus, seed=1)
        assert stream.rows.store is not None
        locator = RowLocator(stream.rows.store, "train", stream.tasks)
        for first in itertools.count(worker * _AHEAD, all_workers * _AHEAD):
            # As `batches` does it, several batches are found at once.
            found = stream.draws(np.arange(first * size, (first + _AHEAD) * size))
            rows = locator.locate(found.task, found.row)
            places = rows.heads["span"].astype(np.int64)
            first_spans = SliceRequests(np.full(len(places), AUDIO), places, rows.shard)
            spans, _ = locate_slices(first_spans, rows.shards, [], stream.maker.vocabulary)
            back = np.argsort(rows.order)
            for at in range(0, len(back), size):
                yield _ids(spans, back[at : at + size]), found.task[at : at + size]

    return spread(read, workers)


def _ids(spans: TokenSlices, rows: NDArray[np.int64]) -> NDArray[np.int32]:
    """Codes of rows as ids, side by side."""
    sizes = spans.sizes[rows]
    out = np.zeros((len(rows), sizes.max()), np.int32)
    columns = (rows.tolist(), spans.starts[rows].tolist(), sizes.tolist())
    for row, n, start, size in zip(out, *columns, strict=True):
        part = row[:size]
        part[...] = spans.arrays[n][start : start + size]
        part += _LONG[:size]
    return out


def audio(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """Rows named by the plan, audio read and resampled by the package's own loader."""
    from audioflan_tasks.audio.load import load
    from audioflan_tasks.mixtures.plan.plan import Plan
    from audioflan_tasks.mixtures.plan.shares import Shares

    counts = np.load(folder / "counts.npy").tolist()
    known, size = names(tasks), batch_size(work)

    def read(worker: int, all_workers: int) -> Iterator[Batch]:
        plan = Plan(Shares.constant(known, rates(counts)), counts, 1)
        step = worker * size
        while True:
            found = plan.take(step, size)
            places = zip(found.task.tolist(), found.row.tolist(), strict=True)
            files = [folder / f"{known[task]}.{row}.wav" for task, row in places]
            yield padded([framed(load(file, 24_000)) for file in files]), found.task
            step += all_workers * size

    return spread(read, workers)


def get_dataset(
    folder: Path, work: str, tasks: int, workers: int, *, passed: Sequence[str] | None = None
) -> Iterator[Batch]:
    """`get_dataset()` of a registered mixture over a store, with all provenance or some.

    More workers are more host processes, each with its shard.
    """
    import seqio

    import audioflan_tasks as af
    from audioflan_tasks.seqio_tasks.register import register_mixture

    mix, _ = stored.opened(folder, work, tasks)
    af.settings.data_dir = folder / "store"
    register_mixture("benchmark", mix)
    host, hosts = (int(n) for n in os.environ.get("BENCHMARK_HOST", "0 1").split())
    dataset = seqio.get_mixture_or_task("benchmark").get_dataset(
        seed=1, shard_info=seqio.ShardInfo(host, hosts), log_mixing_proportions=False,
        passthrough_features=passed,
    )  # fmt: skip
    numbers = {name.encode(): number for number, name in enumerate(mix.tasks)}
    padded = dataset.padded_batch(batch_size(work)).prefetch(2)
    for batch in padded.as_numpy_iterator():
        yield batch["inputs"], np.array([numbers[task] for task in batch["task"]])


_TF = ("seqio", "tensorflow", "audioflan_tasks.seqio_tasks")
_NEEDS = ("audioflan_tasks.engine.stream", "audioflan_tasks.engine.batching.batches")
_TORCH = (*_NEEDS, "torch.utils.data")
_STORE: dict[str, Any] = {"write": stored.build, "form": "store"}
LOADERS = {
    "af.batches": Loader(batches, "ABDE", _NEEDS, is_alone=True, **_STORE),
    "af.batches-packed": Loader(packed, "ABDE", _NEEDS, is_alone=True, **_STORE),
    "TorchBatches": Loader(torch_batches, "ABDE", _TORCH, **_STORE),
    "TorchLoader": Loader(torch_loader, "ABDE", _TORCH, **_STORE),
    "TorchLoader-packed": Loader(packed_torch_loader, "ABDE", _TORCH, **_STORE),
    "get_dataset": Loader(get_dataset, "ABDE", (*_NEEDS, *_TF), by_host=True, **_STORE),
    "get_dataset-task": Loader(
        partial(get_dataset, passed=["task"]), "ABDE", (*_NEEDS, *_TF), by_host=True, **_STORE
    ),
    "codes": Loader(codes, "B", _NEEDS, **_STORE),
    "audio": Loader(audio, "C", ("audioflan_tasks.mixtures.plan.plan", "soundfile", "soxr"),
                    build_files),
}  # fmt: skip
