"""Grain gives the examples of the engine itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audioflan_tasks.engine import Stream
from audioflan_tasks.engine.adapters.grain_source import ENDLESS, StepSource
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures import mixture

LENGTHS = {"inputs": 600, "targets": 100}
MIX = mixture("key_detection", "gender_recognition", policy="equal")


def test_grain_reads_the_stream() -> None:
    grain = pytest.importorskip("grain")
    options: dict[str, Any] = {"split": "test", "seed": 2, "epochs": 1, "lengths": LENGTHS}
    stream = Stream(MIX, **options)
    source = StepSource(Stream(MIX, **options))
    assert len(source) == stream.total
    dataset = grain.MapDataset.source(source)
    found = list(dataset.to_iter_dataset())
    wanted = stream.examples(np.arange(len(source)))
    assert [(f["task"], f["epoch"], f["row"]) for f in found] == [
        (stream.tasks.index(m.task), m.epoch, m.row) for m in wanted
    ]
    for one, other in zip(found, wanted, strict=True):
        assert other.example is not None
        assert np.array_equal(one["inputs"], other.example.inputs)
    half = list(dataset[1::2].to_iter_dataset())
    assert [h["step"] for h in half] == list(range(1, len(source), 2))
    iterator = iter(dataset.to_iter_dataset())
    for _ in range(5):
        next(iterator)
    saved = iterator.get_state()
    following = next(iterator)["step"]
    restored = iter(dataset.to_iter_dataset())
    restored.set_state(saved)
    assert next(restored)["step"] == following


def test_an_endless_source_has_a_length_and_refuses_what_is_outside() -> None:
    source = StepSource(Stream(MIX, split="test", seed=2))
    assert len(source) == ENDLESS
    assert source[10**12] is not None
    with pytest.raises(IndexError, match="step -1"):
        source[-1]
    with pytest.raises(SettingsError, match="unit 1"):
        StepSource(Stream(MIX, split="test", seed=2, unit=4))
    skipped = StepSource(Stream(MIX, split="test", seed=2, lengths={"inputs": 4, "targets": 4}))
    assert skipped[0] is None
