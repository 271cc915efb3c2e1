"""Files that are cut short or broken: refused in words of ours, and never used as if whole."""

from __future__ import annotations

import struct
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks.audio.load import LOUDEST, info, load, load_blocks
from audioflan_tasks.errors import AudioError, AudioInputError, AudioReadError
from tests.audio_faults import RATE, SECONDS, faulty_files, whole_files
from tests.kinds import first_of

# Their headers have no length.
_CANNOT_TELL = ("IRCAM", "PAF", "PVF", "WVE", "XI")


def test_every_container_is_read_whole(tmp_path: Path) -> None:
    assert len({name.partition("_")[0] for name in whole_files()}) > 20
    for name, data in whole_files().items():
        path = tmp_path / name
        path.write_bytes(data)
        header = info(path)
        # XI has one rate; of codings in blocks a block more or less.
        rate = RATE if header.sample_rate == 44_100 else header.sample_rate
        assert header.frames / rate == pytest.approx(SECONDS, abs=0.15), name
        assert len(load(path, header.sample_rate)) == header.frames, name


def test_a_file_cut_in_half_is_refused(tmp_path: Path) -> None:
    for name, data in whole_files().items():
        path = tmp_path / name
        path.write_bytes(data[: len(data) // 2])
        if name.startswith(_CANNOT_TELL):
            assert load(path, RATE).size < 0.6 * RATE * SECONDS
            continue
        with pytest.raises(AudioReadError, match=name):
            load(path, RATE)
        with pytest.raises(AudioReadError, match=name):
            list(load_blocks(path, RATE))
        # The headers of SDS look whole.
        if not name.startswith("SDS"):
            with pytest.raises(AudioReadError, match=name):
                info(path)


@pytest.mark.parametrize("count", first_of(125, 2000))
def test_a_broken_file_is_read_or_refused(tmp_path: Path, count: int) -> None:
    outcomes: Counter[str] = Counter()
    for name, data in faulty_files(count, seed=count):
        path = tmp_path / name
        path.write_bytes(data)
        try:
            samples = load(path, RATE)
        except AudioError as error:
            outcomes["refused"] += 1
            assert "\n" not in str(error)
            with pytest.raises(type(error)):
                list(load_blocks(path, RATE))
        else:
            outcomes["read"] += 1
            assert samples.size and np.abs(samples).max() <= LOUDEST
            assert sum(map(len, load_blocks(path, RATE))) == len(samples)
        path.unlink()
    assert outcomes["read"] + outcomes["refused"] == count and min(outcomes.values()) > count // 4


@pytest.mark.parametrize("value", [1e4, 3e38, 1e300, np.inf, np.nan])
@pytest.mark.parametrize("channels", [1, 2])
def test_numbers_far_from_full_scale_are_refused(
    tmp_path: Path, value: float, channels: int
) -> None:
    samples = np.zeros((800, channels))
    samples[400] = -value
    soundfile.write(tmp_path / "loud.wav", samples, RATE, subtype="DOUBLE")
    with pytest.raises(AudioInputError, match=r"loud\.wav: holds (samples up to \d|NaN or inf)"):
        load(tmp_path / "loud.wav", RATE)


def test_what_a_pipe_wrote_is_whole(tmp_path: Path) -> None:
    # Programs that cannot go back leave the largest number as the size.
    path = tmp_path / "piped.wav"
    soundfile.write(path, np.zeros(800), RATE, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    place = data.index(b"data") + 4
    data[4:8] = data[place : place + 4] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(data)
    assert len(load(path, RATE)) == 800


def test_a_name_of_a_headerless_format(tmp_path: Path) -> None:
    (tmp_path / "x.raw").write_bytes(bytes(800))
    with pytest.raises(AudioReadError, match=r"x\.raw: not readable audio"):
        load(tmp_path / "x.raw", RATE)
