"""The limit: random rows straight out of memory-mapped files, no mixing and no plan.

In C the files are picked at random and read one by one, as every loader does. More workers are
as many processes side by side, with no batch handed on: what the machine gives at most.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from data import BOOKS, build
from loading import Batch, Loader, batch_size, heard, padded


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """Random rows for ever."""
    make = _audio if work == "C" else _codes
    return make(folder, work, int(os.environ["BENCHMARK_HOST"].split()[0]))


def _audio(folder: Path, work: str, seed: int) -> Iterator[Batch]:
    rng = np.random.default_rng(seed)
    files = sorted(folder.glob("*.wav"))
    while True:
        picked = rng.integers(len(files), size=batch_size(work))
        yield padded([heard(files[i]) for i in picked]), picked


def _codes(folder: Path, work: str, seed: int) -> Iterator[Batch]:
    rng = np.random.default_rng(seed)
    starts = np.load(folder / "starts.npy")
    codes = np.memmap(folder / "codes.u16", np.uint16, "r").view(np.ndarray)
    while True:
        picked = rng.integers(len(starts) - 1, size=batch_size(work))
        begin, end = starts[picked] * BOOKS, starts[picked + 1] * BOOKS
        out = np.zeros((len(picked), int((end - begin).max())), np.int32)
        for row, a, b in zip(out, begin.tolist(), end.tolist(), strict=True):
            row[: b - a] = codes[a:b]
        yield out, picked


LOADER = Loader(batches, "BC", ("soundfile", "soxr"), build, by_host=True)
