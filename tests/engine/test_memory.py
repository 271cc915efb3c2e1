"""A long stream and many streams keep their memory."""

from __future__ import annotations

import gc
import itertools
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks import Corpus
from audioflan_tasks.engine import batches
from audioflan_tasks.store import build_store
from tests.engine.test_misbehaving_audio import tree

pytestmark = pytest.mark.full

LENGTHS = {"inputs": 64, "targets": 16}
MB = 2**20


def test_two_hundred_thousand_examples(tmp_path: Path) -> None:
    build_store(tree(tmp_path), tmp_path / "store", tokenizer="loudness")
    stream = batches(
        "gender_recognition", batch_size=100, seed=1, lengths=LENGTHS,
        corpus=Corpus(tmp_path / "store"),
    )  # fmt: skip
    for _ in itertools.islice(stream, 100):
        pass
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    count = sum(int((batch["task"] >= 0).sum()) for batch in itertools.islice(stream, 2000))
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert count == 200_000
    assert after - before < 2 * MB


def test_two_hundred_streams() -> None:
    used = []
    for number in range(200):
        stream = batches("gender_recognition", batch_size=4, seed=number, lengths=LENGTHS)
        assert np.any(next(stream)["task"] >= 0)
        if number == 20:
            gc.collect()
            tracemalloc.start()
            used.append(tracemalloc.get_traced_memory()[0])
    del stream
    gc.collect()
    used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert used[1] - used[0] < 10 * MB
