"""Our own loaders: generators of padded batches (ids [rows, longest], task numbers [rows])."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import stored
from data import build as build_files
from data import names, rates
from loading import LONG, Batch, Loader, batch_size, framed, padded, spread
from numpy.typing import NDArray

if TYPE_CHECKING:
    from audioflan_tasks.engine.assembly.token_slices import TokenSlices

__all__ = ["LOADERS"]

_LONG = LONG.astype(np.int32)
_AHEAD = 8
# Ids of a packed row.
_PACKED = {"A": 2048, "B": 8192}


def examples(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """What users call: `batches` of a mixture over a store.

    Each row is a whole example: instruction drawn anew, input, lead-in, answer, EOS, with the
    role of every id and a mask for the loss, which no peer makes.
    """
    import audioflan_tasks as af

    mix, corpus = stored.opened(folder, work, tasks)

    def batches(worker: int, all_workers: int) -> Iterator[Batch]:
        made = af.batches(
            mix, corpus=corpus, batch_size=batch_size(work), seed=1, shard=(worker, all_workers)
        )
        for batch in made:
            yield batch["inputs"], batch["task"]

    return spread(batches, workers)


def packed(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """Whole examples like `examples`, packed into rows for a decoder, with labels and positions."""
    import audioflan_tasks as af

    mix, corpus = stored.opened(folder, work, tasks)

    def batches(worker: int, all_workers: int) -> Iterator[Batch]:
        made = af.batches(
            mix, corpus=corpus, batch_size=16, form="packed", pack_length=_PACKED[work], seed=1,
            shard=(worker, all_workers),
        )  # fmt: skip
        for batch in made:
            # Padding has position 0 too.
            begins = np.flatnonzero(batch["position_ids"] == 0)
            begins = begins[batch["segment_ids"].reshape(-1)[begins] > 0]
            yield batch["input_ids"], batch["task"].reshape(-1)[begins]

    return spread(batches, workers)


def torch_batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """Whole examples as tensors, all arrays of a batch, by the package's loader for torch."""
    from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches
    from audioflan_tasks.engine.adapters.torch_loader import TorchLoader

    mix, corpus = stored.opened(folder, work, tasks)
    dataset = TorchBatches(mix, corpus=corpus, batch_size=batch_size(work), seed=1)
    for batch in TorchLoader(dataset, workers):
        yield batch["inputs"].numpy(), batch["task"].numpy()


def codes(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """The same work as the peers' and no more: rows named by the plan, codes of a store, padded."""
    from audioflan_tasks.engine.assembly.prompt_tables import AUDIO
    from audioflan_tasks.engine.assembly.row_locator import RowLocator
    from audioflan_tasks.engine.assembly.token_slices import SliceRequests, locate_slices
    from audioflan_tasks.engine.stream import Stream

    mix, corpus = stored.opened(folder, work, tasks)
    size = batch_size(work)

    def batches(worker: int, all_workers: int) -> Iterator[Batch]:
        stream = Stream(mix, corpus, seed=1)
        locator = RowLocator(corpus.store, "train", stream.tasks)
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

    return spread(batches, workers)


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

    def batches(worker: int, all_workers: int) -> Iterator[Batch]:
        plan = Plan(Shares.constant(known, rates(counts)), counts, 1)
        step = worker * size
        while True:
            found = plan.take(step, size)
            places = zip(found.task.tolist(), found.row.tolist(), strict=True)
            files = [folder / f"{known[task]}.{row}.wav" for task, row in places]
            yield padded([framed(load(file, 24_000)) for file in files]), found.task
            step += all_workers * size

    return spread(batches, workers)


def ours(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """Whole examples; in work C audio alone."""
    return (audio if work == "C" else examples)(folder, work, tasks, workers)


def ours_tf(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """`get_dataset()` of a registered mixture over a store, with the task of each example as the
    stock mixture passes it through; `BENCHMARK_ALL=1` leaves all provenance in.

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
        passthrough_features=None if os.environ.get("BENCHMARK_ALL") else ["task"],
    )  # fmt: skip
    numbers = {name: number for number, name in enumerate(mix.tasks)}
    padded = dataset.padded_batch(batch_size(work)).prefetch(2)
    for batch in padded.as_numpy_iterator():
        ids = batch["inputs"]
        yield ids, np.array([numbers[task.decode()] for task in batch["task"]])


def _write(folder: Path, work: str, tasks: int) -> None:
    (build_files if work == "C" else stored.build)(folder, work, tasks)


_TF = ("seqio", "tensorflow", "audioflan_tasks.seqio_tasks")
_NEEDS = (
    "audioflan_tasks.engine.stream",
    "audioflan_tasks.engine.batching.batches",
    "soundfile",
    "soxr",
)
LOADERS = {
    "ours": Loader(ours, "ABC", _NEEDS, _write),
    "ours_packed": Loader(packed, "AB", _NEEDS, stored.build),
    "ours_torch": Loader(torch_batches, "AB", (*_NEEDS, "torch"), stored.build),
    "ours_codes": Loader(codes, "B", _NEEDS, stored.build),
    "ours_tf": Loader(ours_tf, "AB", (*_NEEDS, *_TF), stored.build, by_host=True),
}
