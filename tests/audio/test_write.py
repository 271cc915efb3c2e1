"""Files appear whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks.audio.load import load
from audioflan_tasks.audio.write import remove_leftovers, write
from audioflan_tasks.errors import AudioInputError, FileWriteError

SPEECH, RATE = soundfile.read(
    Path(__file__).parents[1] / "data" / "librivox_0870.flac", dtype="float32", frames=32000
)


@pytest.mark.parametrize("name", ["a.wav", "deep/er/a.flac", "A.WAV"])
def test_lossless_formats_come_back_within_one_step(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, SPEECH, RATE)
    assert path == tmp_path / name
    # 16 bit: half a step of 2 / 65536, and libsndfile's scale of 32767.
    np.testing.assert_allclose(load(path, RATE), SPEECH, atol=2 / 32768)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_opus_is_close(tmp_path: Path) -> None:
    back = load(write(tmp_path / "a.opus", SPEECH, RATE), RATE)
    size = min(len(back), len(SPEECH))
    assert np.corrcoef(back[:size], SPEECH[:size])[0, 1] > 0.9
    assert soundfile.info(tmp_path / "a.opus").subtype == "OPUS"


def test_loud_samples_are_clipped_and_doubles_and_channels_are_fine(tmp_path: Path) -> None:
    stereo = np.stack([2.0 * np.ones(100), -2.0 * np.ones(100)], axis=1)
    write(tmp_path / "a.wav", stereo, RATE)
    back, _ = soundfile.read(tmp_path / "a.wav")
    assert back.shape == (100, 2)
    assert back[:, 0].min() > 0.999
    assert back[:, 1].max() < -0.999


@pytest.mark.parametrize(
    ("samples", "name", "rate", "words"),
    [
        (np.zeros(0, np.float32), "a.wav", 16000, "not empty"),
        (np.zeros((2, 2, 2), np.float32), "a.wav", 16000, r"shape \(2, 2, 2\)"),
        (np.zeros(4, np.int16), "a.wav", 16000, "type int16; expected floats"),
        (np.array([0.0, np.nan]), "a.wav", 16000, "NaN"),
        (np.zeros(4), "a.mp5", 16000, r"expected a name ending in \.wav, \.flac, \.opus"),
        (np.zeros(4), "a.opus", 44100, "Opus has no rate 44100 Hz; expected one of 8000"),
        (np.zeros(4), "a.flac", -1, "cannot be encoded at -1 Hz"),
    ],
)
def test_what_cannot_be_written(
    tmp_path: Path, samples: np.ndarray, name: str, rate: int, words: str
) -> None:
    with pytest.raises(AudioInputError, match=words):
        write(tmp_path / name, samples, rate)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.wav", SPEECH, RATE)
    before = path.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FileWriteError, match=r"a\.wav: cannot be written \(No space left"):
        write(path, 0.5 * SPEECH, RATE)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(FileWriteError, match="cannot be written"):
        write(tmp_path / "x" / "a.wav", SPEECH, RATE)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_no_temporary_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def fail(*unused: object) -> None:
        raise error

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((FileWriteError, error)):
        write(tmp_path / "x.wav", np.zeros(8, np.float32), 8000)
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".x.wav.abc.part").write_bytes(b"half")
    (tmp_path / "own.part").write_bytes(b"of somebody else")
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} == {"own.part", "sub"}
