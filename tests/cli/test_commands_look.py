"""Commands that look at tasks, examples and corpora."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks.tokens import vocabulary
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_command_starts_in_a_process_of_its_own() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "audioflan_tasks.cli", "tasks"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True,
    )  # fmt: skip
    assert len(process.stdout.splitlines()) == 81


@pytest.mark.slow
def test_lists(run: Run) -> None:
    assert len(run("tasks").splitlines()) == 81
    assert len(json.loads(run("tasks", "--domain", "music", "--json"))) == 28
    names = [m["name"] for m in json.loads(run("tasks", "--mixtures", "--json"))]
    assert "audioflan_all" in names
    assert "audioflan_major_global_mir" in run("tasks", "--mixtures")


@pytest.mark.slow
def test_show(run: Run) -> None:
    printed = run("show", "key_detection")
    for words in ("C# minor", "mir_eval", "key_comparison", "instructions", "key and harmony"):
        assert words in printed
    denoising = json.loads(run("show", "denoising", "--json"))
    assert denoising["name"] == "audioflan_denoising"
    assert "noise" in denoising["pool"]["instruction"][0]["ask"]
    assert "噪声" in denoising["other_pools"]["zh"]["instruction"][0]["ask"]
    printed = run("show", "denoising")
    assert "20 instructions:" in printed
    assert "11 instructions in 'zh':" in printed
    assert "噪声" in printed


@pytest.mark.slow
def test_check_reports_and_fails(run: Run, tmp_path: Path) -> None:
    report = json.loads(run("check", "--demo", "--json"))
    assert report["records"] > 1600
    melodies = report["own_words"]["melody_extraction"]
    assert 0 < melodies["kept"] < melodies["records"]
    assert melodies["reasons"] == {"words": melodies["kept"]}
    (tmp_path / "x.jsonl").write_text("{broken\n")
    assert "x.jsonl:1" in run("check", str(tmp_path), status=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "denoisin"), "did you mean denoising"),
        (("tasks", "--domain", "musik"), "did you mean music"),
        (("preview", "audioflan_al"), "did you mean audioflan_all"),
        (("check", "/nowhere/at/all"), "no such file or folder"),
        (("check",), "which corpus"),
    ],
)
def test_errors_are_one_line(run: Run, arguments: tuple[str, ...], words: str) -> None:
    message = run(*arguments, status=2)
    assert words in message
    assert "Traceback" not in message


def test_a_root_and_the_demo_are_too_much(run: Run, tmp_path: Path) -> None:
    assert "not both" in run("check", str(tmp_path), "--demo", status=2)


@pytest.mark.slow
def test_chat_prints_dialogues(run: Run, tmp_path: Path) -> None:
    printed = run("chat", "audioflan_music", "--count", "2", "--system", "You hear well.")
    assert printed.count("System: You hear well.") == 2
    assert "in the loss" in printed
    (tmp_path / "own.jinja").write_text("{% for m in messages %}[{{ m.content }}]{% endfor %}")
    custom = run("chat", "key_detection", "--count", "1", "--template", str(tmp_path / "own.jinja"))
    assert "\n[" in custom
    line = run("chat", "key_detection", "--count", "1", "--json").strip()
    assert [m["role"] for m in json.loads(line)["messages"]][:2] == ["user", "assistant"]
    assert "asks about a clip" in run("chat", "text_to_speech", status=2)
    assert "not a readable chat template" in run("chat", "denoising", "--template", "/x", status=2)


@pytest.mark.slow
def test_decode_writes_text_and_audio(run: Run, tmp_path: Path) -> None:
    v = vocabulary()
    ids = [*v.encode("heard: "), *v.audio_block(np.zeros((20, 8), int)), v.eos_id]
    np.save(tmp_path / "ids.npy", np.array(ids))
    printed = run("decode", str(tmp_path / "ids.npy"), "--out", str(tmp_path / "out"))
    assert "0000  heard: [audio 0]" in printed
    assert (tmp_path / "out" / "0000.0.wav").stat().st_size > 12_000
    assert "not a .npy file" in run("decode", "/x.npy", "--out", str(tmp_path / "o"), status=2)


@pytest.mark.slow
def test_check_and_build_are_strict_and_say_how_to_go_on(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = {
        "instruction": "Which accent?", "input": "text", "output": "Hubei",
        "task": "Accent Recognition", "split": "train",
    }  # fmt: skip
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    lines = (right, {**right, "split": "trian"}, {**right, "task": "Telepathy"})
    (corpus / "r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    said = run("check", corpus, status=1)
    assert "r.jsonl:2: unknown split 'trian' (did you mean train?)" in said
    assert "unknown task 'Telepathy'" in said
    mapped = run("check", corpus, "--splits", "trian=train", "--policy", "skip")
    assert "splits: train 3" in mapped
    build = ("build", corpus, "--out", tmp_path / "store", "--tokenizer", "none", "--workers", "1")
    run(*build, status=1)
    assert "1 rows from" in run(*build, "--policy", "skip")
    assert "2 rows from" in run(*build, "--policy", "skip", "--splits", "trian=train")
    (corpus / "r.jsonl").write_text(json.dumps(lines[2]) + "\n")
    assert "0 rows from 1 records" in run(*build, "--policy", "skip", status=1)
    assert "expected WORD=SPLIT" in run("check", corpus, "--splits", "trian", status=2)


@pytest.mark.parametrize("with_records", [False, True])
def test_check_names_the_importer_of_a_foreign_folder(
    run: Run, tmp_path: Path, with_records: bool
) -> None:
    """Also where its manifests look like files of records."""
    name = "lhotse" if with_records else "kaldi"
    if with_records:
        (tmp_path / "cuts.jsonl").write_text('{"id": "a", "supervisions": []}\n')
    else:
        (tmp_path / "wav.scp").write_text("a a.wav\n")
    printed = run("check", tmp_path, status=1 if with_records else 2)
    assert f"audioflan import {name} {tmp_path} --out CORPUS" in printed


@pytest.mark.slow
def test_stats_count_a_mixture_as_it_is_drawn(run: Run) -> None:
    tables = json.loads(run("stats", "key_detection", "--steps", "500", "--json"))
    assert tables["instances"] == pytest.approx(500, abs=5)
    (child,) = tables["tree"]["children"]
    assert child["name"] == "understanding"
    assert {a["name"] for a in tables["attributes"]} == {"key"}


def test_a_corpus_without_records_has_no_statistics(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("{broken\n")
    words = run("stats", tmp_path, status=2)
    assert f"{tmp_path}: no records to count; why: audioflan check {tmp_path}" in words


@pytest.mark.slow
def test_recipes_of_a_class_of_licences(run: Run) -> None:
    lines = run("recipes", "--licence", "permissive").splitlines()[1:-1]
    assert lines and all(line.split("\t")[2] == "permissive" for line in lines)
    assert "did you mean permissive" in run("recipes", "--licence", "permisive", status=2)
    assert "loader: mirdata" in run("recipes", "Vocadito").splitlines()
    refusal = run("recipe", "Vocadito", ".", "--loader", "lhotse", status=2)
    assert "Vocadito: lhotse does not read it" in " ".join(refusal.split())


@pytest.mark.slow
def test_attribution_names_corpora_and_licences(run: Run, tmp_path: Path) -> None:
    run("mix", "attribution", "key_detection", "--out", tmp_path / "a.md")
    page = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "records: CC0" in page or "records: Public domain" in page or "records: CC" in page
