"""Corpora are written by several processes as by one, and again after some were killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.recipes import foreign_corpus, known_corpus
from audioflan_tasks.recipes.benchmarks import benchmark_corpus
from audioflan_tasks.runners import LocalRunner
from tests.kinds import first_of

TASKS = ["denoising", "automatic_speech_recognition"]
CLIPS = sorted((demo_root() / "audio_files" / "speech" / "01_Asterisk_EN").rglob("*.flac"))[:24]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Speech with texts; one clip is no audio, and one is missing."""
    (folder := tmp_path / "in").mkdir()
    for clip in CLIPS:
        shutil.copy(clip, folder)
    (folder / CLIPS[3].name).write_bytes(b"no audio")
    (folder / CLIPS[13].name).unlink()
    rows = [f"{clip.name},words {n}\n" for n, clip in enumerate(CLIPS)]
    (folder / "table.csv").write_text("".join(["file,text\n", *rows]))
    return folder / "table.csv"


def content(out: Path) -> Mapping[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "stop",
    first_of(
        (signal.SIGKILL, "parent", 9, -9),
        (signal.SIGTERM, "parent", 3, 143),
        (signal.SIGKILL, "worker", 12, 2),
    ),
)
def test_a_killed_import_goes_on_and_gives_the_same_bytes(
    table: Path, tmp_path: Path, stop: tuple[signal.Signals, str, int, int]
) -> None:
    number, who, count, status = stop
    out, whole = tmp_path / "killed", tmp_path / "whole"
    ended = subprocess.run(
        [sys.executable, "-m", "tests.recipes.killed_import", "import", "csv", table,
         "--out", out, "--tasks", ",".join(TASKS), "--workers", "2"],
        env=os.environ | {"STOP": f"{int(number)} {who} {count}"},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert ended.returncode == status, ended.stderr
    if number == signal.SIGTERM:
        assert ended.stderr.endswith("audioflan: stopped; the same command continues\n")
    if who == "worker":
        assert "a process was killed" in ended.stderr
    assert not (out / "metadata").exists()
    clips = [*out.glob("audio_files/*/*/*/[!.]*")]
    assert count <= len(clips) < 22
    times = {clip: clip.stat().st_mtime_ns for clip in clips}
    source = foreign_corpus("csv", table)
    source.write(out, TASKS)
    counts = source.write(whole, TASKS)
    assert (counts.clips, counts.skip_count, counts.lost_questions) == (22, 2, 0)
    assert content(out) == content(whole)
    assert times == {clip: clip.stat().st_mtime_ns for clip in clips}


@pytest.mark.full
def test_the_result_does_not_depend_on_workers(table: Path, tmp_path: Path) -> None:
    source = foreign_corpus("csv", table)
    for workers in (1, 3):
        source.write(tmp_path / str(workers), TASKS, workers=workers, audio="flac")
    assert content(tmp_path / "1") == content(tmp_path / "3")


@pytest.mark.parametrize("address", ["memory://bucket/corpus", "s3:/bucket/corpus"])
def test_addresses_are_refused_with_what_to_do(address: str, tmp_path: Path) -> None:
    path = Path(address)
    for read in (
        lambda: foreign_corpus("csv", path),
        lambda: foreign_corpus("csv", tmp_path, audio_root=path),
        lambda: known_corpus("LJSpeech", path),
        lambda: benchmark_corpus("mmau", path).write(tmp_path / "out"),
    ):
        with pytest.raises(SettingsError, match=r"are read on this machine; copy it here"):
            read()


@pytest.mark.slow
def test_stages_are_counted_by_the_runner_given(table: Path, tmp_path: Path) -> None:
    stages: dict[str, int] = {}
    source = foreign_corpus("csv", table)
    source.write(tmp_path / "out", TASKS, runner=LocalRunner(1), progress=stages.__setitem__)
    assert stages == {"audio": 24, "simulations": 22}


@pytest.mark.slow
def test_one_process_at_a_time_writes_a_corpus(table: Path, tmp_path: Path) -> None:
    (out := tmp_path / "out").mkdir()
    with (out / ".90_table.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SettingsError, match="another process writes 90_table"):
            foreign_corpus("csv", table).write(out, TASKS)
    foreign_corpus("csv", table).write(out, TASKS)
    assert not [*out.glob(".*")]
