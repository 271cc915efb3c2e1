"""One contract over all 80 tasks, on the bundled corpus, through seqio."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np
import pytest
import seqio

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.metrics import AudioAnswer, metric
from audioflan_tasks.preprocessors.templates import pool
from audioflan_tasks.seqio_tasks.features import PROVENANCE
from tests.kinds import each_kind

ROWS = catalogue.tasks()
FLOOR = {"train": 12, "validation": 4, "test": 4}
LENGTHS = {"inputs": 1024, "targets": 512}


@pytest.fixture(params=["loudness", pytest.param("convrvq_16k", marks=pytest.mark.full)])
def tokens(request: pytest.FixtureRequest) -> None:
    """Spans and ids are laid out alike for any tokenizer; the one that ships is slow."""
    if request.param == "loudness":
        request.getfixturevalue("quick_tokens")


def examples(name: str, count: int, **arguments: Any) -> list[dict[str, Any]]:
    dataset = seqio.get_mixture_or_task(name).get_dataset(**arguments)
    return list(dataset.take(count).as_numpy_iterator())


@pytest.mark.slow
@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("row", each_kind(ROWS, others="slow", key=lambda row: (row.answer,)))
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
        # A record that asks something of its own keeps its words.
        assert example["template"].decode().startswith((f"{row.id}/", "keep"))
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


TEXTS = [row for row in ROWS if row.answer != "audio"]
# Comparing audio is slow, and does not depend on the task but for its metrics.
SOUNDS = each_kind(row for row in ROWS if row.answer == "audio")


@pytest.mark.slow
@pytest.mark.parametrize("row", [*(pytest.param(row, id=row.id) for row in TEXTS), *SOUNDS])
def test_a_perfect_answer_scores_best_and_an_empty_or_wrong_one_worse(
    row: catalogue.TaskRow,
) -> None:
    """Every metric of every task, on its test split, as seqio would compute it."""
    task = seqio.get_mixture_or_task(row.name)
    targets, said = _heard(task) if row.answer == "audio" else _said(row, task)
    empty = [task.postprocess_fn("")] * len(targets)
    wrong = _wrong(row, targets)
    for name, score in zip(row.metrics, task.metric_fns, strict=True):
        info = metric(name)
        assert score.__name__ == name
        right, none, other = (score(targets, answers) for answers in (said, empty, wrong))
        assert right[f"{name}_unparsed"] == 0.0
        assert none[f"{name}_unparsed"] == 1.0
        sign = 1 if info.better == "higher" else -1
        assert sign * right[name] > sign * none[name], (name, right, none)
        assert info.low <= none[name] <= info.high
        if row.answer != "audio":
            # CIDEr-D wants four words in every caption.
            slack = {"cider_d": 1.0}.get(name, 1e-6)
            assert right[name] == pytest.approx(info.best, abs=slack)
            assert sign * right[name] > sign * other[name], (name, right, other)


def _heard(task: Any) -> tuple[list[Any], list[Any]]:
    """Two references that sound, and what is left of them after the tokenizer."""
    # Some stems of the demo corpus rest in their excerpt: there two may not be enough.
    count = 5 if "source_separation" in task.name else 2
    found = examples(task.name, count, split="test", seed=1)
    targets = [
        task.postprocess_fn(e["targets_pretokenized"], example=e, is_target=True) for e in found
    ]
    sounding = [n for n, t in enumerate(targets) if np.abs(t.samples).max() > 1e-6][:2]
    vocabulary = task.output_features["targets"].vocabulary
    said = [
        task.postprocess_fn(vocabulary.decode(found[n]["targets"]), example=found[n])
        for n in sounding
    ]
    return [targets[n] for n in sounding], said


def _said(row: catalogue.TaskRow, task: Any) -> tuple[list[Any], list[Any]]:
    """Some references, and the same after the words that may stand before an answer."""
    corpus = open_corpus()
    rows = range(0, corpus.size(row.id, "test"), 2)
    targets = [task.postprocess_fn(corpus.instance(row.id, "test", n).output) for n in rows]
    lead_ins = pool(row.id).answer.lead_ins
    return targets, [lead_ins[n % len(lead_ins)] + t for n, t in enumerate(targets)]


def _wrong(row: catalogue.TaskRow, targets: list[Any]) -> list[Any]:
    """Answers in the right form that are wrong: those of other examples or of another label."""
    if row.answer == "audio":
        return [AudioAnswer(np.zeros(8000, np.float32), 16000)] * len(targets)
    others = {
        "number": "99.0 dB", "times": "0.01, 97.3", "note": "C-1", "progression": "bII-bII",
        "contour": "0.00 5000.0; 9.00 5000.0", "phones": "x", "transcript": "zzz",
        "caption": "zzz", "sequence": "zzz", "labels": "zzz, zz",
    }  # fmt: skip
    if row.answer == "intervals":
        return ["50.00-60.00 X:what"] * len(targets)
    known: list[str] = list(row.labels or dict.fromkeys(targets))

    def farthest(target: str) -> str:
        place = known.index(target)
        return max(known, key=lambda label: abs(known.index(label) - place))

    return [others.get(row.answer) or farthest(t) for t in targets]


@pytest.mark.slow
@pytest.mark.parametrize("row", [r for r in ROWS if r.answer == "label"], ids=lambda r: r.id)
def test_a_shuffled_assignment_scores_near_chance(row: catalogue.TaskRow) -> None:
    """Answers of other examples, drawn many times, are as good as the labels are frequent."""
    corpus = open_corpus()
    labels = [corpus.instance(row.id, "test", n).output for n in range(corpus.size(row.id, "test"))]
    shares = [labels.count(label) / len(labels) for label in set(labels)]
    rng = np.random.default_rng(0)
    score = metric("accuracy").function(row)
    values = [score(labels, list(rng.permutation(labels)))["accuracy"] for _ in range(40)]
    assert np.mean(values) == pytest.approx(sum(s * s for s in shares), abs=0.08)


@pytest.mark.slow
@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.answer not in ("label", "audio")], ids=lambda r: r.id
)
def test_answers_of_other_examples_are_far_from_right(row: catalogue.TaskRow) -> None:
    """Also where answers are no labels: what is shared by all answers is worth little."""
    corpus = open_corpus()
    right = [corpus.instance(row.id, "test", n).output for n in range(corpus.size(row.id, "test"))]
    rng = np.random.default_rng(0)
    name = row.metrics[0]
    info, score = metric(name), metric(name).function(row)
    values = [score(right, list(rng.permutation(right)))[name] for _ in range(5)]
    best = score(right, right)[name]
    assert best == pytest.approx(info.best)
    # Errors have no worst value: an error of 0.3, or of 3 dB, is far from none.
    far = {"mae": 3.0}.get(name, 0.3) if info.better == "lower" else 0.15 * info.best
    assert abs(np.mean(values) - best) > far


@pytest.mark.slow
@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("row", each_kind(ROWS, others="slow", key=lambda row: (row.answer,)))
def test_cropping_keeps_spans_whole(row: catalogue.TaskRow) -> None:
    vocabulary = seqio.get_mixture_or_task(row.name).output_features["inputs"].vocabulary
    for example in examples(row.name, 2, sequence_length=LENGTHS, split="validation", seed=2):
        for part, most in LENGTHS.items():
            assert len(example[part]) <= most
            for segment in vocabulary.decode_segments(example[part]):
                assert not segment.problem


# A converter sees ids alone: text to audio, audio to text, audio to audio.
CONVERTED = ("text_to_speech", "automatic_speech_recognition", "denoising")


@pytest.mark.slow
@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.id, marks=[] if row.id in CONVERTED else pytest.mark.full)
        for row in ROWS
    ],
)
def test_converters_run(row: catalogue.TaskRow) -> None:
    dataset = seqio.get_mixture_or_task(row.name).get_dataset(
        sequence_length=LENGTHS, split="validation", seed=2
    )
    for converter, lengths in (
        (seqio.EncDecFeatureConverter(pack=False), LENGTHS),
        (seqio.PrefixLMFeatureConverter(pack=False), LENGTHS),
        (seqio.LMFeatureConverter(pack=False), {"targets": LENGTHS["targets"]}),
    ):
        source = dataset.take(1).map(lambda e, n=lengths: {k: e[k] for k in n})
        (batch,) = converter(source, task_feature_lengths=lengths).as_numpy_iterator()
        assert batch["decoder_target_tokens"].any()


@pytest.mark.slow
@pytest.mark.usefixtures("quick_tokens")
@pytest.mark.parametrize("mixture", ["audioflan_all", "audioflan_unseen", "audioflan_music"])
def test_mixtures_without_arguments(mixture: str) -> None:
    found = examples(mixture, 60)
    tasks = {e["task"].decode() for e in found}
    members = {t.name for t in seqio.get_mixture_or_task(mixture).tasks}
    assert tasks <= members
    assert len(tasks) > min(5, len(members) // 2)
    assert all(set(PROVENANCE) <= set(e) for e in found)


@pytest.mark.slow
@pytest.mark.usefixtures("quick_tokens")
def test_a_finite_mixture_yields_every_row_once() -> None:
    name = "audioflan_major_audio_caption"
    found = examples(name, 10_000, split="test", num_epochs=1, seed=4)
    counts = collections.Counter(e["uuid"] for e in found)
    assert len(counts) == open_corpus().size("audio_caption", "test")
    assert set(counts.values()) == {1}


@pytest.mark.slow
@pytest.mark.usefixtures("quick_tokens")
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


@pytest.mark.slow
@pytest.mark.usefixtures("quick_tokens")
def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="did you mean audioflan_denoising"):
        seqio.get_mixture_or_task("audioflan_denoisin")
    task = seqio.get_mixture_or_task("audioflan_denoising")
    with pytest.raises(SettingsError, match="no split 'tset'"):
        task.get_dataset(split="tset")
    with pytest.raises(SettingsError, match="use_cached"):
        task.get_dataset(use_cached=True)
    with pytest.raises(Exception, match="give larger lengths"):
        examples("audioflan_denoising", 1, sequence_length={"inputs": 8, "targets": 8})
