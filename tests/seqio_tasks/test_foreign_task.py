"""Tasks of seqio in mixtures: vocabularies, order, epochs, refusals, and seqio itself."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio
import tensorflow as tf

import audioflan_tasks as af
from audioflan_tasks.engine import Stream, batches
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.foreign import registry
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.seqio_tasks import foreign_rows
from audioflan_tasks.seqio_tasks.forks import check_not_forked

LENGTHS = {"inputs": 700, "targets": 160}
BYTES = seqio.ByteVocabulary()

Add = Callable[..., str]


@pytest.fixture(autouse=True)
def _quick(quick_tokens: None) -> None:
    """For every test of this file."""


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch) -> Add:
    """Adds a task to seqio's registry for one test: questions and answers by number."""
    monkeypatch.setattr(seqio.TaskRegistry, "_REGISTRY", {**seqio.TaskRegistry._REGISTRY})
    monkeypatch.setattr(registry, "_text_tasks", {})

    def add_task(
        name: str,
        rows: int | None = 7,
        vocabulary: Any = BYTES,
        *,
        is_counted: bool = True,
        steps: Any = (seqio.preprocessors.tokenize, seqio.preprocessors.append_eos),
        features: Any = None,
        source: Any = None,
    ) -> str:
        own_source = source or seqio.FunctionDataSource(
            lambda split, shuffle_files, seed=None: _questions(rows), splits=["train"],
            num_input_examples={"train": rows} if is_counted and rows else None,
        )  # fmt: skip
        default = {side: seqio.Feature(vocabulary) for side in ("inputs", "targets")}
        seqio.TaskRegistry.add(
            name, source=own_source, preprocessors=list(steps), output_features=features or default
        )
        return name

    return add_task


def _questions(rows: int | None) -> tf.data.Dataset:
    if rows is None:
        spec = tf.TensorSpec([], tf.int64)
        numbers = tf.data.Dataset.from_generator(itertools.count, output_signature=spec)
    else:
        numbers = tf.data.Dataset.range(rows)
    return numbers.map(
        lambda n: {
            side: tf.strings.join([side, " ", tf.strings.as_string(n)])
            for side in ("inputs", "targets")
        }
    )


def answers(mix: Any, count: int | None = None, **options: Any) -> list[str]:
    """The answers of the foreign examples of batches, in order."""
    vocabulary = af.vocabulary("loudness")
    all_batches = batches(mix, **{"batch_size": 4, "seed": 1, "lengths": LENGTHS, **options})
    texts = []
    for batch in itertools.islice(all_batches, count):
        for row in np.flatnonzero(batch["task"] >= 0):
            if all_batches.facts[all_batches.tasks[batch["task"][row]]]["domain"] == "text":
                texts.append(vocabulary.decode(batch["targets"][row].tolist()))
    return texts


@pytest.mark.slow
def test_text_of_another_vocabulary_is_encoded_anew(add: Add) -> None:
    name = add("questions")
    vocabulary = af.vocabulary("loudness")
    (example,) = (e.example for e in Stream(mixture(weights={name: 1}), seed=1).examples(
        np.array([0])))  # fmt: skip
    assert example is not None
    number = example.answer.removeprefix("targets ")
    assert number in "0123456"
    assert example.inputs.tolist() == vocabulary.encode(f"inputs {number}")
    assert example.targets.tolist() == [*vocabulary.encode(f"targets {number}"), 1]
    assert example.input_roles.tolist() == [2] * len(example.inputs)
    assert set(example.target_roles.tolist()) == {3}
    assert example.provenance["task"] == name and example.provenance["domain"] == "text"


@pytest.mark.slow
def test_ids_of_our_vocabulary_stay_and_eos_splits_texts(add: Add) -> None:
    ours = af.vocabulary("loudness")
    audio = [ours.soa_id, ours.audio_base, ours.eoa_id]
    elements = tf.data.Dataset.from_tensors({"inputs": [5, 6, 1], "targets": [*audio, 7]})
    fixed = [lambda dataset: elements]
    name = add("ours", vocabulary=ours, steps=fixed)
    (entry,) = Stream(mixture(weights={name: 1}), seed=1).examples(np.array([0]))
    assert entry.example is not None
    assert entry.example.inputs.tolist() == [5, 6]
    assert entry.example.targets.tolist() == [*audio, 7, 1]

    two = [*BYTES.encode("a"), 1, *BYTES.encode("b")]
    chunk = tf.data.Dataset.from_tensors({"targets": two})
    add("chunks", steps=[lambda dataset: chunk],
        features={"targets": seqio.Feature(BYTES, add_eos=False)})  # fmt: skip
    (entry,) = Stream(mixture(weights={"chunks": 1}), seed=1).examples(np.array([0]))
    assert entry.example is not None
    assert entry.example.targets.tolist() == [*ours.encode("a"), 1, *ours.encode("b")]
    assert not len(entry.example.inputs)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [pytest.param(7, marks=pytest.mark.full), None])
def test_a_stream_goes_on_where_its_state_stands(add: Add, rows: int | None) -> None:
    mix = mixture(weights={"gender_recognition": 1, add("questions", rows): 2})
    for form in ("bucketed", "packed"):
        options: Any = {"batch_size": 2, "seed": 3, "lengths": LENGTHS, "form": form, "window": 2}
        whole = batches(mix, **options)
        for _ in range(3):
            next(whole)
        resumed = batches(mix, **options)
        resumed.load_state_dict(json.loads(json.dumps(whole.state_dict())))
        for one, other in zip(itertools.islice(whole, 2), resumed, strict=False):
            assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.full
def test_shards_share_one_stream(add: Add) -> None:
    mix = mixture(weights={"gender_recognition": 1, add("questions"): 2})
    whole = Counter(answers(mix, 6))
    parts = [answers(mix, 6, shard=(i, 2), batch_size=2) for i in range(2)]
    assert Counter(itertools.chain(*parts)) == whole


@pytest.mark.slow
@pytest.mark.parametrize("is_counted", [pytest.param(True, marks=pytest.mark.full), False])
def test_every_example_comes_as_often_as_there_are_epochs(add: Add, is_counted: bool) -> None:
    def odd_ones(dataset: tf.data.Dataset) -> tf.data.Dataset:
        return dataset.filter(lambda e: tf.strings.regex_full_match(e["targets"], ".*[135]"))

    steps = (odd_ones, seqio.preprocessors.tokenize)
    mix = mixture(weights={add("questions", is_counted=is_counted, steps=steps): 1})
    assert Counter(answers(mix, num_epochs=2)) == {f"targets {n}": 2 for n in (1, 3, 5)}
    parts = [list(batches(mix, batch_size=1, seed=1, num_epochs=1, shard=(i, 2))) for i in (0, 1)]
    assert [len(part) for part in parts] == [2, 2]
    assert sum(int((batch["task"] >= 0).sum()) for part in parts for batch in part) == 3


@pytest.mark.slow
def test_epochs_without_an_end_in_sight_are_refused(
    add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_rows, "_MOST_COUNTED", 100)
    mix = mixture(weights={add("endless", None): 1})
    with pytest.raises(MixtureError, match=r"endless: one pass .* 101 examples or more"):
        batches(mix, batch_size=1, num_epochs=1)


@pytest.mark.slow
def test_policies_say_whose_size_they_lack(add: Add) -> None:
    add("unknown", is_counted=False)
    for policy in ("temperature", "size", "unimax", "nested"):
        with pytest.raises(MixtureError, match=r"number of examples of (unknown|text)"):
            Stream(mixture("gender_recognition", "key_detection", "unknown", policy=policy), seed=1)
    for policy in ("equal", "capped"):
        stream = Stream(mixture("gender_recognition", "unknown", policy=policy), seed=1)
        assert "unknown" in stream.tasks
    resolved = stream.mix.report(stream.rows.sizes, steps=10)
    (line,) = (line for line in resolved.levels["task"] if line.name == "unknown")
    assert (line.instances, line.epochs, line.size_share) == (None, None, None)


def _refused() -> Iterator[tuple[str, dict[str, Any], str]]:
    two = {"inputs": seqio.Feature(BYTES), "targets": seqio.Feature(BYTES)}
    yield "passing", {"vocabulary": seqio.PassThroughVocabulary(9)}, "PassThroughVocabulary"
    yield "floats", {"features": {**two, "targets": seqio.ContinuousFeature()}}, "ContinuousFeature"
    yield "tables", {"features": {**two, "inputs": seqio.Feature(BYTES, rank=2)}}, "rank 2"
    yield "images", {"features": {**two, "images": seqio.Feature(BYTES)}}, "images, inputs, targets"
    yield "askers", {"features": {"inputs": seqio.Feature(BYTES)}}, "expected targets"
    missing = seqio.SentencePieceVocabulary("/nowhere/model")
    yield "modelless", {"vocabulary": missing}, "does not decode"
    other = af.vocabulary("loudness", text="bytes")
    yield "others", {"vocabulary": other}, "audio cannot be encoded anew"
    ragged = tf.data.Dataset.from_tensors(
        {"inputs": tf.ragged.constant([[1], [2, 3]]), "targets": tf.constant([1])}
    )
    yield "raggeds", {"steps": [lambda dataset: ragged]}, "raggeds"


@pytest.mark.parametrize("number", range(8))
def test_what_is_no_text_is_refused_by_name(add: Add, number: int) -> None:
    name, options, reason = list(_refused())[number]
    mix = mixture(weights={"gender_recognition": 1, add(name, **options): 1})
    with pytest.raises(MixtureError, match=name) as refusal:
        Stream(mix, seed=1)
    assert reason in str(refusal.value)


def test_names_that_two_tasks_have_are_refused(add: Add, tmp_path: Path) -> None:
    add("denoising")
    with pytest.raises(MixtureError, match="two tasks are called 'denoising'"):
        mixture(weights={"denoising": 1})
    assert mixture(weights={"audioflan_denoising": 1}).tasks == ("audioflan_denoising",)
    path = tmp_path / "t.jsonl"
    path.write_text('{"output": "x"}\n', encoding="utf-8")
    with pytest.raises(MixtureError, match="another task"):
        af.text_task(add("taken"), path)
    with pytest.raises(UnknownNameError, match="taken"):
        mixture(weights={"takn": 1})


@pytest.mark.slow
def test_an_example_that_cannot_be_read_is_named_and_the_next_one_comes(add: Add) -> None:
    def broken(dataset: tf.data.Dataset) -> tf.data.Dataset:
        def check(element: dict[str, tf.Tensor]) -> Any:
            is_good = tf.not_equal(element["targets"], "targets 5")
            with tf.control_dependencies([tf.debugging.Assert(is_good, ["five is bad"])]):
                return tf.nest.map_structure(tf.identity, element)

        return dataset.map(check)

    steps = (broken, seqio.preprocessors.tokenize)
    mix = mixture(weights={add("questions", steps=steps): 1})
    rows = batches(mix, batch_size=1, seed=1, shuffle=False)
    for _ in range(5):
        next(rows)
    with pytest.raises(MixtureError, match=r"questions: example 5 cannot be read.*"):
        next(rows)
    assert next(rows)["row"].tolist() == [6]


@pytest.mark.slow
def test_seqio_reads_the_same_mixture(add: Add, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"output": "plain"}\n', encoding="utf-8")
    af.text_task("plain_text", path)
    weights = {"gender_recognition": 1, add("questions"): 2, "plain_text": 1}
    seqio_mix = mixture(weights=weights).register(f"foreign_{os.getpid()}")
    stream = Stream(seqio_mix.mix, seed=1, lengths=LENGTHS)
    dataset = seqio_mix.get_dataset(LENGTHS, seed=1, copy_pretokenized=True)
    elements = list(dataset.take(12).as_numpy_iterator())
    for element, entry in zip(elements, stream.examples(np.arange(12)), strict=True):
        assert entry.example is not None
        assert element["task"].decode() == entry.example.provenance["task"]
        assert element["targets"].tolist() == entry.example.targets.tolist()
        assert element["targets_pretokenized"].decode() == entry.example.answer
    assert seqio_mix.num_input_examples("train") == 7 + 1 + stream.rows.sizes[stream.tasks[0]]
    task = seqio.get_mixture_or_task("plain_text")
    (element,) = task.get_dataset(None, "train", seed=1).as_numpy_iterator()
    assert element["targets_pretokenized"] == b"plain" and not len(element["inputs"])


@pytest.mark.full
def test_the_stock_sampler_knows_them(add: Add) -> None:
    mix = mixture(weights={"gender_recognition": 1, add("questions"): 2})
    seqio_mix = mix.register(f"stock_{os.getpid()}")
    stock = seqio_mix.get_dataset(LENGTHS, seed=1, engine="seqio", num_epochs=1)
    tasks = Counter(e["task"].decode() for e in stock.as_numpy_iterator())
    assert tasks["questions"] == 7
    assert sum(tasks.values()) == seqio_mix.num_input_examples("train")


@pytest.mark.slow
def test_a_family_is_mixed_where_its_ids_are_ours(add: Add) -> None:
    prefix = f"f{os.getpid()}_"
    af.register(prefix, options=ExampleOptions(tokenizer="loudness", languages=("zh",)))
    mix = mixture(weights={"key_detection": 1, f"{prefix}key_detection": 1})
    entries = Stream(mix, seed=1, split="test").examples(np.arange(8))
    assert {entry.task for entry in entries if entry.example is not None} == {0, 1}
    bytes_prefix = f"g{os.getpid()}_"
    af.register(bytes_prefix, options=ExampleOptions(tokenizer="loudness", text="bytes"))
    with pytest.raises(MixtureError, match=f"{bytes_prefix}key_detection cannot be mixed"):
        Stream(mixture(weights={f"{bytes_prefix}key_detection": 1}), seed=1, split="test")


@pytest.mark.full
def test_lines_of_several_files_and_other_processes(add: Add, tmp_path: Path) -> None:
    for part in "ab":
        lines = "".join(f"{part}{n}\n" for n in range(30))
        (tmp_path / f"{part}.txt").write_text(lines, encoding="utf-8")
    source = seqio.TextLineDataSource({"train": str(tmp_path / "*.txt")})
    steps = (lambda dataset: dataset.map(lambda line: {"targets": line}),
             seqio.preprocessors.tokenize)  # fmt: skip
    name = add("lines", source=source, steps=steps, features={"targets": seqio.Feature(BYTES)})
    mix = mixture(weights={name: 1})
    assert Counter(answers(mix, num_epochs=1)) == {f"{p}{n}": 1 for p in "ab" for n in range(30)}
    rows = batches(mix, batch_size=4, seed=1)
    next(rows)
    moved = pickle.loads(pickle.dumps(rows))
    for one, other in zip(itertools.islice(rows, 2), moved, strict=False):
        assert np.array_equal(one["targets"], other["targets"])


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_forked_process_refuses_to_read() -> None:
    check_not_forked("questions")
    child = os.fork()
    if not child:
        try:
            check_not_forked("questions")
        except MixtureError:
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
