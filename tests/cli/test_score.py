"""`audioflan score`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.conftest import Run

REAL = Path(__file__).parents[1] / "data" / "cmi_bench"


@pytest.mark.slow
def test_real_answers(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "read.jsonl"
    file = REAL / "gtzan.jsonl"
    printed = run("score", file, "--task", "genre_classification", "--out", str(out))
    assert printed.startswith("metric\tvalue\tsame answer always\naccuracy\t0.")
    assert "\nok\t27\n" in printed
    assert "scikit-learn 1." in printed
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 27
    metal = {"answer": "金属", "reference": "metal", "value": "metal", "status": "ok"}
    assert {**metal, "reasoning": ""} in rows
    scored = run("score", file, "--task", "genre_classification", "--json", "--metric", "macro_f1")
    assert set(json.loads(scored)["scores"]) == {"macro_f1", "macro_f1_unparsed"}
    assert json.loads(scored)["keys"] == {
        "answer": "response",
        "reference": "correct_answer",
        "prompt": "question",
    }


def test_labels_and_names_of_a_benchmark(run: Run, tmp_path: Path) -> None:
    answers, options, names = (tmp_path / name for name in ("a.jsonl", "labels", "names"))
    answers.write_text(json.dumps({"prediction": "a cello", "reference": "string"}))
    options.write_text("string\nflute\nbrass\n")
    names.write_text("cello = string\n")
    printed = run(
        "score", answers, "--task", "instrument_classification", "--options", options,
        "--aliases", names, "--json",
    )  # fmt: skip
    assert json.loads(printed)["scores"]["accuracy"] == 1.0


def test_normalisers_side_by_side(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("whisper_normalizer")
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"prediction": "mister brown", "reference": "Mr. Brown"}))
    printed = run("score", path, "--task", "automatic_speech_recognition", "--all-normalisers")
    rates = dict(line.split("\t")[:2] for line in printed.splitlines() if "\t" in line)
    names = ("none", "basic", "whisper-english")
    assert [rates[n] for n in names] == ["1.0000", "0.5000", "0.0000"]


@pytest.mark.slow
def test_a_file_without_answers(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text('[{"question": "?"}]')
    message = run("score", path, "--task", "genre_classification", status=2)
    assert "no key for the answer among question; name it with --answer-key" in message
    assert "did you mean" in run("score", path, "--task", "genre_clasification", status=2)


def test_right_answers_in_another_file(run: Run, tmp_path: Path) -> None:
    answers, gold = tmp_path / "answers.json", tmp_path / "gold.jsonl"
    answers.write_text(json.dumps({"details": [{"id": 1, "response": "female"}]}))
    gold.write_text("".join(json.dumps({"id": n, "label": "female"}) + "\n" for n in (1, 2)))
    printed = run("score", answers, "--task", "gender_recognition", "--gold", gold)
    facts = dict(line.split("\t")[:2] for line in printed.splitlines() if line.count("\t") >= 1)
    assert facts["accuracy"] == "0.5000" and facts["empty"] == "1"
    assert facts["without an answer"] == "1 (2)" and facts["gold"] == "gold.jsonl (2 rows)"
    assert (facts["list"], facts["joined by"], facts["answer"]) == ("details", "id", "response")
    assert (
        "no such file"
        in run(
            "score", answers, "--task", "gender_recognition", "--gold", tmp_path / "x", status=2
        ).casefold()
    )


@pytest.mark.slow
def test_models_are_given_by_metric(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text('[{"response": "a.wav", "reference": "a.wav", "text": "a bell"}]')
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(0).normal(0, 0.1, 8000), 16000)
    options = ("--task", "text_guided_audio_generation", "--metric", "clap_score")
    assert "expected METRIC=FOLDER" in run(
        "score", path, *options, "--metric-weights", "clap_score", status=2
    )
    assert "no such folder" in run(
        "score", path, *options, "--metric-weights", f"clap_score={tmp_path / 'none'}", status=2
    )
    assert "needs a model" in run("score", path, *options, status=2)
