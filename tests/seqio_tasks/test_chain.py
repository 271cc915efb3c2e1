"""The steps of the chain: printed, replaced, and used in a task of a user's own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio
import tensorflow as tf

import audioflan_tasks as af
from audioflan_tasks import catalogue
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.preprocessors import chain
from audioflan_tasks.seqio_tasks.features import OutputFeatures
from audioflan_tasks.seqio_tasks.mixture import AudioFlanMixture
from audioflan_tasks.seqio_tasks.task import AudioFlanTask, make_task
from tests.seqio_tasks.test_families import corpus_of

CLIP = Path(__file__).parents[1] / "data" / "librivox_0870.flac"
ASR = "automatic_speech_recognition"


@pytest.fixture(autouse=True)
def _quick(quick_tokens: None) -> None:
    """For every test of this file."""


def read(dataset: Any) -> list[dict[str, Any]]:
    return list(dataset.as_numpy_iterator())


def text_of(example: dict[str, Any], side: str = "inputs") -> str:
    """The text of one side, a span as its marks alone."""
    segments = af.vocabulary("loudness").decode_segments(example[side])
    return "".join("<audio>" if s.kind == "audio" else s.text for s in segments)


def asr_task(corpus: Corpus) -> AudioFlanTask:
    return make_task(catalogue.get(ASR), lambda: corpus)


def test_a_chain_can_be_read() -> None:
    task = seqio.get_mixture_or_task("audioflan_key_detection")
    assert repr(task.preprocessors) == (
        "(tokenize_audio(), CacheDatasetPlaceholder(), apply_template(task='key_detection'), "
        "encode_text(), splice_spans(), crop_spans(), append_eos())"
    )
    assert repr(task.source) == "CorpusSource('key_detection')"
    options = af.ExampleOptions(shots=1)
    assert repr(chain.apply_template(options=options)) == f"apply_template(options={options!r})"
    assert [seqio.utils.function_name(step) for step in task.preprocessors[:1]] == [
        "_tokenize_audio"
    ]
    assert task.supports_caching
    assert task.is_standard


@pytest.mark.slow
def test_the_source_gives_the_fields_of_records(tmp_path: Path) -> None:
    source = asr_task(corpus_of(tmp_path, "ab")).source
    elements = read(source.get_dataset(shuffle=False, num_epochs=2))
    assert [(e["uuid"], e["epoch"]) for e in elements] == [
        (b"a", 0), (b"b", 0), (b"a", 1), (b"b", 1),
    ]  # fmt: skip
    record = elements[0]
    assert (record["instruction"], record["output"]) == (b"Write down the words.", b"yes")
    assert (record["split"], record["domain"]) == (b"train", b"speech")
    assert record["task"] == f"audioflan_{ASR}".encode()
    assert record["audio_ids"].tolist() == [b"reading"]
    assert record["audio_path"].tolist() == [b"reading.flac"]
    assert (record["audio_start"], record["other"]) == (b"null", b"{}")


@pytest.mark.slow
def test_one_step_is_replaced_in_five_lines(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, "abc")

    def ask(dataset: tf.data.Dataset) -> tf.data.Dataset:
        def segments(record: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            values = ["Heard: ", record["audio_ids"][0], record["output"]]
            roles = ["instruction", "input", "answer"]
            return {
                **record, "segments": tf.stack(values),
                "segment_kinds": tf.constant(["text", "audio", "text"]),
                "segment_roles": tf.constant(roles),
            }  # fmt: skip

        return dataset.map(segments)

    task = asr_task(corpus)
    mine = task.replace_step("apply_template", ask, name="my_reading")
    assert (mine.name, mine.is_standard, task.is_standard) == ("my_reading", False, True)
    (first, *rest) = read(mine.get_dataset(seed=1))
    assert len(rest) == 2
    assert text_of(first) == "Heard: <audio>"
    assert text_of(first, "targets") == "yes"
    assert first["targets"][-1] == task.output_features["targets"].vocabulary.eos_id
    # The features are those of all tasks, so that it can stand in a mixture with them.
    assert set(mine.get_dataset(seed=1).element_spec) == set(task.get_dataset(seed=1).element_spec)
    assert (first["targets_pretokenized"], first["template"]) == (b"yes", b"")
    assert first["task"] == f"audioflan_{ASR}".encode()
    with pytest.raises(SettingsError, match="the index engine runs the standard chain"):
        mine.get_dataset(engine="index")


def test_a_step_that_is_not_there_is_named() -> None:
    task = seqio.get_mixture_or_task(f"audioflan_{ASR}")
    with pytest.raises(SettingsError, match=r"no step 'apply_templates'; did you mean apply_temp"):
        task.replace_step("apply_templates", lambda dataset: dataset)
    with pytest.raises(SettingsError, match=r"no property 'sources'; did you mean source"):
        task.replace(sources=None)
    with pytest.raises(SettingsError, match="engine='grain': expected one of"):
        task.get_dataset(engine="grain")
    with pytest.raises(SettingsError, match="is registered already"):
        task.replace_step("append_eos", lambda dataset: dataset).register()


@pytest.mark.slow
def test_a_mixture_runs_a_replaced_chain_through_seqio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seqio.TaskRegistry, "_REGISTRY", dict(seqio.TaskRegistry._REGISTRY))
    corpus = corpus_of(tmp_path, "abc")
    name = f"audioflan_{ASR}"
    own_words = chain.apply_template(ASR, options=af.ExampleOptions(instructions="keep"))
    mine = asr_task(corpus).replace_step("apply_template", own_words)
    seqio.TaskRegistry.remove(name)
    mine.register()
    mixture = AudioFlanMixture("mixed", af.mixture(ASR))
    examples = read(mixture.get_dataset(num_epochs=1, seed=1))
    assert sorted(example["uuid"] for example in examples) == [b"a", b"b", b"c"]
    assert {example["template"] for example in examples} == {b"keep"}
    with pytest.raises(SettingsError, match="has a chain of its own, which needs engine='seqio'"):
        mixture.get_dataset(engine="index")


@pytest.mark.slow
def test_what_cannot_be_used_is_skipped_or_named_as_by_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = corpus_of(tmp_path, "ab")
    task = asr_task(corpus)
    with pytest.raises(Exception, match=r"\d examples in a row were skipped \(\d too long\)"):
        read(task.get_dataset({"inputs": 8, "targets": 8}, seed=1, engine="seqio", num_epochs=None))
    lengths = {"inputs": 60, "targets": 8}
    assert {
        len(e["inputs"]) <= 60 for e in read(task.get_dataset(lengths, seed=1, engine="seqio"))
    } == {True}
    untrimmed = task.get_dataset(lengths, seed=1, engine="seqio", trim_output_features=False)
    assert min(len(example["inputs"]) for example in read(untrimmed)) > 60
    with pytest.raises(SettingsError, match="expected lengths of inputs and targets"):
        task.get_dataset({"labels": 3}, engine="seqio")
    (tmp_path / "reading.flac").unlink()
    lost = asr_task(Corpus(tmp_path))
    with pytest.raises(Exception, match="is no file under"):
        read(lost.get_dataset(seed=1, engine="seqio"))
    monkeypatch.setattr(settings, "missing_audio", "skip")
    with pytest.raises(Exception, match=r"\d examples in a row were skipped \(\d missing audio\)"):
        read(lost.get_dataset(seed=1, engine="seqio"))


@pytest.mark.slow
def test_codes_that_do_not_belong_to_the_segments_are_named(tmp_path: Path) -> None:
    task = asr_task(corpus_of(tmp_path, "a"))
    without = task.replace_step("tokenize_audio", lambda dataset: dataset)
    with pytest.raises(Exception, match="'reading': there are no codes of it"):
        read(without.get_dataset(seed=1))
    other = task.replace_step("tokenize_audio", chain.tokenize_audio("convrvq_16k"))
    with pytest.raises(Exception, match=r"codes of the tokenizer .*, expected loudness-v1"):
        read(other.get_dataset(seed=1))

    def odd(dataset: tf.data.Dataset) -> tf.data.Dataset:
        return dataset.map(
            lambda record: {
                **record, "segments": tf.constant(["a"]), "segment_kinds": tf.constant(["text"]),
                "segment_roles": tf.constant(["question"]),
            }
        )  # fmt: skip

    with pytest.raises(Exception, match="kinds and roles 'question'; expected"):
        read(task.replace_step("apply_template", odd).get_dataset(seed=1))


def own_task(name: str, source: seqio.DataSource, steps: Sequence[Any]) -> seqio.Task:
    """A task of a user: the stock class, his source, our steps."""
    seqio.TaskRegistry.remove(name)
    return seqio.TaskRegistry.add(
        name, source=source, preprocessors=steps,
        output_features=dict(OutputFeatures(settings.example_options)),
    )  # fmt: skip


@pytest.mark.slow
def test_lines_of_json_in_a_task_of_a_users_own(tmp_path: Path) -> None:
    shutil.copy(CLIP, tmp_path / "reading.flac")
    lines = [
        json.dumps({"instruction": "Write down what is said.", "input": "", "output": f"word {n}",
                    "audio_path": "reading.flac"})
        for n in range(6)
    ]  # fmt: skip
    (tmp_path / "lines.jsonl").write_text("\n".join(lines) + "\n")
    task = own_task(
        "own_lines",
        seqio.TextLineDataSource({"train": str(tmp_path / "lines.jsonl")}),
        [
            chain.read_records(),
            chain.tokenize_audio(corpus=tmp_path),
            seqio.CacheDatasetPlaceholder(),
            chain.apply_template(ASR),
            chain.encode_text(),
            chain.splice_spans(with_roles=True),
            chain.crop_spans(),
            chain.append_eos(),
        ],
    )
    lengths = {"inputs": 90, "targets": 20}
    run = {"shuffle": False, "seed": 5, "num_epochs": 4}
    examples = read(task.get_dataset(lengths, "train", **run))
    assert [text_of(e, "targets")[-6:] for e in examples[:6]] == [f"word {n}" for n in range(6)]
    assert all("<audio>" in text_of(example) for example in examples)
    assert max(len(example["inputs"]) for example in examples) == 90
    assert all(len(e["inputs"]) == len(e["inputs_roles"]) for e in examples)
    assert all(e["targets_roles"].tolist() == [3] * len(e["targets"]) for e in examples)
    # Each epoch asks anew, and the same seed asks the same.
    templates = [example["template"] for example in examples]
    assert len(set(templates[::6])) > 1
    again = read(task.get_dataset(lengths, "train", **run))
    assert [example["template"] for example in again] == templates
    for one, other in zip(examples, again, strict=True):
        assert np.array_equal(one["inputs"], other["inputs"])
    assert templates != [
        e["template"] for e in read(task.get_dataset(lengths, "train", **{**run, "seed": 6}))
    ]


@pytest.mark.slow
def test_three_texts_are_a_record() -> None:
    def texts(split: str, shuffle_files: bool, seed: int | None = None) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices(
            {
                "instruction": ["Name the capital.", "Count."],
                "input": ["France", "one, two"],
                "output": ["Paris", "three"],
            }
        )

    steps = [chain.apply_template("text_to_speech"), chain.encode_text(), chain.splice_spans(),
             chain.append_eos()]  # fmt: skip
    task = own_task("own_texts", seqio.FunctionDataSource(texts, ["train"]), steps)
    examples = read(task.get_dataset(None, "train", shuffle=False, seed=1))
    # The pool of text to speech does not fit a record without audio: its own words are used.
    assert [text_of(e) for e in examples] == ["Name the capital.\nFrance", "Count.\none, two"]
    assert [text_of(e, "targets") for e in examples] == ["Paris", "three"]
    assert {e["template"] for e in examples} == {b"keep"}
    assert {e["domain"] for e in examples} == {b"speech"}


def test_a_step_of_no_task_is_refused_when_it_is_used() -> None:
    dataset = tf.data.Dataset.from_tensor_slices({"instruction": ["a"]})
    with pytest.raises(UnknownNameError, match="did you mean"):
        chain.apply_template("denoisin")(dataset)
