"""`audioflan score`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks.cli import main

REAL = Path(__file__).parents[1] / "data" / "cmi_bench"


Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Scores a file; what was printed, on standard error where it failed with status 2."""

    def score(path: Path, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["audioflan", "score", str(path), *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        printed = capsys.readouterr()
        return printed.err if caught.value.code == 2 else printed.out

    return score


def test_real_answers(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "read.jsonl"
    file = REAL / "gtzan.jsonl"
    printed = run(file, "--task", "genre_classification", "--out", str(out))
    assert printed.startswith("metric\tvalue\tsame answer always\naccuracy\t0.")
    assert "\nok\t27\n" in printed
    assert "scikit-learn 1." in printed
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 27
    metal = {"answer": "金属", "reference": "metal", "value": "metal", "status": "ok"}
    assert {**metal, "reasoning": ""} in rows
    one = run(file, "--task", "genre_classification", "--json", "--metric", "macro_f1")
    assert set(json.loads(one)["scores"]) == {"macro_f1", "macro_f1_unparsed"}
    assert json.loads(one)["keys"] == {"answer": "response", "reference": "correct_answer"}


def test_normalisers_side_by_side(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("whisper_normalizer")
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"prediction": "mister brown", "reference": "Mr. Brown"}))
    printed = run(path, "--task", "automatic_speech_recognition", "--all-normalisers")
    rates = dict(line.split("\t")[:2] for line in printed.splitlines() if "\t" in line)
    names = ("none", "basic", "whisper-english")
    assert [rates[n] for n in names] == ["1.0000", "0.5000", "0.0000"]


def test_a_file_without_answers_is_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text('[{"question": "?"}]')
    told = run(path, "--task", "genre_classification")
    assert "no key for the answer among question; name it with --answer-key" in told
    assert "did you mean" in run(path, "--task", "genre_clasification")


def test_models_are_given_by_metric(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text('[{"response": "a.wav", "reference": "a.wav", "text": "a bell"}]')
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(0).normal(0, 0.1, 8000), 16000)
    ask = ("--task", "text_guided_audio_generation", "--metric", "clap_score")
    assert "expected METRIC=FOLDER" in run(path, *ask, "--metric-weights", "clap_score")
    assert "no such folder" in run(
        path, *ask, "--metric-weights", f"clap_score={tmp_path / 'none'}"
    )
    assert "needs a model" in run(path, *ask)
