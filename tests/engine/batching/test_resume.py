"""A stream that is continued equals the uninterrupted one, or is refused by name.

Over forms, workers, ranks, passes, positions and kinds of loaders; see docs/mixtures.md.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.engine import Batches, batches, merge_states
from audioflan_tasks.engine.adapters.loader_states import merge_loader_states
from audioflan_tasks.engine.adapters.workers import WorkerBatches
from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures import BlockShuffle, mixture
from audioflan_tasks.records import Instance
from tests.engine.batching.loaders import Loader

MIX = mixture("key_detection", "gender_recognition", policy="equal")
# Cases are small as they are.
PHASES = (Phase.explicit, Phase.generate)
FORMS = ("padded", "bucketed", "one_task", "causal", "packed")


@dataclass(frozen=True)
class Case:
    """What is interrupted, and with what it is continued."""

    form: str
    epochs: int | None
    ending: str
    position: int
    workers: int
    ranks: int
    later_workers: int
    later_ranks: int
    earlier_passes: int

    def arguments(self, rank: int = 0, ranks: int = 1) -> dict[str, Any]:
        endings = {"share": {}, "drop": {"drop_last": True}, "pad": {"pad_to_equal": True}}
        return {
            "batch_size": 3, "split": "test", "seed": 2, "form": self.form, "window": 3,
            "lengths": {"inputs": 300, "targets": 60}, "num_epochs": self.epochs,
            "shard": (rank, ranks), **endings[self.ending],
        }  # fmt: skip


cases = st.builds(
    Case,
    form=st.sampled_from(FORMS), epochs=st.sampled_from([None, 1, 2]),
    ending=st.sampled_from(["share", "drop", "pad"]), position=st.integers(0, 9),
    workers=st.integers(0, 3), ranks=st.integers(1, 3),
    later_workers=st.integers(0, 3), later_ranks=st.integers(1, 3),
    earlier_passes=st.integers(0, 1),
)  # fmt: skip

# Batches that are looked at: of a stream without end some, of another all.
_SOME, _ALL = 6, 100


@pytest.fixture(autouse=True, scope="module")
def _examples_are_made_once() -> Iterator[None]:
    """An example depends on record, seed and epoch, and to make it is most of the time."""
    made: dict[Any, Any] = {}
    make = ExampleMaker.example

    def example_once(self: ExampleMaker, instance: Instance, seed: int, epoch: int = 0) -> Any:
        key = (instance.uuid, seed, epoch)
        if key not in made:
            made[key] = make(self, instance, seed, epoch)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExampleMaker, "example", example_once)
        yield


def most(case: Case) -> int:
    return _ALL if case.epochs else _SOME


def examples_of(batch: Batch) -> list[Any]:
    """What stands for each example of a batch that is not given again."""
    if "row" not in batch:
        return [
            (
                row["task"][row["segment_ids"] == n][0].item(),
                row["input_ids"][row["segment_ids"] == n].tobytes(),
            )
            for row in _rows(batch)
            if not row.get("repeated", 0)
            for n in range(1, row["segment_ids"].max() + 1)
        ]
    return [
        (int(row["task"]), int(row["epoch"]), int(row["row"]))
        for row in _rows(batch)
        if row["task"] >= 0 and not row.get("repeated", 0)
    ]


def _rows(batch: Batch) -> list[dict[str, Any]]:
    return [dict(zip(batch, row, strict=True)) for row in zip(*batch.values(), strict=True)]


def whole_of(batch: Batch) -> dict[str, Any]:
    return {name: values.tolist() for name, values in batch.items()}


def check_batches(case: Case) -> None:
    """`Batches` of all ranks, continued by as many ranks or by another number."""
    streams = [batches(MIX, **case.arguments(r, case.ranks)) for r in range(case.ranks)]
    before = [list(itertools.islice(stream, case.position)) for stream in streams]
    states = [json.loads(json.dumps(stream.state_dict())) for stream in streams]
    rest = [list(itertools.islice(stream, most(case))) for stream in streams]
    if case.form != "packed":
        assert all(state == states[0] for state in states)
    if case.epochs is not None:
        assert len({len(part) for part in rest}) == 1
    same = [batches(MIX, **case.arguments(r, case.ranks)) for r in range(case.ranks)]
    for stream, state, expected in zip(same, states, rest, strict=True):
        stream.load_state_dict(state)
        assert stream.state_dict() == state
        found = list(itertools.islice(stream, most(case)))
        assert list(map(whole_of, found)) == list(map(whole_of, expected))
    later = [batches(MIX, **case.arguments(r, case.later_ranks)) for r in range(case.later_ranks)]
    check_other_ranks(case, later, merge_states(states) if case.form == "packed" else states[0],
                      [b for part in before for b in part])  # fmt: skip


def check_other_ranks(
    case: Case, later: list[Batches], state: dict[str, Any], before: list[Batch]
) -> None:
    try:
        for stream in later:
            stream.load_state_dict(state)
    except MixtureError as error:
        assert case.form == "bucketed" and "window" in str(error)
        return
    if case.epochs is None:
        return
    after = [list(stream) for stream in later]
    assert len({len(part) for part in after}) == 1
    check_each_once(case, [*before, *(b for part in after for b in part)])


def check_each_once(case: Case, given_batches: list[Batch]) -> None:
    """All batches together have every example once; some are missing where the last are dropped."""
    found = Counter(e for batch in given_batches for e in examples_of(batch))
    whole = batches(MIX, **{**case.arguments(), "drop_last": False, "pad_to_equal": False})
    expected = Counter(e for batch in whole for e in examples_of(batch))
    assert found == expected or (case.ending == "drop" and found < expected)


def check_loader(case: Case) -> None:
    """A loader with workers, continued with as many or with another number."""

    def loader(workers: int) -> Loader:
        return Loader(WorkerBatches(MIX, **case.arguments()), workers)

    first = loader(case.workers)
    for _ in range(case.earlier_passes if case.epochs else 0):
        for _ in first:
            pass
    iterator = iter(first)
    before = list(itertools.islice(iterator, case.position))
    state = json.loads(json.dumps(first.state_dict())) if before else None
    rest = list(itertools.islice(iterator, most(case)))
    if state is None:
        return
    again = loader(case.workers)
    again.load_state_dict(state)
    assert list(map(whole_of, itertools.islice(again, most(case)))) == list(map(whole_of, rest))
    other = loader(case.later_workers)
    other.dataset.load_state_dict(state)
    found = list(itertools.islice(other, most(case)))
    if case.form != "packed":
        assert list(map(whole_of, found)) == list(map(whole_of, rest))
    if case.epochs is not None:
        check_each_once(case, [*before, *found])
        passes = [sum(1 for _ in other) for _ in range(2)]
        assert passes == [sum(1 for _ in loader(case.later_workers))] * 2


@pytest.mark.slow
@given(case=cases)
@settings(max_examples=10, phases=PHASES)
@example(case=Case("bucketed", 1, "share", 5, 0, 2, 2, 3, 0))
@example(case=Case("packed", 1, "share", 2, 0, 3, 2, 2, 0))
def test_batches_continue(case: Case) -> None:
    check_batches(case)


@pytest.mark.slow
@given(case=cases)
@settings(max_examples=10, phases=PHASES)
@example(case=Case("bucketed", None, "share", 5, 0, 1, 3, 1, 0))
@example(case=Case("padded", 1, "share", 3, 2, 1, 3, 1, 1))
@example(case=Case("packed", 1, "share", 2, 2, 1, 3, 1, 1))
def test_loaders_continue(case: Case) -> None:
    check_loader(case)


def test_packed_loaders_of_all_ranks_become_those_of_another_number() -> None:
    case = Case("packed", 1, "share", 2, 2, 2, 0, 3, 0)
    loaders = [Loader(WorkerBatches(MIX, **case.arguments(r, 2)), 2) for r in range(2)]
    before = [batch for loader in loaders for batch in itertools.islice(loader, 3)]
    states = [json.loads(json.dumps(loader.state_dict())) for loader in loaders]
    with pytest.raises(MixtureError, match="one state of each of 4"):
        WorkerBatches(MIX, **case.arguments()).load_state_dict(states[0])
    with pytest.raises(MixtureError, match="StatefulDataLoaders"):
        merge_loader_states([{}])
    state = merge_loader_states(states)
    after = []
    for rank in range(3):
        dataset = WorkerBatches(MIX, **case.arguments(rank, 3))
        dataset.load_state_dict(state)
        after.append(list(Loader(dataset, 0)))
    assert len({len(part) for part in after}) == 1
    check_each_once(case, [*before, *itertools.chain(*after)])


@pytest.mark.parametrize("age", [0, 1, 2])
@pytest.mark.parametrize("workers", [0, 1, 2])
def test_states_of_loaders_may_be_some_batches_old(workers: int, age: int) -> None:
    """`snapshot_every_n_steps` of a StatefulDataLoader; without workers it is never old."""
    case = Case("padded", None, "share", 0, workers, 1, 0, 1, 0)
    loader = Loader(WorkerBatches(MIX, **case.arguments()), workers)
    iterator = iter(loader)
    whole = [whole_of(next(iterator)) for _ in range(2)]
    state = json.loads(json.dumps(loader.state_dict()))
    whole += [whole_of(next(iterator)) for _ in range(5)]
    if workers:
        state["_steps_since_snapshot"] = age
    dataset = WorkerBatches(MIX, **case.arguments())
    dataset.load_state_dict(state)
    begin = 2 + age * bool(workers)
    found = list(itertools.islice(dataset.begin(0, 1), 7 - begin))
    assert list(map(whole_of, found)) == whole[begin:]


@pytest.mark.full
@given(case=cases)
@settings(max_examples=300, phases=PHASES)
def test_every_loader_continues(case: Case) -> None:
    check_batches(case)
    check_loader(case)


def test_blocks_of_rows_belong_to_the_state() -> None:
    def opened(shuffle: Any) -> Batches:
        return batches(MIX, batch_size=3, split="test", seed=2, num_epochs=1, shuffle=shuffle)

    stream = opened(BlockShuffle(rows=2, blocks=2))
    next(stream)
    state = json.loads(json.dumps(stream.state_dict()))
    later = opened(BlockShuffle(rows=2, blocks=2))
    later.load_state_dict(state)
    rest = [batch["row"].tolist() for batch in later]
    assert rest == [batch["row"].tolist() for batch in stream]
    for other in (True, BlockShuffle(rows=3, blocks=2)):
        with pytest.raises(MixtureError, match=r"shuffle was 'BlockShuffle\(rows=2, blocks=2\)'"):
            opened(other).load_state_dict(state)
