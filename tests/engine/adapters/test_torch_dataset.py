"""torch and torchdata give the batches of the engine itself."""

from __future__ import annotations

import copy
import itertools
import json
import warnings
from typing import Any

import numpy as np
import pytest

from audioflan_tasks.engine import batches, merge_states
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
    key = "input_ids" if form == "packed" else "inputs"
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


@pytest.mark.slow
@pytest.mark.parametrize("form", ["bucketed", "packed"])
@pytest.mark.parametrize("workers", [0, 2])
def test_after_the_resumed_pass_every_pass_is_whole(workers: int, form: str) -> None:
    data = pytest.importorskip("torchdata.stateful_dataloader")
    torch = pytest.importorskip("torch")
    from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches

    def dataset() -> Any:
        return TorchBatches(MIX, num_epochs=1, window=3, **{**OPTIONS, "form": form})

    def loader() -> Any:
        return data.StatefulDataLoader(dataset(), batch_size=None, num_workers=workers)

    def contents(source: Any) -> list[bytes]:
        key = "input_ids" if form == "packed" else "inputs"
        return [np.asarray(batch[key]).tobytes() for batch in source]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = contents(loader())
        for count in (2, len(whole)):
            first = loader()
            iterator = iter(first)
            for _ in range(count):
                next(iterator)
            if count == len(whole):
                assert not list(iterator)
            state = copy.deepcopy(first.state_dict())
            again = loader()
            again.load_state_dict(state)
            assert contents(again) == (whole[count:] or whole)
            assert contents(again) == whole
            other = dataset()
            other.load_state_dict(state)
            free = torch.utils.data.DataLoader(other, batch_size=None, num_workers=3 - workers)
            if form != "packed":
                assert contents(free) == (whole[count:] or whole)
            else:
                contents(free)
            assert len(contents(free)) == len(contents(free))
