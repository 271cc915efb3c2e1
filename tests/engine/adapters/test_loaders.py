"""torch, torchdata and Grain give the batches and examples of the engine itself."""

from __future__ import annotations

import itertools
import json
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

from audioflan_tasks.engine import Stream, batches, merge_states
from audioflan_tasks.engine.adapters.grain_source import ENDLESS, StepSource
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import mixture

OPTIONS: dict[str, Any] = {
    "batch_size": 3, "split": "test", "seed": 2, "lengths": {"inputs": 600, "targets": 100},
}  # fmt: skip
MIX = mixture("key_detection", "gender_recognition", policy="equal")


def rows(batch: Any) -> list[int]:
    return [int(r) for r in batch["row"]]


def steps(batch: Any) -> list[int]:
    return [int(s) for s in batch["step"] if s >= 0]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_torch_loader_gives_the_batches_of_the_engine(workers: int) -> None:
    torch = pytest.importorskip("torch")
    from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches

    dataset = TorchBatches(MIX, num_epochs=1, **OPTIONS)
    loader = torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=workers)
    found = list(loader)
    wanted = list(batches(MIX, num_epochs=1, **OPTIONS))
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert set(one) == set(other)
        for key in one:
            assert np.array_equal(one[key].numpy(), other[key])
    assert [rows(b) for b in loader] == [rows(b) for b in wanted]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("form", ["padded", "packed"])
def test_a_stateful_loader_goes_on(workers: int, form: str) -> None:
    data = pytest.importorskip("torchdata.stateful_dataloader")
    from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches

    def loader() -> Any:
        dataset = TorchBatches(MIX, **{**OPTIONS, "form": form})
        return data.StatefulDataLoader(dataset, batch_size=None, num_workers=workers)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = list(itertools.islice(loader(), 9))
        first = loader()
        for _ in itertools.islice(first, 5):
            pass
        again = loader()
        again.load_state_dict(first.state_dict())
        rest = list(itertools.islice(again, 4))
    key = "ids" if form == "packed" else "inputs"
    for one, other in zip(whole[5:], rest, strict=True):
        assert np.array_equal(one[key], other[key])


def test_states_that_are_free_of_the_number_of_workers() -> None:
    torch = pytest.importorskip("torch")
    from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches

    wanted = [rows(b) for b in itertools.islice(batches(MIX, **OPTIONS), 8)]
    dataset = TorchBatches(MIX, **OPTIONS)
    state = json.loads(json.dumps(dataset.state_after(5)))
    other = TorchBatches(MIX, **OPTIONS)
    other.load_state_dict(state)
    loader = torch.utils.data.DataLoader(other, batch_size=None, num_workers=2)
    assert [rows(b) for b in itertools.islice(loader, 3)] == wanted[5:]
    tied = TorchBatches(MIX, **OPTIONS)
    tied.load_state_dict({**state, "worker": [1, 2, 3]})
    with pytest.raises(MixtureError, match="worker 1 of 2"):
        next(iter(tied))
    with pytest.raises(SettingsError, match="give a seed"):
        TorchBatches(MIX, **{**OPTIONS, "seed": None})
    with pytest.raises(SettingsError, match="merge_states"):
        TorchBatches(MIX, **OPTIONS, form="packed").state_after(1)
    assert callable(merge_states)


def test_mixtures_can_be_sent_to_other_processes() -> None:
    for name in ("size", "capped", "temperature", "unimax", "domain_balanced", "nested"):
        mix = mixture("music", policy=name)
        assert pickle.loads(pickle.dumps(mix)).fingerprint == mix.fingerprint
    weighted = mixture(weights={"key_detection": 2, "denoising": 1})
    sizes = {"audioflan_key_detection": 1, "audioflan_denoising": 1}
    assert pickle.loads(pickle.dumps(weighted)).rates(sizes) == weighted.rates(sizes)


def test_grain_reads_the_stream() -> None:
    grain = pytest.importorskip("grain")
    options = {"split": "test", "seed": 2, "epochs": 1, "lengths": OPTIONS["lengths"]}
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
