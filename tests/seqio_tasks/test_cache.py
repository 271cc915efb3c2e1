"""What an offline cache of seqio holds: codes and records, but no draw of a template.

The cache is written here as `seqio_cache_tasks` writes it, without Beam; test_cache_tool.py reads
those that it writes itself.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio
import tensorflow as tf

from audioflan_tasks import catalogue
from audioflan_tasks.config import settings
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.seqio_tasks.mixture import AudioFlanMixture
from audioflan_tasks.seqio_tasks.task import AudioFlanTask, make_task
from tests.kinds import first_of
from tests.seqio_tasks.test_families import ASR, corpus_of

LENGTHS = {"inputs": 300, "targets": 90}
NAMES = ("audioflan_key_detection", "audioflan_audio_caption")


@pytest.fixture(autouse=True)
def _quick(quick_tokens: None) -> None:
    """For every test of this file."""


def write_cache(task: AudioFlanTask, split: str, folder: Path) -> None:
    """Two shards with the elements before the placeholder."""
    source = task.source.get_dataset(split, shuffle=False)
    dataset = task.preprocess_precache(source, seed=None)
    home = folder / task.name
    home.mkdir(parents=True)
    elements = list(dataset)
    for shard in range(2):
        name = f"{seqio.utils.get_cached_tfrecord_prefix(home, split)}-0000{shard}-of-00002"
        with tf.io.TFRecordWriter(name) as writer:
            for element in elements[shard::2]:
                example = seqio.utils.dict_to_tfexample(element)
                writer.write(example.SerializeToString())
    features = {
        name: {"dtype": spec.dtype.name, "shape": spec.shape.as_list()}
        for name, spec in dataset.element_spec.items()
    }
    info = {"num_shards": 2, "features": features, "seqio_version": seqio.__version__}
    Path(seqio.utils.get_cached_info_path(home, split)).write_text(json.dumps(info))
    stats = {"examples": len(elements)}
    Path(seqio.utils.get_cached_stats_path(home, split)).write_text(json.dumps(stats))
    (home / "COMPLETED").touch()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def tasks(cache: Path, monkeypatch: pytest.MonkeyPatch) -> list[AudioFlanTask]:
    """The tasks of `NAMES`, with a cache that is among seqio's."""
    monkeypatch.setattr(seqio.utils, "_GLOBAL_CACHE_DIRECTORIES", [str(cache)])
    found = []
    for name in NAMES:
        task = seqio.get_mixture_or_task(name)
        monkeypatch.setattr(task, "_cache_dir", None)
        if not (cache / name).exists():
            write_cache(task, "validation", cache)
        found.append(task)
    return found


def keyed(dataset: Any) -> Counter[tuple[bytes, ...]]:
    """How often each example comes, by uuid, template and ids: epochs may come in any order."""
    return Counter(
        (e["uuid"], e["template"], e["inputs"].tobytes(), e["targets"].tobytes())
        for e in dataset.as_numpy_iterator()
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", first_of(0, 1))
def test_a_cache_gives_the_same_examples_in_every_epoch(
    tasks: list[AudioFlanTask], number: int
) -> None:
    task = tasks[number]
    run: dict[str, Any] = {"split": "validation", "seed": 7, "num_epochs": 2}
    live = keyed(task.get_dataset(LENGTHS, **run))
    assert keyed(task.get_dataset(LENGTHS, **run, use_cached=True)) == live
    assert len(live) > task.num_input_examples("validation")  # templates differ by epoch


@pytest.mark.slow
def test_shards_of_a_cache_are_disjoint_and_complete(tasks: list[AudioFlanTask]) -> None:
    task = tasks[0]
    uuids: list[bytes] = []
    for index in range(2):
        dataset = task.get_dataset(
            split="validation",
            use_cached=True,
            seed=1,
            shard_info=seqio.ShardInfo(index, 2),
            shuffle=False,
        )
        uuids += [example["uuid"] for example in dataset.as_numpy_iterator()]
    live = [e["uuid"] for e in task.get_dataset(split="validation", seed=1).as_numpy_iterator()]
    assert sorted(uuids) == sorted(live)


@pytest.mark.slow
def test_shards_of_a_source_have_all_records_whatever_their_seeds(tmp_path: Path) -> None:
    letters = "".join(chr(0x4E00 + number) for number in range(600))
    corpus = corpus_of(tmp_path, letters)
    source = make_task(catalogue.get(ASR), lambda: corpus).source
    shards = source.list_shards("train")
    assert shards == [f"train-{number:05d}-of-00003" for number in range(3)]
    uuids: list[bytes] = []
    for index, _ in enumerate(shards):
        # As `seqio_cache_tasks` reads them: each in another process, with a seed of its own.
        info = seqio.ShardInfo(index, len(shards))
        part = source.get_dataset("train", shuffle=False, seed=100 + index, shard_info=info)
        uuids += [element["uuid"] for element in part.as_numpy_iterator()]
        assert len(uuids) == 200 * (index + 1)
    assert sorted(uuids) == sorted(letter.encode() for letter in letters)
    assert make_task(catalogue.get("denoising"), lambda: corpus).splits == ()


@pytest.mark.slow
def test_a_mixture_reads_caches_through_seqio(tasks: list[AudioFlanTask]) -> None:
    mixed = AudioFlanMixture("audioflan_test_cached", mixture(*NAMES))
    run: dict[str, Any] = {"split": "validation", "seed": 7, "num_epochs": 1}
    assert keyed(mixed.get_dataset(LENGTHS, **run, use_cached=True)) == keyed(
        mixed.get_dataset(LENGTHS, **run)
    )
    with pytest.raises(SettingsError, match="use_cached=True reads a cache, which needs engine"):
        mixed.get_dataset(use_cached=True, engine="index")


@pytest.mark.slow
def test_codes_of_another_tokenizer_are_refused(
    tasks: list[AudioFlanTask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "tokenizer", "convrvq_16k")
    dataset = tasks[0].get_dataset(split="validation", use_cached=True, seed=1)
    with pytest.raises(Exception, match=r"a cache was made with other options"):
        next(dataset.as_numpy_iterator())


@pytest.mark.slow
def test_a_task_without_a_cache_says_so(tasks: list[AudioFlanTask]) -> None:
    other = seqio.get_mixture_or_task("audioflan_denoising")
    with pytest.raises(SettingsError, match="make one with seqio_cache_tasks"):
        other.get_dataset(use_cached=True)
    steps = [s for s in other.preprocessors if not isinstance(s, seqio.CacheDatasetPlaceholder)]
    with pytest.raises(SettingsError, match="CacheDatasetPlaceholder in its chain"):
        other.replace(preprocessors=steps).get_dataset(use_cached=True)


@pytest.mark.slow
def test_what_is_cached_is_the_record_and_its_codes(tasks: list[AudioFlanTask]) -> None:
    task = tasks[1]
    source = task._get_cached_source("validation")
    cached = {e["uuid"]: e for e in source.get_dataset("validation").as_numpy_iterator()}
    live = task.preprocess_precache(task.source.get_dataset("validation", shuffle=False))
    for element in live.as_numpy_iterator():
        other = cached.pop(element["uuid"])
        assert set(other) == set(element)
        assert "segments" not in other
        for name, value in element.items():
            assert np.array_equal(value, other[name]), name
    assert not cached
