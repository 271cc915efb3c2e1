"""Batches of the demo corpus: the same stream in every form, on any number of shards."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections import Counter
from typing import Any

import numpy as np
import pytest

from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.engine import Batches, batches, merge_states
from audioflan_tasks.errors import MixtureError, SettingsError, UnknownNameError
from audioflan_tasks.mixtures import Mix, mixture
from tests.conftest import maker_of

LENGTHS = {"inputs": 700, "targets": 160}
MIX = mixture(
    "key_detection", "gender_recognition", "audio_caption", policy="equal", tags={"run": "a"}
)

Place = tuple[int, int, int]


def made(mix: Mix | str = MIX, **options: Any) -> Batches:
    return batches(
        mix, **{"batch_size": 4, "split": "test", "seed": 5, "lengths": LENGTHS, **options}
    )


def places(batch: dict[str, np.ndarray]) -> list[Place]:
    """(task, epoch, row) of every example of an unpacked batch."""
    kept = batch["task"] >= 0
    columns = (batch[k][kept].tolist() for k in ("task", "epoch", "row"))
    return list(zip(*columns, strict=True))


def all_places(stream: Any, count: int | None = None) -> list[Place]:
    return [p for b in itertools.islice(stream, count) for p in places(b)]


def packed_lengths(batch: dict[str, np.ndarray]) -> list[tuple[int, int]]:
    """(task, ids) of every example of a packed batch."""
    found = []
    for segments, tasks in zip(batch["segment_ids"], batch["task"], strict=True):
        for number in range(1, segments.max() + 1):
            here = np.flatnonzero(segments == number)
            found.append((int(tasks[here[0]]), len(here)))
    return found


@pytest.mark.slow
def test_rows_are_what_the_example_maker_makes() -> None:
    maker = maker_of(open_corpus(), LENGTHS)
    stream = made()
    batch = next(stream)
    assert batch["inputs"].shape == (4, 700)
    assert batch["targets"].shape == (4, 160)
    for at, (task, epoch, row) in enumerate(places(batch)):
        instance = open_corpus().instance(stream.tasks[task], "test", row)
        wanted = maker.example(instance, 5, epoch)
        assert wanted is not None
        for part in ("inputs", "targets"):
            ids = batch[part][at, : batch[f"{part}_length"][at]]
            assert np.array_equal(ids, getattr(wanted, part))
            assert not batch[part][at, len(ids) :].any()
        assert np.array_equal(batch["inputs_roles"][at, : len(wanted.inputs)], wanted.input_roles)
    assert stream.tags["audioflan_key_detection"] == {"run": "a"}
    assert stream.facts["audioflan_key_detection"]["domain"] == "music"
    assert 0 < stream.padding < 1


@pytest.mark.slow
@pytest.mark.parametrize("form", ["padded", "bucketed", "one_task", "causal"])
def test_finite_epochs_give_every_row_in_every_form(form: str) -> None:
    sizes = {t: open_corpus().size(t, "test") for t in MIX.tasks}
    stream = made(form=form, num_epochs=2, window=3)
    seen = Counter(all_places(stream))
    wanted = {
        (i, e, r) for i, t in enumerate(stream.tasks) for e in (0, 1) for r in range(sizes[t])
    }
    assert set(seen) == wanted
    assert set(seen.values()) == {1}
    with pytest.raises(StopIteration):
        next(stream)


@pytest.mark.slow
def test_one_task_a_batch_keeps_the_shares() -> None:
    stream = made(form="one_task")
    tasks = []
    for batch in itertools.islice(stream, 60):
        assert len(set(batch["task"].tolist())) == 1
        tasks.append(int(batch["task"][0]))
    assert max(Counter(tasks).values()) - min(Counter(tasks).values()) <= 2


def test_bucketing_lowers_padding_and_keeps_the_examples() -> None:
    options: dict[str, Any] = {"lengths": None, "batch_size": 4}
    plain, sorted_ = made(**options), made(**options, form="bucketed", window=6)
    assert sorted(all_places(plain, 12)) == sorted(all_places(sorted_, 12))
    assert sorted_.padding < 0.7 * plain.padding


@pytest.mark.slow
@pytest.mark.parametrize("form", ["padded", "bucketed", "one_task", "causal"])
@pytest.mark.parametrize("count", [2, 3])
def test_shards_are_a_partition_of_one_stream(form: str, count: int) -> None:
    options: dict[str, Any] = {"form": form, "num_epochs": 1, "batch_size": 2}
    alone = all_places(made(**options))
    shards = [all_places(made(**options, shard=(i, count))) for i in range(count)]
    assert sorted(p for shard in shards for p in shard) == sorted(alone)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["padded", "bucketed", "one_task", "causal", "packed"])
@pytest.mark.parametrize("at", [0, 1, 5, 11])
def test_resuming_gives_the_uninterrupted_stream(form: str, at: int) -> None:
    options: dict[str, Any] = {"form": form, "window": 4}
    whole = list(itertools.islice(made(**options), at + 4))
    first = made(**options)
    for _ in range(at):
        next(first)
    state = json.loads(json.dumps(first.state_dict()))
    again = made(**options)
    again.load_state_dict(state)
    assert again.state_dict() == state
    for wanted, found in zip(whole[at:], again, strict=False):
        for key, value in wanted.items():
            assert np.array_equal(value, found[key]), key


@pytest.mark.slow
@pytest.mark.parametrize("form", ["padded", "one_task"])
def test_another_number_of_hosts_goes_on_with_the_same_stream(form: str) -> None:
    options: dict[str, Any] = {"form": form, "batch_size": 2, "num_epochs": 1}
    whole = sorted(all_places(made(**options)))
    two = [made(**options, shard=(i, 2)) for i in range(2)]
    seen = [p for one in two for p in all_places(one, 3)]
    state = two[0].state_dict()
    assert state == two[1].state_dict()
    three = [made(**options, shard=(i, 3)) for i in range(3)]
    for one in three:
        one.load_state_dict(state)
        seen += all_places(one)
    assert sorted(seen) == whole


@pytest.mark.slow
def test_a_window_of_lengths_can_be_left_by_another_number_of_hosts() -> None:
    options: dict[str, Any] = {"form": "bucketed", "window": 4, "num_epochs": 1}
    whole = sorted(all_places(made(**options, batch_size=2)))
    one = made(**options, batch_size=2)
    seen = all_places(one, 2)
    state = one.state_dict()
    two = [made(**options, batch_size=1, shard=(i, 2)) for i in range(2)]
    for half in two:
        half.load_state_dict(state)
        seen += all_places(half)
    assert sorted(seen) == whole
    with pytest.raises(MixtureError, match="inside a window of 8 examples, these have 24"):
        made(**options, batch_size=6).load_state_dict(state)


def test_packing_keeps_every_example_whole() -> None:
    options: dict[str, Any] = {
        "form": "packed",
        "num_epochs": 1,
        "pack_length": 1000,
        "batch_size": 2,
    }
    lengths: Counter[tuple[int, int]] = Counter()
    for batch in made(num_epochs=1):
        kept = batch["task"] >= 0
        sizes = (batch["inputs_length"] + batch["targets_length"])[kept]
        lengths.update(zip(batch["task"][kept].tolist(), sizes.tolist(), strict=True))
    stream = made(**options)
    found: Counter[tuple[int, int]] = Counter()
    for batch in stream:
        found.update(packed_lengths(batch))
        for segments, positions, tasks in zip(
            batch["segment_ids"], batch["position_ids"], batch["task"], strict=True
        ):
            used = segments > 0
            assert (np.diff(segments[used]) >= 0).all()
            assert ((tasks >= 0) == used).all()
            starts = np.flatnonzero(np.diff(segments, prepend=0) * used)
            assert (positions[starts] == 0).all()
    assert found == lengths
    assert stream.padding < 0.35


@pytest.mark.slow
def test_packed_states_of_all_hosts_become_those_of_another_number() -> None:
    options: dict[str, Any] = {
        "form": "packed",
        "num_epochs": 1,
        "pack_length": 1000,
        "batch_size": 1,
    }
    whole = Counter(p for b in made(**options) for p in packed_lengths(b))
    two = [made(**options, shard=(i, 2)) for i in range(2)]
    seen: Counter[Any] = Counter()
    for one, count in zip(two, (1, 4), strict=True):
        for batch in itertools.islice(one, count):
            seen.update(packed_lengths(batch))
    states = [one.state_dict() for one in two]
    with pytest.raises(MixtureError, match="merge_states"):
        made(**options).load_state_dict(states[0])
    with pytest.raises(MixtureError, match="one state of each of 2"):
        merge_states(states[:1])
    merged = json.loads(json.dumps(merge_states(states)))
    for index in range(3):
        one = made(**options, shard=(index, 3))
        one.load_state_dict(merged)
        for batch in one:
            seen.update(packed_lengths(batch))
    assert seen == whole


def test_a_revision_repeats_and_loses_nothing() -> None:
    old = made(num_epochs=1, batch_size=3)
    named = [(old.tasks[t], e, r) for t, e, r in all_places(old, 6)]
    state = old.state_dict()
    other = mixture(
        weights={"key_detection": 5, "gender_recognition": 1, "audio_caption": 1, "denoising": 2}
    )
    with pytest.raises(MixtureError, match=r"tasks came in: audioflan_denoising.*revise=True"):
        made(other, num_epochs=1).load_state_dict(state)
    new = made(other, num_epochs=1, batch_size=3)
    new.load_state_dict(state, revise=True)
    named += [(new.tasks[t], e, r) for t, e, r in all_places(new, 5)]
    # Again without one task, which then comes back; in between the state is written out.
    fewer = made("audioflan_major_audio_caption", num_epochs=1, batch_size=3)
    with pytest.raises(MixtureError, match="tasks went out: audioflan_denoising"):
        fewer.load_state_dict(new.state_dict())
    fewer.load_state_dict(new.state_dict(), revise=True)
    named += [(fewer.tasks[t], e, r) for t, e, r in all_places(fewer, 1)]
    resumed = made("audioflan_major_audio_caption", num_epochs=1, batch_size=3)
    resumed.load_state_dict(json.loads(json.dumps(fewer.state_dict())))
    assert resumed.state_dict() == fewer.state_dict()
    last = made(other, num_epochs=1, batch_size=3)
    last.load_state_dict(resumed.state_dict(), revise=True)
    named += [(last.tasks[t], e, r) for t, e, r in all_places(last)]
    assert len(last.state_dict()["revisions"]) == 3
    assert len(set(named)) == len(named)
    for task in other.tasks:
        rows = {r for t, _, r in named if t == task}
        assert len(rows) == open_corpus().size(task, "test")


def test_a_state_of_another_stream_is_refused_with_what_changed() -> None:
    stream = made()
    next(stream)
    state = stream.state_dict()
    weighted = mixture(*MIX.tasks, policy="size")
    for other, words in (
        (made(seed=6), "seed was 5 and is 6"),
        (made(split="train"), "split was 'test' and is 'train'"),
        (made(weighted), "weights, groups or tags changed"),
        (made(num_epochs=2), "epochs was None and is 2"),
    ):
        with pytest.raises(MixtureError, match=words):
            other.load_state_dict(state)
    sources = base64.b64decode(state["sources"])[:-1] + b"\x00"
    changed = state | {"sources": base64.b64encode(sources).decode()}
    with pytest.raises(MixtureError, match="records changed in"):
        made().load_state_dict(changed)
    with pytest.raises(MixtureError, match="version 2"):
        made().load_state_dict(state | {"version": 2})
    with pytest.raises(MixtureError, match="missing required field `counts`"):
        made().load_state_dict({k: v for k, v in state.items() if k != "counts"})
    unseeded = made(seed=None)
    unseeded.load_state_dict(state)
    assert places(next(unseeded)) == places(next(stream))


@pytest.mark.slow
def test_state_of_all_tasks_after_a_revision_is_small_and_loads_at_once() -> None:
    stream = made("audioflan_all", split="train", batch_size=256)
    state = stream.stream.state(5 * 10**8)
    revised = made("audioflan_all_size", split="train", batch_size=256)
    revised.load_state_dict(state, revise=True)
    late = revised.stream.state(10**9)
    assert len(json.dumps(late)) <= 2048
    again = made("audioflan_all_size", split="train", batch_size=256)
    again.stream.rows.fingerprint("audioflan_denoising")
    begun = time.thread_time()
    again.load_state_dict(late)
    steps = np.arange(10**9, 10**9 + 256)
    found = again.stream.draws(steps)
    # Of the processor, not on the wall; to walk there would take minutes.
    assert time.thread_time() - begun < 5
    assert np.array_equal(found.row, revised.stream.draws(steps).row)
    counts = again.stream.plan.counts(5 * 10**8)
    assert counts.sum() == 10**9


@pytest.mark.slow
def test_rows_can_be_filtered_and_weighed() -> None:
    english = mixture("text_to_speech", rows={"language": "English"})
    stream = made(english, lengths=None, num_epochs=1)
    rows = stream.stream.rows
    found = [rows.instance(stream.tasks[t], r) for t, _, r in all_places(stream)]
    assert found
    assert {i.other["language"] for i in found} == {"English"}
    with pytest.raises(MixtureError, match=r"no record of split 'test' passes .* nearest: Italian"):
        made(mixture("text_to_speech", rows={"language": "Klingon"}))
    weighed = mixture(weights={"key_detection": 1, "gender_recognition": 1}, weight_by="tokens")
    stream = made(weighed, lengths=None, batch_size=16)
    ids: Counter[int] = Counter()
    for batch in itertools.islice(stream, 30):
        total = batch["inputs_length"] + batch["targets_length"]
        for task, count in zip(batch["task"].tolist(), total.tolist(), strict=True):
            ids[task] += count
    assert ids[0] / sum(ids.values()) == pytest.approx(0.5, abs=0.03)


def test_arguments_that_cannot_be() -> None:
    with pytest.raises(UnknownNameError, match="did you mean audioflan_all"):
        made("audioflan_al")
    for options, words in (
        ({"form": "stacked"}, "expected one of padded"),
        ({"batch_size": 0}, "batch_size=0: expected a whole number of at least 1"),
        ({"shard": (2, 2)}, "shard index=2: expected 0 to 1"),
        ({"form": "packed", "lengths": None}, "pack_length"),
        ({"form": "packed", "pack_length": 1}, "at least 2"),
        ({"split": "dev"}, "split='dev': expected one of train, validation, test"),
        ({"batch_size": "8"}, "batch_size='8': expected a whole number"),
        ({"batch_size": True}, "batch_size=True: expected a whole number"),
        ({"seed": 1.5}, "seed=1.5: expected a whole number"),
        ({"seed": -1}, "seed=-1: expected a whole number"),
        ({"num_epochs": 0}, "num_epochs=0: expected a whole number of at least 1"),
        ({"stop": "every_rows"}, "did you mean every_row"),
        ({"shard": 0}, "shard=0: expected .index, count."),
        ({"shard": ("0", 2)}, "shard index='0'"),
        ({"lengths": 5}, "lengths=5: expected lengths of inputs and targets"),
        ({"lengths": {"input": 5}}, "expected lengths of inputs and targets"),
        ({"lengths": {"inputs": 9.5}}, "inputs'.=9.5: expected a whole number"),
        ({"loss_on": 3}, "loss_on=3"),
        ({"window": None}, "window=None: expected a whole number"),
        ({"corpus": "/corpus"}, "corpus='/corpus': expected audioflan_tasks.Corpus"),
        ({"options": {"codebooks": 2}}, "expected audioflan_tasks.ExampleOptions"),
    ):
        with pytest.raises(SettingsError, match=words):
            made(**options)
    with pytest.raises(SettingsError, match="mixture=7: expected a mixture"):
        made(7)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="were skipped"):
        list(itertools.islice(made(lengths={"inputs": 4, "targets": 4}), 100))
    with pytest.raises(MixtureError, match="not of packed batches, these are packed"):
        made(form="packed").load_state_dict(made().state_dict())


@pytest.mark.slow
@pytest.mark.parametrize("form", ["padded", "causal", "packed"])
def test_loss_falls_on_what_is_asked_for(form: str) -> None:
    mix = mixture("denoising", "key_detection", policy="equal")
    counts = {}
    for loss_on in ("answer", "all", "audio", "text"):
        stream = made(mix, form=form, loss_on=loss_on, lengths=None, pack_length=9000)
        batch, soa = next(stream), stream.stream.maker.vocabulary.soa_id
        counts[loss_on] = 0
        for ids, roles, loss, is_first in losses(batch):
            wanted = {"answer": roles == 3, "all": roles > 0, "audio": (roles > 0) & (ids >= soa),
                      "text": (roles > 0) & (ids < soa)}[loss_on]  # fmt: skip
            assert np.array_equal(loss, wanted & ~is_first), loss_on
            counts[loss_on] += int(loss.sum())
    assert counts["audio"] + counts["text"] == counts["all"] > counts["answer"] > 0
    assert counts["audio"] and counts["text"]
    with pytest.raises(SettingsError, match="loss_on='answers': expected one of answer, all"):
        made(loss_on="answers")


def losses(batch: dict[str, np.ndarray]) -> list[tuple[np.ndarray, ...]]:
    """Ids, roles, what counts, and what begins an example of a decoder, of each side."""
    if "labels" in batch:
        is_first = (batch["position_ids"] == 0) & (batch["segment_ids"] > 0)
        return [(batch["input_ids"], batch["roles"], batch["labels"] != -100, is_first)]
    return [
        (batch[side], batch[f"{side}_roles"], batch[f"{side}_loss"], np.zeros(1, np.bool_))
        for side in ("inputs", "targets")
    ]
