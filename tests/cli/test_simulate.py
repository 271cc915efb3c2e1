"""`audioflan simulate` as a user types it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks.preprocessors.simulate import KINDS
from tests.cli.conftest import Run

CLIP = Path(__file__).parents[1] / "data" / "librivox_0870.flac"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "in"
    home.mkdir()
    speech, rate = soundfile.read(CLIP, dtype="float32")
    soundfile.write(home / "good.wav", speech[: 2 * rate], rate)
    soundfile.write(home / "silent.wav", np.zeros(rate, np.float32), rate)
    bad = np.where(np.arange(rate) == 7, np.nan, speech[:rate])
    soundfile.write(home / "nan.wav", bad.astype(np.float32), rate, subtype="FLOAT")
    (home / "empty.flac").touch()
    (home / "video.m4a").write_bytes(b"\0" * 100)
    return home


@pytest.mark.slow
def test_bad_audio_is_skipped_counted_and_named(run: Run, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    printed = run("simulate", "add_coloured_noise", folder, "--out", out)
    assert "2 clips, 2 records (denoising 1, signal_to_noise_ratio_estimation 1)" in printed
    assert "skipped 4" in printed
    listed = (out / "simulated" / "runs" / "90_AddColouredNoise" / "skipped.tsv").read_text()
    reasons = dict(line.split("\t")[1:] for line in listed.splitlines())
    for name, words in {
        "silent.wav": "the speech is silent, so no ratio can be set",
        "nan.wav": "holds NaN or infinite samples",
        "empty.flac": "the file is empty",
        "video.m4a": "convert it first, for example: ffmpeg",
    }.items():
        assert words in reasons[name]


def test_nothing_made_is_status_1(run: Run, folder: Path, tmp_path: Path) -> None:
    silent, out = folder / "silent.wav", tmp_path / "out"
    assert "0 clips, no records" in run("simulate", "clip", silent, "--out", out, status=1)


def test_the_list_has_every_kind(run: Run) -> None:
    lines = run("simulate", "--list").splitlines()
    assert {line.split("\t")[1] for line in lines[1:]} == set(KINDS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add_nois", "IN", "--out", "OUT"), "named 'add_nois'; did you mean add_noise"),
        (("clip", "IN"), "where to? give --out FOLDER"),
        (("clip", "--out", "OUT"), "clip needs audio: give files or folders"),
        (("clip", "NOWHERE", "--out", "OUT"), "no such file or folder"),
        (("clip", "IN", "--out", "OUT", "--split", "dev"), "split 'dev': expected train"),
        (("noise", "IN", "--out", "OUT"), "noise takes no files"),
        (("clip", "IN", "--out", "OUT", "--presets", "NOWHERE"), "cannot be read as UTF-8"),
    ],
)
def test_errors_are_one_line(
    arguments: tuple[str, ...], words: str, run: Run, folder: Path, tmp_path: Path
) -> None:
    places = {"IN": str(folder), "OUT": str(tmp_path / "out"), "NOWHERE": str(tmp_path / "no")}
    command_line = [places.get(word, word) for word in arguments]
    assert words in run("simulate", *command_line, status=2)
    assert not (tmp_path / "out").exists()
