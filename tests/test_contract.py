"""One contract over all 80 tasks, on the bundled corpus, through seqio."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import pytest
import seqio

import audioflan_tasks
from audioflan_tasks import catalogue
from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.metrics import AudioAnswer, metric
from audioflan_tasks.seqio_tasks.features import PROVENANCE

ROWS = catalogue.tasks()
FLOOR = {"train": 12, "validation": 4, "test": 4}
LENGTHS = {"inputs": 1024, "targets": 512}


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    audioflan_tasks.settings.cache_dir = tmp_path_factory.mktemp("cache")


def examples(name: str, count: int, **arguments: Any) -> list[dict[str, Any]]:
    dataset = seqio.get_mixture_or_task(name).get_dataset(**arguments)
    return list(dataset.take(count).as_numpy_iterator())


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_task(row: catalogue.TaskRow) -> None:
    """Without arguments and on every split: ids, spans, provenance, metrics."""
    corpus = open_corpus()
    for split, least in FLOOR.items():
        assert corpus.size(row.id, split) >= least
    task = seqio.get_mixture_or_task(row.name)
    assert list(task.splits) == ["train", "validation", "test"]
    vocabulary = task.output_features["inputs"].vocabulary
    (first,) = examples(row.name, 1)
    others = [examples(row.name, 1, split=s, seed=3)[0] for s in ("validation", "test")]
    for example in (first, *others):
        assert set(example) == {"inputs", "targets", "targets_pretokenized", *PROVENANCE}
        assert example["task"].decode() == row.name
        assert example["grade"].decode() in ("R", "P", "S", "W")
        assert example["template"].decode().startswith(f"{row.id}/")
        assert example["targets"][-1] == vocabulary.eos_id
        kinds = {
            part: [s.kind for s in vocabulary.decode_segments(example[part])]
            for part in ("inputs", "targets")
        }
        assert kinds["inputs"].count("audio") == row.reads.count("audio")
        assert ("audio" in kinds["targets"]) == (row.answer == "audio")
        ids = np.concatenate([example["inputs"], example["targets"]])
        assert (ids == vocabulary.soa_id).sum() == (ids == vocabulary.eoa_id).sum()
        assert 0 <= ids.min() <= ids.max() < vocabulary.vocab_size


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_a_perfect_answer_scores_best_and_an_empty_one_worse(row: catalogue.TaskRow) -> None:
    task = seqio.get_mixture_or_task(row.name)
    found = examples(row.name, 4, split="test", seed=1)
    targets = [
        task.postprocess_fn(e["targets_pretokenized"], example=e, is_target=True) for e in found
    ]
    vocabulary = task.output_features["targets"].vocabulary
    said = [task.postprocess_fn(vocabulary.decode(e["targets"]), example=e) for e in found]
    info = metric(row.metrics[0])
    score = info.function()
    empty = [None if isinstance(t, AudioAnswer) else "" for t in targets]
    right, wrong = score(targets, said)[info.name], score(targets, empty)[info.name]
    better = right > wrong if info.better == "higher" else right < wrong
    assert better, (right, wrong)
    if row.answer != "audio":
        assert right == pytest.approx(info.best, abs=1e-6)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_cropping_keeps_spans_whole_and_converters_run(row: catalogue.TaskRow) -> None:
    dataset = seqio.get_mixture_or_task(row.name).get_dataset(
        sequence_length=LENGTHS, split="validation", seed=2
    )
    vocabulary = seqio.get_mixture_or_task(row.name).output_features["inputs"].vocabulary
    for example in dataset.take(2).as_numpy_iterator():
        for part, most in LENGTHS.items():
            assert len(example[part]) <= most
            for segment in vocabulary.decode_segments(example[part]):
                assert not segment.problem
    for converter, lengths in (
        (seqio.EncDecFeatureConverter(pack=False), LENGTHS),
        (seqio.PrefixLMFeatureConverter(pack=False), LENGTHS),
        (seqio.LMFeatureConverter(pack=False), {"targets": LENGTHS["targets"]}),
    ):
        source = dataset.take(1).map(lambda e, n=lengths: {k: e[k] for k in n})
        (batch,) = converter(source, task_feature_lengths=lengths).as_numpy_iterator()
        assert batch["decoder_target_tokens"].any()


@pytest.mark.parametrize("mixture", ["audioflan_all", "audioflan_unseen", "audioflan_music"])
def test_mixtures_without_arguments(mixture: str) -> None:
    found = examples(mixture, 60)
    tasks = {e["task"].decode() for e in found}
    members = {t.name for t in seqio.get_mixture_or_task(mixture).tasks}
    assert tasks <= members
    assert len(tasks) > min(5, len(members) // 2)
    assert all(set(PROVENANCE) <= set(e) for e in found)


def test_a_finite_mixture_yields_every_row_once() -> None:
    name = "audioflan_major_audio_caption"
    found = examples(name, 10_000, split="test", num_epochs=1, seed=4)
    counts = collections.Counter(e["uuid"] for e in found)
    assert len(counts) == open_corpus().size("audio_caption", "test")
    assert set(counts.values()) == {1}


def test_seeds_shards_and_epochs() -> None:
    name = "audioflan_denoising"
    size = open_corpus().size(name, "test")

    def uuids(**arguments: Any) -> list[bytes]:
        return [e["uuid"] for e in examples(name, 1000, split="test", **arguments)]

    once = uuids(seed=5)
    assert once == uuids(seed=5)
    assert once != uuids(seed=6)
    assert len(set(once)) == len(once) == size
    shards = [uuids(seed=5, shard_info=seqio.ShardInfo(i, 3)) for i in range(3)]
    assert sorted(u for shard in shards for u in shard) == sorted(once)
    twice = uuids(seed=5, num_epochs=2)
    assert sorted(twice[:size]) == sorted(twice[size:]) == sorted(once)
    assert twice[:size] != twice[size:]


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="did you mean audioflan_denoising"):
        seqio.get_mixture_or_task("audioflan_denoisin")
    task = seqio.get_mixture_or_task("audioflan_denoising")
    with pytest.raises(SettingsError, match="no split 'tset'"):
        task.get_dataset(split="tset")
    with pytest.raises(SettingsError, match="use_cached"):
        task.get_dataset(use_cached=True)
    with pytest.raises(Exception, match="larger sequence_length"):
        examples("audioflan_denoising", 1, sequence_length={"inputs": 8, "targets": 8})
