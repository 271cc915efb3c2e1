"""Workers that send many batches in a message give those of the engine, in its order."""

from __future__ import annotations

import itertools
import json
import multiprocessing
from typing import Any

import pytest

from audioflan_tasks.engine import batches
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.options import ExampleOptions

torch = pytest.importorskip("torch")

import tests.store.tokenizers  # noqa: E402, F401 - registers mulaw
from audioflan_tasks.engine.adapters import torch_loader  # noqa: E402
from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches  # noqa: E402
from audioflan_tasks.engine.adapters.torch_loader import TorchLoader  # noqa: E402

OPTIONS: dict[str, Any] = {
    "batch_size": 3, "split": "test", "seed": 2, "lengths": {"inputs": 600, "targets": 100},
}  # fmt: skip
MIX = mixture("key_detection", "gender_recognition", policy="equal")


class SpawnedBatches(TorchBatches):
    """A worker that is spawned imports this module, and so has the tokenizer."""


def rows_of(source: Any) -> list[list[int]]:
    return [batch["row"].tolist() for batch in source]


# On a machine with fewer processors torch warns of that many workers.
@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize("workers", [0, 2, pytest.param(3, marks=pytest.mark.full)])
def test_any_number_of_workers_gives_the_batches_of_the_engine(workers: int) -> None:
    loader = TorchLoader(TorchBatches(MIX, num_epochs=1, **OPTIONS), workers)
    engine_batches = list(batches(MIX, num_epochs=1, **OPTIONS))
    loaded_batches = list(loader)
    assert len(loaded_batches) == len(engine_batches) == len(loader)
    for loaded, own in zip(loaded_batches, engine_batches, strict=True):
        assert list(loaded) == list(own)
        for name, array in own.items():
            assert torch.equal(loaded[name], torch.from_numpy(array))


def test_a_state_is_resumed_by_another_number_of_workers() -> None:
    engine_rows = rows_of(itertools.islice(batches(MIX, **OPTIONS), 8))
    loader = TorchLoader(TorchBatches(MIX, **OPTIONS), 2)
    assert rows_of(itertools.islice(loader, 5)) == engine_rows[:5]
    state = json.loads(json.dumps(loader.state_dict()))
    resumed = TorchLoader(TorchBatches(MIX, **OPTIONS), 0)
    resumed.load_state_dict(state)
    assert rows_of(itertools.islice(resumed, 3)) == engine_rows[5:]


@pytest.mark.parametrize(
    "context", ["fork", pytest.param("spawn", marks=[pytest.mark.slow, pytest.mark.full])]
)
def test_workers_can_stay_for_the_next_pass(context: str) -> None:
    arguments = {**OPTIONS, "num_epochs": 1}
    if context == "spawn":
        arguments["options"] = ExampleOptions(tokenizer="mulaw")
    engine_rows = rows_of(batches(MIX, **arguments))
    loader = TorchLoader(
        SpawnedBatches(MIX, **arguments), 2, multiprocessing_context=context,
        persistent_workers=True,
    )  # fmt: skip
    assert rows_of(itertools.islice(loader, 5)) == engine_rows[:5]
    state, processes = loader.state_dict(), multiprocessing.active_children()
    # A pass that was left is not gone on with.
    assert rows_of(loader) == engine_rows
    assert set(processes) <= set(multiprocessing.active_children()) and len(processes) >= 2
    loader.load_state_dict(state)
    assert rows_of(loader) == engine_rows[5:]
    assert rows_of(loader) == engine_rows


def test_workers_of_packed_batches_take_turns_and_have_no_state() -> None:
    arguments = {**OPTIONS, "form": "packed", "num_epochs": 1}
    loader = TorchLoader(TorchBatches(MIX, **arguments), 2)
    parts = [batches(MIX, shard=(index, 2), **arguments) for index in range(2)]
    in_turn = [batch for pair in zip(*parts, strict=True) for batch in pair]
    loaded_batches = list(loader)
    for loaded, own in zip(loaded_batches, in_turn, strict=True):
        assert torch.equal(loaded["input_ids"], torch.from_numpy(own["input_ids"]))
    with pytest.raises(SettingsError, match="packed"):
        loader.state_dict()


def test_messages_grow_to_some_hundred_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_loader, "_ROWS", 12)
    monkeypatch.setattr(
        torch_loader, "get_worker_info", lambda: type("Info", (), {"id": 0, "num_workers": 1})
    )
    messages = torch_loader._Messages(TorchBatches(MIX, **OPTIONS), 4)
    counts = [len(message.places) for _, message in itertools.islice(messages, 4)]
    assert counts == [1, 2, 4, 4]


def test_batches_are_right_where_buffers_are_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_loader, "_ROWS", 6)
    loader = TorchLoader(TorchBatches(MIX, **OPTIONS), 2)
    engine_batches = list(itertools.islice(batches(MIX, **OPTIONS), 60))
    # Some batches are kept while later ones come, most are dropped.
    kept_batches: dict[int, Any] = {}
    for number, loaded in enumerate(itertools.islice(loader, 60)):
        kept_batches = {n: batch for n, batch in kept_batches.items() if n % 9 == 0}
        kept_batches[number] = loaded
        for kept_number, kept in kept_batches.items():
            own = engine_batches[kept_number]
            assert all(torch.equal(kept[name], torch.from_numpy(own[name])) for name in own)


@pytest.mark.slow
def test_a_new_pass_of_workers_that_are_kept_ends_the_one_before() -> None:
    loader = TorchLoader(TorchBatches(MIX, **OPTIONS), 2, persistent_workers=True)
    first_pass, second_pass = iter(loader), iter(loader)
    list(itertools.islice(first_pass, 3))
    engine_batches = list(itertools.islice(batches(MIX, **OPTIONS), 30))
    loaded = list(itertools.islice(second_pass, 10))
    assert not list(itertools.islice(first_pass, 5))
    loaded += itertools.islice(second_pass, 20)
    for one, own in zip(loaded, engine_batches, strict=True):
        assert all(torch.equal(one[name], torch.from_numpy(own[name])) for name in own)
