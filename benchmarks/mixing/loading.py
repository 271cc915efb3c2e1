"""What every loader does to one example, and how a batch looks: the same code for all of them."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from data import BOOKS, CODES, TEMPLATES, tokenizer
from numpy.typing import NDArray

__all__ = [
    "LONG", "OFFSETS", "Batch", "Loader", "Texts", "batch_size", "collated", "encoder", "framed",
    "heard", "ids_of", "listened", "padded", "spread",
]  # fmt: skip

Batch = tuple[NDArray[Any], NDArray[np.int64]]
OFFSETS = (np.arange(BOOKS) * CODES + 256).astype(np.int32)
# Offsets of many frames in 16 bits: codes become ids by one addition over flat arrays.
LONG = np.tile(OFFSETS.astype(np.uint16), 4096)


@dataclass(frozen=True, slots=True)
class Loader:
    """One row of the benchmark.

    `stream(folder, work, tasks, workers)` yields batches for ever; `workers` is 0 (this process
    alone) or the number of worker processes. `write(folder, work, tasks)` makes the loader's own
    form of the data in the folder `form`, which loaders can share; by default each has its own.
    `needs` are modules, imported before the clock starts. With `by_host` more workers are as many
    processes of one loader each, whose rates are added. One that `is_alone` has no workers.
    """

    stream: Callable[[Path, str, int, int], Iterator[Batch]]
    works: str
    needs: tuple[str, ...] = ()
    write: Callable[[Path, str, int], None] | None = None
    by_host: bool = False
    form: str = ""
    is_alone: bool = False


def batch_size(work: str) -> int:
    """Rows of a batch."""
    return 16 if work == "C" else int(os.environ.get("BENCHMARK_ROWS", "64"))


def padded(parts: list[NDArray[Any]]) -> NDArray[np.int32]:
    """Rows of one array, 0 behind them."""
    out = np.zeros((len(parts), max(map(len, parts))), np.int32)
    for row, part in zip(out, parts, strict=True):
        row[: len(part)] = part
    return out


def collated(rows: list[tuple[int, NDArray[Any]]]) -> Batch:
    """Rows of (task number, ids) as one batch."""
    return padded([ids for _, ids in rows]), np.array([task for task, _ in rows])


def ids_of(codes: NDArray[np.uint16]) -> NDArray[Any]:
    """Flat codes as flat ids."""
    return np.asarray(codes + LONG[: len(codes)])


def heard(source: Path | bytes) -> NDArray[np.int32]:
    """Work C: read and decode a WAV file, then `listened`."""
    import soundfile

    wave, rate = soundfile.read(
        io.BytesIO(source) if isinstance(source, bytes) else source, dtype="float32"
    )
    return listened(wave, rate)


def listened(wave: NDArray[np.float32], rate: int) -> NDArray[np.int32]:
    """`framed` after resampling to 24 kHz."""
    import soxr

    return framed(soxr.resample(wave, rate, 24_000, quality="HQ"))


def framed(wave: NDArray[np.float32]) -> NDArray[np.int32]:
    """One id for each of 75 frames a second of 24 kHz."""
    frames = wave[: len(wave) // 320 * 320].reshape(-1, 320)
    levels = np.log2((frames**2).mean(1) + 1e-9) * 8 + 240
    return np.asarray(np.clip(levels, 0, 255), np.int32)


class Texts:
    """Work A on the fly: a template, and SentencePiece over the question and the answer."""

    def __init__(self) -> None:
        self._model = tokenizer()
        self._rng = np.random.default_rng(3)

    def __call__(self, record: dict[str, str]) -> NDArray[np.int32]:
        ask, lead = TEMPLATES[int(self._rng.integers(len(TEMPLATES)))]
        question = self._model.encode(ask + record["input"] + lead)
        return np.array(question + self._model.encode(record["output"]) + [1], np.int32)


def encoder(work: str) -> Callable[[bytes], NDArray[Any]]:
    """From the bytes of one example, as `data.payloads` gives them, to its ids."""
    if work == "A":
        # Made on first use, so that worker processes make their own.
        made: list[Texts] = []

        def text(data: bytes) -> NDArray[np.int32]:
            if not made:
                made.append(Texts())
            return made[0](json.loads(data))

        return text
    if work == "B":
        return lambda data: ids_of(np.frombuffer(data, np.uint16))
    return lambda data: heard(bytes(data))


def spread(make: Callable[[int, int], Iterator[Batch]], workers: int) -> Iterator[Batch]:
    """Batches of `make(worker, workers)`, by torch's DataLoader if there are workers.

    Batches cross as tensors, whose memory is shared: NumPy arrays would be pickled.
    """
    if not workers:
        yield from make(0, 1)
        return
    import torch
    from torch.utils.data import DataLoader, IterableDataset, get_worker_info

    class Batches(IterableDataset[Any]):
        def __iter__(self) -> Iterator[Any]:
            info = get_worker_info()
            for ids, numbers in make(info.id, info.num_workers):
                yield torch.from_numpy(ids), torch.from_numpy(numbers)

    for ids, numbers in DataLoader(Batches(), None, num_workers=workers, prefetch_factor=4):
        yield ids.numpy(), numbers.numpy()
