"""Data sets of TFDS: built, loaded, and read by seqio as the corpus itself is."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio
import tensorflow_datasets as tfds
from simple_parsing import ArgumentParser
from tensorflow_datasets.scripts.cli import build as tfds_build

import audioflan_tasks as af
from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.config import settings
from audioflan_tasks.errors import (
    AudioError,
    MissingAudioError,
    SettingsError,
    UnknownNameError,
)
from audioflan_tasks.seqio_tasks.task import AudioFlanTask, make_task
from audioflan_tasks.tfds_builder import AudioFlan, AudioFlanConfig, build_tfds
from tests.kinds import each_kind
from tests.seqio_tasks.test_families import corpus_of

ASR = "automatic_speech_recognition"
LENGTHS = {"inputs": 300, "targets": 900}


@pytest.fixture(autouse=True)
def _quick(quick_tokens: None) -> None:
    """For every test of this file."""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where data sets of the demo corpus are built, each once."""
    return tmp_path_factory.mktemp("tfds")


def by_uuid(dataset: Any) -> dict[bytes, tuple[Any, ...]]:
    """Ids, answer and provenance of each example."""
    examples = {
        example["uuid"]: tuple(np.asarray(example[name]).tolist() for name in sorted(example))
        for example in dataset.as_numpy_iterator()
    }
    assert len(examples) > 0
    return examples


def over(task: AudioFlanTask, name: str, data_dir: Path) -> AudioFlanTask:
    """The task over a data set: its whole chain, and only another source."""
    return task.replace(source=seqio.TfdsDataSource(name, tfds_data_dir=str(data_dir)))


def build_of(corpus: Path | af.Corpus, folder: Path, **fields: Any) -> AudioFlan:
    """A builder of the task of `corpus_of`."""
    config = AudioFlanConfig(name="reading", task=ASR, corpus=corpus, **fields)
    return AudioFlan(config=config, data_dir=folder)


def uuids_of(builder: AudioFlan, split: str = "train") -> list[bytes]:
    elements = tfds.as_numpy(builder.as_dataset(split=split))
    return sorted(element["uuid"] for element in elements)


@pytest.mark.slow
def test_the_command_builds_what_load_reads(data_dir: Path) -> None:
    # `tfds build`; the whole command cannot be imported without Beam and mlcroissant.
    for config in ("denoising", '{"name": "denoising_ids", "task": "denoising", "audio": "none"}'):
        parser = ArgumentParser()
        parser.add_arguments(tfds_build.Args, dest="command")
        options = ["--imports=audioflan_tasks.tfds_builder", f"--data_dir={data_dir}"]
        parser.parse_args(["audioflan", f"--config={config}", *options]).command.execute()
    corpus = af.Corpus()
    splits, info = tfds.load("audioflan/denoising", data_dir=data_dir, with_info=True)
    assert {s: info.splits[s].num_examples for s in splits} == {
        s: corpus.size("denoising", s) for s in ("train", "validation", "test")
    }
    assert "Audio-FLAN" in info.citation
    assert "licence" in info.redistribution_info.license
    records = {i.uuid.encode(): i for i in corpus.instances("denoising", "test")}
    for element in tfds.as_numpy(splits["test"]):
        record = records.pop(element["uuid"])
        assert element["instruction"].decode() == record.instruction
        assert json.loads(element["other"]) == record.other
        noisy, clean = (corpus.audio(i, 16_000, record) for i in record.audio_ids)
        assert np.array_equal(element["input_audio"], noisy)
        assert np.array_equal(element["output_audio"], clean)
        assert (element["audio_rate"], element["input_clips"].tolist()) == (16_000, [len(noisy)])
    assert not records
    pairs = tfds.load("audioflan/denoising", split="test", data_dir=data_dir, as_supervised=True)
    question, answer = next(iter(tfds.as_numpy(pairs)))
    assert set(question) == {"instruction", "input", "audio"}
    assert set(answer) == {"output", "audio"}
    # Another form is another config, which is found by its name where it was built.
    ids = tfds.load("audioflan/denoising_ids", split="test", data_dir=data_dir)
    assert "input_audio" not in ids.element_spec
    assert "audio_ids" in ids.element_spec


def first_of_kinds() -> Iterator[Any]:
    """A task of each kind in every form of audio, of which one is enough by default."""
    for parameter in each_kind(catalogue.tasks()):
        (row,) = parameter.values
        for audio in () if parameter.marks else ("codes", "samples", "none"):
            is_first = (row.id, audio) == (ASR, "codes")
            marks = () if is_first else pytest.mark.full
            yield pytest.param(row, audio, id=f"{row.id}-{audio}", marks=marks)


@pytest.mark.slow
@pytest.mark.parametrize(("row", "audio"), [*first_of_kinds()])
def test_seqio_makes_of_it_what_it_makes_of_the_corpus(
    data_dir: Path, row: TaskRow, audio: Any
) -> None:
    task = seqio.get_mixture_or_task(row.name)
    config = AudioFlanConfig(name=f"{row.id}_{audio}", task=row.id, audio=audio)
    builder = AudioFlan(config=config, data_dir=data_dir)
    builder.download_and_prepare()
    mine = over(task, builder.get_reference().tfds_name(), data_dir)
    assert mine.splits == task.splits
    run: dict[str, Any] = {"split": task.splits[-1], "seed": 5, "num_epochs": 1}
    assert by_uuid(mine.get_dataset(LENGTHS, **run)) == by_uuid(task.get_dataset(LENGTHS, **run))


@pytest.mark.slow
def test_several_clips_a_side_stay_apart(tmp_path: Path) -> None:
    row = next(row for row in catalogue.tasks() if row.reads.count("audio") > 1)
    (name,) = build_tfds(tmp_path, [row.name])
    task = seqio.get_mixture_or_task(row.name)
    run: dict[str, Any] = {"split": "test", "seed": 1}
    mine = over(task, name, tmp_path)
    assert by_uuid(mine.get_dataset(**run)) == by_uuid(task.get_dataset(**run))


@pytest.mark.slow
def test_it_is_built_again_only_when_the_corpus_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root, home = tmp_path / "corpus", tmp_path / "tfds"
    corpus_of(root, "ab")
    first = build_of(root, home)
    first.download_and_prepare()
    assert uuids_of(first) == [b"a", b"b"]
    (marker := first.data_path / "marker").touch()
    # The same bytes at another time are the same corpus, and so is what nobody reads.
    os.utime(root / "asr.jsonl", ns=(0, 0))
    (root / "notes.txt").write_text("to do")
    again = build_of(root, home)
    assert not again.is_stale()
    again.download_and_prepare()
    assert marker.exists()
    # Other audio under the same name, size and time.
    audio = bytearray((root / "reading.flac").read_bytes())
    audio[-1] ^= 1
    stamp = (root / "reading.flac").stat().st_mtime_ns
    (root / "reading.flac").write_bytes(audio)
    os.utime(root / "reading.flac", ns=(stamp + 1, stamp + 1))
    assert build_of(root, home).is_stale()
    # A build that fails leaves what was there.
    corpus_of(root, "abc")
    (root / "reading.flac").unlink()
    with pytest.raises(MissingAudioError, match="is no file under"):
        build_of(root, home).download_and_prepare()
    assert marker.exists()
    corpus_of(root, "abc")
    last = build_of(root, home)
    with caplog.at_level(logging.WARNING, "audioflan_tasks"):
        last.download_and_prepare()
    assert "are not those that" in caplog.text
    assert uuids_of(last) == [b"a", b"b", b"c"]
    assert not marker.exists()
    assert [path.name for path in last.data_path.parent.iterdir()] == ["1.0.0"]
    assert not build_of(root, home).is_stale()


@pytest.mark.slow
def test_another_form_under_the_same_name_is_noticed(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path / "corpus", "a")
    home = tmp_path / "tfds"
    build_of(corpus, home).download_and_prepare()
    other = build_of(corpus, home, sample_rate=8_000)
    assert other.is_stale()
    with pytest.raises(SettingsError, match="'sample_rate': 16000}, the config has"):
        other.as_dataset(split="train")
    other.download_and_prepare()
    (element,) = tfds.as_numpy(other.as_dataset(split="train"))
    assert element["audio_rate"] == 8_000
    task = make_task(catalogue.get(ASR), lambda: corpus)
    dataset = over(task, "audioflan/reading:1.0.0", home).get_dataset(seed=1)
    with pytest.raises(Exception, match=r"audio of 8000 Hz, the tokenizer reads 16000 Hz"):
        next(dataset.as_numpy_iterator())


@pytest.mark.slow
def test_what_cannot_be_used_is_named_or_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = tmp_path / "corpus"
    corpus_of(root, "ab")
    lines = (root / "asr.jsonl").read_text().splitlines()
    lost = json.loads(lines[0]) | {"uuid": "lost", "audio_path": "lost.flac"}
    lost["input"] = "<|SOA|>lost<|EOA|>"
    held = {**lost, "split": ["test"]}
    bad = '{"instruction": "Write'
    (root / "asr.jsonl").write_text("\n".join([*lines, bad, json.dumps(lost)]) + "\n")
    with pytest.raises(MissingAudioError, match=r"lost\.flac' is no file under"):
        build_of(root, tmp_path / "strict").download_and_prepare()
    skipping = {"missing_audio": "skip"}
    builder = build_of(root, tmp_path / "skip", options=skipping)
    with caplog.at_level(logging.WARNING, "audioflan_tasks"):
        builder.download_and_prepare()
    assert uuids_of(builder) == [b"a", b"b"]
    assert list(builder.info.splits) == ["train"]
    facts = dict(builder.info.metadata.items())
    assert facts["skipped"] == {"train": {"missing audio": 1}}
    assert facts["unreadable"] == {"broken_json": 1}
    assert "1 of 3 records skipped (1 missing audio)" in caplog.text
    assert "1 lines gave no record, such as asr.jsonl:3" in caplog.text
    (root / "test.jsonl").write_text(json.dumps(held) + "\n")
    with pytest.raises(AudioError, match=r"split test: all 1 records were skipped"):
        build_of(root, tmp_path / "none", options=skipping).download_and_prepare()


def test_a_task_without_records_says_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = corpus_of(tmp_path / "corpus", "a")
    config = AudioFlanConfig(name="keys", task="key_detection", corpus=corpus)
    with pytest.raises(SettingsError, match=f"no records of key_detection; it has {ASR}"):
        AudioFlan(config=config, data_dir=tmp_path / "tfds").download_and_prepare()
    # All that have records.
    monkeypatch.setattr(settings, "data_dir", tmp_path / "corpus")
    assert build_tfds(tmp_path / "tfds") == (f"audioflan/{ASR}:1.0.0",)


@pytest.mark.slow
def test_a_store_is_read_as_its_source_is(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    corpus_of(root, "ab")
    af.build_store(root, tmp_path / "store", tokenizer="loudness")
    builder = build_of(tmp_path / "store", tmp_path / "tfds", audio="codes")
    shutil.move(root / "reading.flac", tmp_path)
    builder.download_and_prepare()
    assert uuids_of(builder) == [b"a", b"b"]
    assert not build_of(tmp_path / "store", tmp_path / "tfds", audio="codes").is_stale()


def test_a_config_says_what_is_wrong_with_it() -> None:
    assert len(AudioFlan.builder_configs) == len(catalogue.tasks())
    with pytest.raises(UnknownNameError, match="did you mean denoising"):
        AudioFlanConfig(name="denoisin")
    with pytest.raises(SettingsError, match="audio='wave': expected one of"):
        AudioFlanConfig(name="mine", task="denoising", audio="wave")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="sample_rate=0: expected Hz"):
        AudioFlanConfig(name="mine", task="denoising", sample_rate=0)
    with pytest.raises(SettingsError, match="there is no 'tokeniser'; did you mean tokenizer"):
        AudioFlanConfig(name="mine", task="denoising", options={"tokeniser": "codec2"})
