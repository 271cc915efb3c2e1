"""The command line: `main()` in this process, its start in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks.cli import main
from audioflan_tasks.config import settings
from audioflan_tasks.tokens import vocabulary

ROOT = Path(__file__).parents[2]

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line; what it printed, on standard error where it failed with status 2."""

    def run_main(*arguments: str, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["audioflan", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        printed = capsys.readouterr()
        assert (caught.value.code or 0) == status, printed.err
        return printed.err if status == 2 else printed.out

    return run_main


def test_the_command_starts_in_a_process_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "audioflan_tasks.cli", "tasks"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 81


def test_lists(run: Run) -> None:
    assert len(run("tasks").splitlines()) == 81
    assert len(json.loads(run("tasks", "--domain", "music", "--json"))) == 28
    names = [m["name"] for m in json.loads(run("tasks", "--mixtures", "--json"))]
    assert "audioflan_all" in names
    assert "audioflan_major_global_mir" in run("tasks", "--mixtures")


def test_show(run: Run) -> None:
    shown = run("show", "key_detection")
    for words in ("C# minor", "mir_eval", "key_comparison", "instructions", "held out"):
        assert words in shown
    denoising = json.loads(run("show", "denoising", "--json"))
    assert denoising["name"] == "audioflan_denoising"
    assert "noise" in denoising["pool"]["instruction"][0]["ask"]
    assert "噪声" in denoising["other_pools"]["zh"]["instruction"][0]["ask"]
    shown = run("show", "denoising")
    assert "10 instructions:" in shown
    assert "11 instructions in 'zh':" in shown
    assert "噪声" in shown


def test_preview_speaks_the_languages_of_the_settings(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "languages", ("zh",))
    shown = run("preview", "gender_recognition", "--count", "4")
    assert shown.count("template gender_recognition/zh/") == 4
    assert "性别" in shown


def test_preview_writes_every_span_and_its_round_trip(run: Run, tmp_path: Path) -> None:
    arguments = ("preview", "denoising", "--count", "1", "--play-to", str(tmp_path / "wav"))
    shown = run(*arguments)
    assert "audioflan_denoising" in shown
    assert len(list((tmp_path / "wav").glob("*.original.wav"))) == 2
    assert len(list((tmp_path / "wav").glob("*.roundtrip.wav"))) == 2
    assert run(*arguments) == shown


def test_check_reports_and_fails(run: Run, tmp_path: Path) -> None:
    assert json.loads(run("check", "--demo", "--json"))["records"] > 1600
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


def test_a_terminal_gets_a_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audioflan_tasks.cli.output.sys.stdout.isatty", lambda: True)
    shown = run("tasks", "--category", "generation")
    assert "─" in shown
    assert "names in seqio have the prefix" in shown


def test_a_mixture_is_previewed_at_its_rates(run: Run) -> None:
    shown = run("preview", "audioflan_major_audio_caption", "--count", "2", "--split", "test")
    assert shown.count("audioflan_audio_caption (audio / Audio Caption") == 2
    assert "<|SOA|>" in shown


def test_what_cannot_be_previewed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("")
    message = run("preview", "denoising", "--root", str(tmp_path / "x.jsonl"), status=2)
    assert "no records in split 'train'" in message


def test_a_root_and_the_demo_are_too_much(run: Run, tmp_path: Path) -> None:
    assert "not both" in run("check", str(tmp_path), "--demo", status=2)


def test_chat_prints_dialogues(run: Run, tmp_path: Path) -> None:
    shown = run("chat", "audioflan_music", "--count", "2", "--system", "You hear well.")
    assert shown.count("System: You hear well.") == 2
    assert "in the loss" in shown
    (tmp_path / "own.jinja").write_text("{% for m in messages %}[{{ m.content }}]{% endfor %}")
    own = run("chat", "key_detection", "--count", "1", "--template", str(tmp_path / "own.jinja"))
    assert "\n[" in own
    line = run("chat", "key_detection", "--count", "1", "--json").strip()
    assert [m["role"] for m in json.loads(line)["messages"]][:2] == ["user", "assistant"]
    assert "asks about a clip" in run("chat", "text_to_speech", status=2)
    assert "not a readable chat template" in run("chat", "denoising", "--template", "/x", status=2)


def test_decode_writes_text_and_audio(run: Run, tmp_path: Path) -> None:
    v = vocabulary()
    ids = [*v.encode("heard: "), *v.audio_block(np.zeros((20, 8), int)), v.eos_id]
    np.save(tmp_path / "ids.npy", np.array(ids))
    shown = run("decode", str(tmp_path / "ids.npy"), "--out", str(tmp_path / "out"))
    assert "0000  heard: [audio 0]" in shown
    assert (tmp_path / "out" / "0000.0.wav").stat().st_size > 12_000
    assert "not a .npy file" in run("decode", "/x.npy", "--out", str(tmp_path / "o"), status=2)
