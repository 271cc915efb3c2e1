"""A corpus of one's own: rows, audio, simulated audio, and what can be wrong with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import MissingAudioError, RecordError, SettingsError
from tests.conftest import maker_of

CLIP = Path(__file__).parents[1] / "data" / "librivox_0870.flac"


def record(audio_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "instruction": "Remove the noise.",
        "input": f"<|SOA|>{audio_id}_noisy<|EOA|>",
        "output": f"<|SOA|>{audio_id}<|EOA|>",
        "uuid": audio_id,
        "split": ["train"],
        "task_type": {
            "major": ["Speech Enhancement"], "minor": ["Denoising"], "U/G": ["generation"],
            "unseen": False,
        },
        "domain": "speech", "source": ["audiobook"], "other": None, **changes,
    }  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    home = tmp_path / "audio_files" / "speech" / "01_Own"
    home.mkdir(parents=True)
    shutil.copy(CLIP, home / "a.flac")
    rows = tmp_path / "metadata" / "speech" / "generation" / "train_dev" / "01_Own" / "jsonl"
    rows.mkdir(parents=True)
    (rows / "x.jsonl").write_text(json.dumps(record("01_Own_a")) + "\n")
    recipe = {"id": "01_Own_a_noisy", "kind": "add_noise", "inputs": ["01_Own_a"],
              "params": {"snr_db": 10.0}, "seed": 3}  # fmt: skip
    (tmp_path / "simulated").mkdir()
    (tmp_path / "simulated" / "speech.jsonl").write_text(json.dumps(recipe) + "\n")
    return tmp_path


def test_rows_audio_and_codes(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "cache_dir", tmp_path / "cache")
    corpus = Corpus(root)
    assert corpus.size("audioflan_denoising", "train") == corpus.size("denoising", "train") == 1
    assert corpus.sizes("train") == {"audioflan_denoising": 1}
    instance = corpus.instance("denoising", "train", 0)
    clean = corpus.audio("01_Own_a", 16000, instance)
    noisy = corpus.audio("01_Own_a_noisy", 16000, instance)
    wanted, _ = soundfile.read(CLIP, dtype="float32")
    assert np.array_equal(clean, wanted)
    ratio = 10 * np.log10(np.mean(clean**2) / np.mean((noisy - clean) ** 2))
    assert ratio == pytest.approx(10, abs=0.1)
    example = maker_of(corpus).example(instance, seed=1)
    assert example is not None
    assert example.audio_ids == ("01_Own_a_noisy", "01_Own_a")
    assert len(example.target_roles) == len(example.targets)
    assert len(example.input_roles) == len(example.inputs)


def test_missing_audio_is_an_error_or_a_counted_skip(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "audio_files" / "speech" / "01_Own" / "a.flac").unlink()
    corpus = Corpus(root)
    maker = maker_of(corpus)
    instance = corpus.instance("denoising", "train", 0)
    with pytest.raises(MissingAudioError, match="01_Own_a"):
        maker.example(instance, seed=1)
    monkeypatch.setattr(settings, "missing_audio", "skip")
    with pytest.raises(MissingAudioError):  # it keeps the options that it was made with
        maker.example(instance, seed=1)
    skipping = maker_of(corpus)
    assert skipping.example(instance, seed=1) is None
    assert skipping.skipped == {"missing audio": 1}


def test_lengths_that_cannot_be_met(root: Path) -> None:
    corpus = Corpus(root)
    maker = maker_of(corpus, {"inputs": 20, "targets": 20})
    assert maker.example(corpus.instance("denoising", "train", 0), seed=1) is None
    assert maker.skipped == {"too long": 1}
    with pytest.raises(SettingsError, match="sequence_length"):
        maker_of(corpus, {"inputs": 0})


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (['{"id": "x"}'], r"speech.jsonl:1: not a recipe.*kind"),
        (["nonsense"], r"speech.jsonl:1: not a recipe"),
        (['{"id": "x", "kind": "gain", "inputs": ["y"]}'] * 2, r"speech.jsonl:2: a second recipe"),
        (
            [
                '{"id": "x", "kind": "gain", "inputs": ["y"]}',
                '{"id": "y", "kind": "gain", "inputs": ["x"]}',
            ],
            "need each other",
        ),
    ],
)
def test_bad_recipes_are_named(root: Path, lines: list[str], words: str) -> None:
    (root / "simulated" / "speech.jsonl").write_text("\n".join(lines) + "\n")
    with pytest.raises(RecordError, match=words):
        _ = Corpus(root).recipes


def test_wrong_roots_and_rows(root: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such corpus"):
        Corpus(tmp_path / "nothing")
    corpus = Corpus(root)
    with pytest.raises(IndexError, match="has 1 rows, asked for row 1"):
        corpus.instance("denoising", "train", 1)
    (file,) = (root / "metadata").rglob("*.jsonl")
    other = record("01_Own_a")
    other["task_type"]["minor"] = ["Declipping"]
    file.write_text(json.dumps(other) + "\n")
    with pytest.raises(RecordError, match="has changed since"):
        corpus.instance("denoising", "train", 0)


def test_words_around_audio_do_not_become_the_answer(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "instructions", "keep")
    rows = next(root.rglob("x.jsonl"))
    rows.write_text(json.dumps(record("01_Own_a", output="Here: <|SOA|>01_Own_a<|EOA|>.")) + "\n")
    corpus = Corpus(root)
    example = maker_of(corpus).example(corpus.instance("denoising", "train", 0), 1)
    assert example is not None
    assert example.answer == "01_Own_a"
