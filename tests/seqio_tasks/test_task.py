"""Tasks as seqio sees them against the plain functions beneath."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio

from audioflan_tasks import catalogue
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import standard_mixtures
from audioflan_tasks.seqio_tasks.features import PROVENANCE
from audioflan_tasks.seqio_tasks.mixture import AudioFlanMixture
from audioflan_tasks.seqio_tasks.register import register, register_mixture
from audioflan_tasks.seqio_tasks.task import make_task
from tests.conftest import maker_of

CLIP = Path(__file__).parents[1] / "data" / "librivox_0870.flac"
TASKS = ("audioflan_denoising", "audioflan_chord_estimation", "audioflan_audio_caption")


def corpus_of(folder: Path, count: int = 3, clip: str = "reading.flac") -> Corpus:
    """A corpus with one task and one clip."""
    shutil.copy(CLIP, folder / "reading.flac")
    record: dict[str, Any] = {
        "instruction": "Write down the words.", "input": "<|SOA|>reading<|EOA|>", "output": "yes",
        "domain": "speech", "split": ["train"], "audio_path": clip,
        "task_type": {"minor": ["Automatic Speech Recognition"]},
    }  # fmt: skip
    lines = [json.dumps({**record, "uuid": f"r{n}"}) for n in range(count)]
    (folder / "asr.jsonl").write_text("\n".join(lines) + "\n")
    return Corpus(folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_seqio_gives_what_the_example_maker_gives(name: str) -> None:
    corpus = open_corpus()
    maker = maker_of(corpus)
    dataset = seqio.get_mixture_or_task(name).get_dataset(
        split="validation", shuffle=False, seed=11
    )
    for row, found in enumerate(dataset.as_numpy_iterator()):
        made = maker.example(corpus.instance(name, "validation", row), 11)
        assert made is not None
        assert np.array_equal(found["inputs"], made.inputs)
        assert np.array_equal(found["targets"], made.targets)
        assert found["targets_pretokenized"].decode() == made.answer
        assert tuple(i.decode() for i in found["audio_ids"]) == made.audio_ids
        assert not len(found["shots"])
        for key in set(PROVENANCE) - {"audio_ids", "shots", "tags"}:
            assert found[key].decode() == made.provenance[key]
    assert row + 1 == corpus.size(name, "validation")


@pytest.mark.slow
def test_skipped_rows_are_counted_and_a_stream_of_nothing_ends(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path)
    task = make_task(catalogue.get("automatic_speech_recognition"), lambda: corpus)
    dataset = task.get_dataset({"inputs": 8, "targets": 8}, num_epochs=None, seed=1)
    with pytest.raises(Exception, match=r"\d examples in a row were skipped \(\d+ too long\)"):
        list(dataset.take(1).as_numpy_iterator())


@pytest.mark.slow
def test_missing_audio_is_skipped_where_the_settings_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = corpus_of(tmp_path, clip="elsewhere.flac")
    task = make_task(catalogue.get("automatic_speech_recognition"), lambda: corpus)
    (tmp_path / "reading.flac").unlink()
    with pytest.raises(Exception, match="elsewhere"):
        list(task.get_dataset(seed=1).take(1).as_numpy_iterator())
    monkeypatch.setattr(settings, "missing_audio", "skip")
    with pytest.raises(Exception, match=r"\(\d+ missing audio\)"):
        list(task.get_dataset(seed=1).take(1).as_numpy_iterator())


@pytest.mark.slow
def test_a_corpus_without_a_task_has_no_splits_of_it(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path)
    heard = make_task(catalogue.get("automatic_speech_recognition"), lambda: corpus)
    unheard = make_task(catalogue.get("denoising"), lambda: corpus)
    assert tuple(heard.splits) == ("train",)
    assert tuple(unheard.splits) == ()
    with pytest.raises(SettingsError, match="no split 'train' with records; it has: none"):
        unheard.get_dataset()
    buffered = heard.get_dataset(shuffle_buffer_size=2, seed=3)
    assert {e["uuid"] for e in buffered.as_numpy_iterator()} == {b"r0", b"r1", b"r2"}


def test_registering_twice_adds_nothing_and_names_stay_unique() -> None:
    assert register() == ()
    row = next(r for r in standard_mixtures() if r.name == "audioflan_music")
    with pytest.raises(SettingsError, match="registered already"):
        register_mixture(row.name, row.mix)


def test_a_split_that_no_task_has() -> None:
    row = next(r for r in standard_mixtures() if r.name == "audioflan_music")
    with pytest.raises(MixtureError, match="no task has a split 'dev'"):
        AudioFlanMixture(row.name, row.mix).get_dataset(split="dev")


@pytest.mark.slow
def test_settings_count_until_a_dataset_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = seqio.get_mixture_or_task("audioflan_automatic_speech_recognition")
    before = task.output_features["inputs"].vocabulary
    corpus_of(tmp_path)
    monkeypatch.setattr(settings, "data_dir", tmp_path)
    monkeypatch.setattr(settings, "codebooks", 4)
    (example, *_) = task.get_dataset(seed=1).as_numpy_iterator()
    vocabulary = task.output_features["inputs"].vocabulary
    assert vocabulary.vocab_size == before.vocab_size - 4 * 1024
    spans = [s for s in vocabulary.decode_segments(example["inputs"]) if s.kind == "audio"]
    assert spans[0].codes.shape[1] == 4
    assert example["uuid"] in (b"r0", b"r1", b"r2")
