"""Grain gives the examples of the engine itself."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest

from audioflan_tasks.engine import Stream
from audioflan_tasks.engine.adapters.grain_source import ENDLESS, StepSource, step_dataset
from audioflan_tasks.errors import MixtureError, SettingsError
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
        (m.task, m.epoch, m.row) for m in wanted
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


@pytest.mark.slow
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
    with pytest.raises(SettingsError, match="were skipped"):
        for step in range(100):
            assert skipped[step] is None
    assert pickle.loads(pickle.dumps(source))[3]["row"] == source[3]["row"]  # type: ignore[index]


def test_a_dataset_of_grain_resumes_at_states_of_its_own_stream_only() -> None:
    pytest.importorskip("grain")
    options: dict[str, Any] = {"split": "test", "epochs": 1, "lengths": LENGTHS}

    def steps(shard: tuple[int, int], state: Any = None, seed: int = 2) -> Any:
        iterator = iter(step_dataset(Stream(MIX, seed=seed, **options), shard))
        if state is not None:
            iterator.set_state(state)
        return iterator

    whole = [record["step"] for record in steps((0, 1))]
    assert whole == list(range(len(whole)))
    first = steps((1, 3))
    before = [next(first)["step"] for _ in range(4)]
    state = json.loads(json.dumps(first.get_state()))
    rest = [record["step"] for record in first]
    assert [record["step"] for record in steps((1, 3), state)] == rest
    assert sorted(before + rest) == sorted(r["step"] for r in steps((1, 3)))
    # Three shards stood at step 12; two go on.
    after = [r["step"] for shard in range(2) for r in steps((shard, 2), state)]
    assert sorted(after) == whole[12:]
    with pytest.raises(MixtureError, match="seed was 2 and is 3"):
        steps((1, 3), state, seed=3)
    with pytest.raises(SettingsError, match="were skipped"):
        next(iter(step_dataset(Stream(MIX, seed=2, lengths={"inputs": 4, "targets": 4}))))
