"""Mixtures through seqio: the engine's stream, seqio's own sampler beside it, every name."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio
import tensorflow as tf

from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.engine import Stream, batches
from audioflan_tasks.errors import MissingAudioError, MixtureError, SettingsError
from audioflan_tasks.mixtures import mixture, standard_mixtures
from audioflan_tasks.records import Instance
from audioflan_tasks.seqio_tasks.mixture import AudioFlanMixture

LENGTHS = {"inputs": 700, "targets": 160}
WEIGHTS = {"key_detection": 5, "gender_recognition": 3, "audio_caption": 2}
TASKS = tuple(f"audioflan_{name}" for name in WEIGHTS)


@pytest.fixture(autouse=True)
def _quick(quick_tokens: None) -> None:
    """For every test of this file."""


@pytest.fixture(scope="module")
def mix() -> AudioFlanMixture:
    return AudioFlanMixture("audioflan_test_three", mixture(weights=WEIGHTS, tags={"run": "a"}))


def read(source: Any, count: int | None = None, **options: Any) -> list[dict[str, Any]]:
    dataset = source.get_dataset(
        **{"sequence_length": LENGTHS, "split": "test", "seed": 3, **options}
    )
    return list(itertools.islice(dataset.as_numpy_iterator(), count))


def uuids(found: list[dict[str, Any]]) -> list[bytes]:
    return [e["uuid"] for e in found]


@pytest.mark.slow
def test_the_dataset_is_the_stream(mix: AudioFlanMixture) -> None:
    found = read(mix, 40)
    stream = Stream(mix.mix, split="test", seed=3, lengths=LENGTHS)
    for one, made in zip(found, stream.examples(np.arange(40)), strict=True):
        assert made.example is not None
        assert one["task"].decode() == stream.tasks[made.task]
        assert np.array_equal(one["inputs"], made.example.inputs)
        assert np.array_equal(one["targets"], made.example.targets)
        assert one["tags"] == b"run=a"
        told = made.example.provenance
        assert {name: one[name].decode() for name in told} == told
        assert tuple(i.decode() for i in one["audio_ids"]) == made.example.audio_ids
        assert one["shots"].tolist() == []
    batch = next(batches(mix.mix, batch_size=8, split="test", seed=3, lengths=LENGTHS))
    assert np.array_equal(batch["inputs"][7, : len(found[7]["inputs"])], found[7]["inputs"])


@pytest.mark.slow
def test_a_task_alone_gives_the_rows_that_it_gives_inside(mix: AudioFlanMixture) -> None:
    alone = read(seqio.get_mixture_or_task(TASKS[0]), num_epochs=2)
    inside = [e for e in read(mix, 60) if e["task"].decode() == TASKS[0]]
    count = min(len(alone), len(inside))
    assert count > 15
    for one, other in zip(alone[:count], inside[:count], strict=True):
        assert one["uuid"] == other["uuid"]
        assert np.array_equal(one["inputs"], other["inputs"])


@pytest.mark.slow
def test_both_engines_have_the_same_shares(mix: AudioFlanMixture) -> None:
    ours = Counter(e["task"].decode() for e in read(mix, 400))
    stock = Counter(e["task"].decode() for e in read(mix, 400, engine="seqio"))
    for task, weight in zip(TASKS, WEIGHTS.values(), strict=True):
        assert abs(ours[task] - 40 * weight) <= 2
        # Independent draws: 4 standard deviations.
        assert abs(stock[task] - 40 * weight) <= 4 * (400 * weight / 10 * (1 - weight / 10)) ** 0.5


@pytest.mark.slow
def test_one_task_without_shuffling_is_the_same_in_both_engines() -> None:
    one = AudioFlanMixture("audioflan_test_one", mixture("key_detection"))
    options = {"shuffle": False, "num_epochs": 2}
    ours, stock = read(one, **options), read(one, **options, engine="seqio")
    assert len(ours) == len(stock) == 2 * open_corpus().size("key_detection", "test")
    for a, b in zip(ours, stock, strict=True):
        assert a["uuid"] == b["uuid"]
        assert np.array_equal(a["inputs"], b["inputs"])


@pytest.mark.slow
def test_finite_epochs_shards_and_ends(mix: AudioFlanMixture) -> None:
    sizes = {t: open_corpus().size(t, "test") for t in TASKS}
    whole = uuids(read(mix, num_epochs=2))
    assert len(whole) == 2 * sum(sizes.values())
    assert set(Counter(whole).values()) == {2}
    shards = [uuids(read(mix, num_epochs=2, shard_info=seqio.ShardInfo(i, 3))) for i in range(3)]
    assert sorted(itertools.chain(*shards)) == sorted(whole)
    first = Counter(e["task"].decode() for e in read(mix, num_epochs=1, stop="first_exhausted"))
    assert any(first[t] == sizes[t] for t in TASKS)
    assert all(first[t] <= sizes[t] for t in TASKS)
    last = Counter(e["task"].decode() for e in read(mix, num_epochs=1, stop="all_exhausted"))
    assert all(last[t] >= sizes[t] for t in TASKS)


@pytest.mark.slow
def test_a_dataset_begins_at_a_state_and_checkpoints_are_small(
    mix: AudioFlanMixture, tmp_path: Path
) -> None:
    whole = uuids(read(mix, 30))
    state = Stream(mix.mix, split="test", seed=3, lengths=LENGTHS).state(17)
    assert uuids(read(mix, 13, state=state)) == whole[17:]
    assert uuids(read(mix, 13, state=state, seed=None)) == whole[17:]
    with pytest.raises(MixtureError, match="tasks went out"):
        read(AudioFlanMixture("audioflan_test_o", mixture("key_detection")), 1, state=state)
    dataset = mix.get_dataset(LENGTHS, "test", seed=3)
    iterator = iter(dataset)
    taken = [next(iterator)["uuid"].numpy() for _ in range(9)]
    path = tf.train.Checkpoint(i=iterator).save(str(tmp_path / "ckpt"))
    again = iter(dataset)
    tf.train.Checkpoint(i=again).restore(path)
    assert taken == whole[:9]
    assert [next(again)["uuid"].numpy() for _ in range(5)] == whole[9:14]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 4096
    for seed, split in ((4, "test"), (3, "validation")):
        other = iter(mix.get_dataset(LENGTHS, split, seed=seed))
        with pytest.raises(tf.errors.OpError, match="of another stream: seed, mixture, split"):
            tf.train.Checkpoint(i=other).restore(path)


@pytest.mark.slow
def test_an_error_is_of_one_example(mix: AudioFlanMixture, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = uuids(read(mix, num_epochs=1))
    make = ExampleMaker.example

    def example(self: ExampleMaker, instance: Instance, seed: int, epoch: int = 0) -> Any:
        if instance.uuid.encode() in (whole[3], whole[20]):
            raise MissingAudioError(f"{instance.uuid} is gone")
        return make(self, instance, seed, epoch)

    monkeypatch.setattr(ExampleMaker, "example", example)
    with pytest.raises(tf.errors.OpError, match=f"MissingAudioError: {whole[3].decode()} is gone"):
        read(mix, num_epochs=1)
    dataset = mix.get_dataset(LENGTHS, "test", seed=3, num_epochs=1).ignore_errors()
    found = [one["uuid"].numpy() for one in dataset]
    assert found == [uuid for uuid in whole if uuid not in (whole[3], whole[20])]


@pytest.mark.slow
def test_arguments_are_honoured_or_refused(mix: AudioFlanMixture) -> None:
    plain = set(read(mix, 1)[0])
    assert set(read(mix, 1, copy_pretokenized=True)[0]) == plain | {"targets_pretokenized"}
    for engine in ("index", "seqio"):
        some = read(mix, 20, passthrough_features=["uuid", "major"], engine=engine)
        assert all(set(one) == {"inputs", "targets", "uuid", "major"} for one in some)
    # Those that need no record are told alike.
    whole = read(mix, 20)
    assert [(one["inputs"].tolist(), one["major"]) for one in whole] == [
        (one["inputs"].tolist(), one["major"])
        for one in read(mix, 20, passthrough_features=["major"])
    ]
    with pytest.raises(SettingsError, match="in no example"):
        read(mix, 1, passthrough_features=["colour"])
    with pytest.raises(SettingsError, match="no cache of it in the folders"):
        read(mix, 1, use_cached=True)
    with pytest.raises(SettingsError, match="expected one of index, seqio"):
        read(mix, 1, engine="grain")
    with pytest.raises(SettingsError, match="knows neither stop"):
        read(mix, 1, engine="seqio", stop="first_exhausted")
    short = {"sequence_length": {"inputs": 400, "targets": 160}}
    untrimmed = read(mix, 40, trim_output_features=False, **short)
    assert max(len(e["inputs"]) for e in untrimmed) > 400
    assert max(len(e["inputs"]) for e in read(mix, 40, **short)) <= 400
    rows = read(mix, 30, shuffle=False)
    keys = [e["uuid"].decode() for e in rows if e["task"].decode() == TASKS[0]]
    corpus = open_corpus()
    assert keys[:5] == [corpus.instance(TASKS[0], "test", i).uuid for i in range(5)]
    assert uuids(read(mix, 20, seed=None)) != uuids(read(mix, 20, seed=None))


@pytest.mark.slow
@pytest.mark.parametrize("name", [row.name for row in standard_mixtures()])
def test_every_registered_name_runs_without_an_argument(name: str) -> None:
    (example,) = seqio.get_mixture_or_task(name).get_dataset().take(1).as_numpy_iterator()
    assert len(example["inputs"])
    assert example["task"].decode() in seqio.get_mixture_or_task(name).mix.tasks
