"""Real audio read back and resampled, against soundfile, SciPy and arithmetic."""

from __future__ import annotations

import os
import shutil
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile

from audioflan_tasks.audio import load as module
from audioflan_tasks.audio.load import AudioInfo, info, load
from audioflan_tasks.errors import AudioInputError, AudioReadError, MissingAudioError

SPEECH = Path(__file__).parents[1] / "data" / "librivox_0870.flac"
RATE = 16000


def _speech() -> np.ndarray:
    samples, rate = soundfile.read(SPEECH, dtype="float32")
    assert rate == RATE
    return np.asarray(samples)


def test_the_header() -> None:
    header = info(SPEECH)
    assert header == AudioInfo(RATE, channels=1, frames=113600)
    assert header.seconds == 7.1


def test_the_file_at_its_own_rate_is_sample_exact() -> None:
    made = load(SPEECH, RATE)
    assert made.dtype == np.float32
    assert made.flags.c_contiguous
    np.testing.assert_array_equal(made, _speech())


@pytest.mark.parametrize("rate", [RATE, 8000])
def test_what_rounding_leaves_of_silence_is_0(tmp_path: Path, rate: int) -> None:
    # Numbers below 1.2e-38 are 0 in TensorFlow's threads, so signs of such samples are not facts.
    tail = np.geomspace(1e-3, 1e-44, 3200, dtype=np.float32)
    soundfile.write(tmp_path / "tail.wav", np.concatenate([_speech(), -tail]), RATE, "FLOAT")
    samples = load(tmp_path / "tail.wav", rate)
    assert np.min(np.abs(samples[samples != 0])) >= 1e-30
    assert (samples[-rate // 40 :] == 0).all()
    joined = np.concatenate([*module.load_blocks(tmp_path / "tail.wav", rate, block_s=1.0)])
    np.testing.assert_array_equal(joined, samples)


@pytest.mark.parametrize("form", ["WAV", "FLAC", "AIFF"])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_S8", "PCM_U8", "FLOAT"])
def test_samples_are_those_of_libsndfile(tmp_path: Path, form: str, subtype: str) -> None:
    if not soundfile.check_format(form, subtype):
        return
    made = np.stack([_speech(), -_speech()], 1)
    made[:4] = [[1, -1], [-1, 1], [2**-15, -(2**-15)], [0, 0]]
    path = tmp_path / "file"
    soundfile.write(path, made, RATE, format=form, subtype=subtype)
    wanted, _ = soundfile.read(path, dtype="float32")
    np.testing.assert_array_equal(load(path, RATE), wanted.mean(1, dtype=np.float32))
    soundfile.write(path, made[:, 0], RATE, format=form, subtype=subtype)
    np.testing.assert_array_equal(load(path, RATE), soundfile.read(path, dtype="float32")[0])


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (0.0, 1.0, 0, 16000),
        (1.5, 2.25, 24000, 36000),
        (7.0, None, 112000, 113600),
        (7.0, 99.0, 112000, 113600),
        (0.00003, 0.001, 0, 16),
    ],
)
def test_a_segment_is_that_part_of_the_file(
    start: float, end: float | None, first: int, last: int
) -> None:
    np.testing.assert_array_equal(load(SPEECH, RATE, start, end), _speech()[first:last])


def test_only_the_segment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read = soundfile.SoundFile.read
    asked: list[int] = []

    def spy(self: soundfile.SoundFile, frames: int = -1, **rest: object) -> np.ndarray:
        asked.append(frames)
        return np.asarray(read(self, frames, **rest))

    monkeypatch.setattr(soundfile.SoundFile, "read", spy)
    load(SPEECH, 8000, 2.0, 2.5)
    assert asked == [8000]


@pytest.mark.parametrize("rate", [8000, 22050, 24000, 44100])
def test_another_rate_keeps_the_spectrum_below_both_limits(rate: int) -> None:
    speech = _speech()
    made = load(SPEECH, rate)
    assert abs(len(made) - round(len(speech) * rate / RATE)) <= 1
    # SciPy's polyphase filter is another resampler: both must agree well inside the
    # band they share. 60 dB below the signal is far below what either filter's own
    # transition band would allow if the low-pass here did not stay away from it.
    ratio = np.gcd(rate, RATE)
    other = scipy.signal.resample_poly(speech.astype(np.float64), rate // ratio, RATE // ratio)
    size = min(len(made), len(other))
    band = scipy.signal.butter(10, 0.7 * min(rate, RATE) / 2, fs=rate, output="sos")
    ours, theirs = (scipy.signal.sosfiltfilt(band, x[:size]) for x in (made, other))
    inner = slice(rate // 10, size - rate // 10)
    error = np.sum((ours[inner] - theirs[inner]) ** 2) / np.sum(theirs[inner] ** 2)
    assert 10 * np.log10(error) < -60


def test_halving_the_rate_leaves_no_alias(tmp_path: Path) -> None:
    # 5 kHz cannot exist at 8 kHz; without a filter it would come back at 3 kHz.
    time = np.arange(2 * RATE) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 5000 * time)
    soundfile.write(tmp_path / "tone.wav", tone, RATE, subtype="FLOAT")
    made = load(tmp_path / "tone.wav", 8000)
    assert np.abs(made[800:-800]).max() < 0.5e-4


def test_channels_are_averaged(tmp_path: Path) -> None:
    left, right = _speech()[:8000], -0.25 * _speech()[8000:16000]
    soundfile.write(tmp_path / "two.wav", np.stack([left, right], 1), RATE, subtype="FLOAT")
    made = load(tmp_path / "two.wav", RATE)
    np.testing.assert_allclose(made, (left + right) / 2, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "kind", "subtype", "rate", "tolerance"),
    [
        ("a.wav", "WAV", "PCM_24", 44100, 1e-6),
        ("a.flac", "FLAC", "PCM_16", 16000, 4e-5),
        ("a.ogg", "OGG", "VORBIS", 16000, 0.2),
        ("a.opus", "OGG", "OPUS", 16000, 0.2),
        ("a.mp3", "MP3", "MPEG_LAYER_III", 16000, 0.2),
        ("a.bin", "WAV", "ULAW", 8000, 0.05),
    ],
)
def test_formats_and_rates(
    tmp_path: Path, name: str, kind: str, subtype: str, rate: int, tolerance: float
) -> None:
    speech = _speech()[: 2 * RATE]
    path = tmp_path / name
    soundfile.write(path, speech, rate, format=kind, subtype=subtype)
    made = load(path, rate)
    assert abs(len(made) - len(speech)) < 0.1 * rate
    size = min(len(made), len(speech))
    if tolerance < 0.1:
        np.testing.assert_allclose(made[:size], speech[:size], atol=tolerance)
    else:
        shifts = scipy.signal.correlate(made[:size], speech[:size])
        peak = shifts.max() / np.linalg.norm(made[:size]) / np.linalg.norm(speech[:size])
        assert peak > 1 - tolerance


def test_odd_rates(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "odd.wav", _speech()[:11025], 11025)
    soundfile.write(tmp_path / "one.wav", np.array([0.5]), 48000, subtype="FLOAT")
    assert abs(len(load(tmp_path / "odd.wav", 16000)) - 16000) <= 1
    assert len(load(tmp_path / "one.wav", 8000)) == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path: Path, value: float) -> None:
    samples = np.zeros(100, np.float32)
    samples[50] = value
    soundfile.write(tmp_path / "x.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(AudioInputError, match=r"x\.wav: holds NaN or infinite"):
        load(tmp_path / "x.wav", 8000)
    assert len(load(tmp_path / "x.wav", RATE, 0.0, 0.003)) == 48


def test_missing_empty_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(MissingAudioError, match=r"none\.wav: no such audio file"):
        load(tmp_path / "none.wav", RATE)
    with pytest.raises(AudioReadError, match="not a file"):
        load(tmp_path, RATE)
    (tmp_path / "empty.wav").touch()
    with pytest.raises(AudioReadError, match="the file is empty"):
        load(tmp_path / "empty.wav", RATE)
    (tmp_path / "text.wav").write_text("this is no audio at all\n" * 20)
    with pytest.raises(AudioReadError, match=r"not readable audio.*expected WAV"):
        load(tmp_path / "text.wav", RATE)
    soundfile.write(tmp_path / "zero.wav", np.zeros(0), RATE)
    with pytest.raises(AudioReadError, match="holds no samples"):
        info(tmp_path / "zero.wav")


def test_m4a_says_what_to_do(tmp_path: Path) -> None:
    # The start of an MPEG-4 file, as in the DSing part of CMI-Bench.
    (tmp_path / "song.m4a").write_bytes(struct.pack(">I", 24) + b"ftypM4A " + bytes(200))
    with pytest.raises(AudioReadError, match=r"m4a is not read .*ffmpeg -i song\.m4a song\.flac"):
        load(tmp_path / "song.m4a", RATE)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(AudioReadError, match="not a file"):
        load(tmp_path / "pipe.wav", RATE)


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    whole = SPEECH.read_bytes()
    path = tmp_path / "cut.flac"
    path.write_bytes(whole[: len(whole) // 2])
    # FLAC's header still promises all samples.
    assert info(path).frames == 113600
    with pytest.raises(AudioReadError, match=r"cut\.flac"):
        load(path, RATE, 6.5, 7.0)


@pytest.mark.parametrize(
    ("start", "end"),
    [(8.0, None), (-1.0, None), (3.0, 2.0), (1.0, 1.0), (float("nan"), None), (0.0, float("nan"))],
)
def test_segments_outside_the_file(start: float, end: float | None) -> None:
    with pytest.raises(AudioReadError, match=r"no segment from .* the file is 7\.100 s long"):
        load(SPEECH, RATE, start, end)


def test_an_endless_end_is_the_end_of_the_file() -> None:
    assert len(load(SPEECH, RATE, 0.0, float("inf"))) == 113600


def test_huge_files_need_a_segment(tmp_path: Path) -> None:
    # A sparse file: two hours of silence that take no space.
    path = tmp_path / "huge.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.setnframes(2 * 3600 * 8000)
        file.writeframesraw(b"")
    header = path.read_bytes()[:40] + struct.pack("<I", 2 * 3600 * 8000 * 2)
    path.write_bytes(header)
    os.truncate(path, 44 + 2 * 3600 * 8000 * 2)
    with pytest.raises(AudioReadError, match="7200 s of audio at once; at most 3600 s"):
        load(path, 8000)
    assert len(load(path, 8000, 7000.0, 7001.0)) == 8000


def test_too_many_channels_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "wide.wav", np.zeros((1000, 8)), RATE)
    monkeypatch.setattr(module, "_MAX_VALUES", 7000)
    with pytest.raises(AudioReadError, match="give start and end"):
        load(tmp_path / "wide.wav", RATE)


@pytest.mark.parametrize("rate", [0, -16000, 10_000_000])
def test_rates_nobody_can_want(rate: int) -> None:
    with pytest.raises(AudioInputError, match="expected 100 to 1000000 Hz"):
        load(SPEECH, rate)


def test_the_name_does_not_matter(tmp_path: Path) -> None:
    shutil.copy(SPEECH, tmp_path / "ünïcode näme ✓")
    assert len(load(tmp_path / "ünïcode näme ✓", RATE)) == 113600
