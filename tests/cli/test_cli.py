"""The command line as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str, cache: Path | None = None, status: int = 0) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment |= {} if cache is None else {"AUDIOFLAN_CACHE_DIR": str(cache)}
    done = subprocess.run(
        [sys.executable, "-m", "audioflan_tasks.cli", *arguments],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_lists() -> None:
    assert len(run("tasks").splitlines()) == 81
    assert len(json.loads(run("tasks", "--domain", "music", "--json"))) == 28
    names = [m["name"] for m in json.loads(run("tasks", "--mixtures", "--json"))]
    assert "audioflan_all" in names
    assert "audioflan_major_global_mir" in run("tasks", "--mixtures")


def test_show() -> None:
    shown = run("show", "key_detection")
    for words in ("C# minor", "mir_eval", "key_comparison", "instructions", "held out"):
        assert words in shown
    assert json.loads(run("show", "denoising", "--json"))["name"] == "audioflan_denoising"


def test_preview_writes_every_span_and_its_round_trip(tmp_path: Path) -> None:
    arguments = ("preview", "denoising", "--count", "1", "--play-to", str(tmp_path / "wav"))
    shown = run(*arguments, cache=tmp_path / "cache")
    assert "audioflan_denoising" in shown
    assert len(list((tmp_path / "wav").glob("*.original.wav"))) == 2
    assert len(list((tmp_path / "wav").glob("*.roundtrip.wav"))) == 2
    assert run(*arguments, cache=tmp_path / "cache") == shown


def test_check_reports_and_fails(tmp_path: Path) -> None:
    assert json.loads(run("check", "--demo", "--json"))["records"] > 1600
    (tmp_path / "x.jsonl").write_text("{broken\n")
    assert "x.jsonl:1" in _report(tmp_path)


def _report(root: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "audioflan_tasks.cli", "check", str(root)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    return done.stdout


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
def test_errors_are_one_line(arguments: tuple[str, ...], words: str) -> None:
    message = run(*arguments, status=2)
    assert words in message
    assert "Traceback" not in message
