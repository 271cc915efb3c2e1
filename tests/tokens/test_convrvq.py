"""The default tokenizer on a real sentence: shapes, exactness, quality floors and refusals."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from pystoi import stoi

from audioflan_tasks.errors import AudioInputError, TokenizerError, TokenRangeError
from audioflan_tasks.tokens import convrvq
from audioflan_tasks.tokens.convrvq import ConvRVQ
from tests.kinds import first_of

CLIP = Path(__file__).parent.parent / "data" / "librivox_0870.flac"
# Frames whose receptive field may reach past an end of the signal.
ENDS = 10
Wave = NDArray[np.float32]


@pytest.fixture(scope="module")
def speech() -> Wave:
    wave, rate = soundfile.read(CLIP, dtype="float32")
    assert rate == 16_000
    return np.asarray(wave, np.float32)


@pytest.fixture(scope="module")
def codec() -> ConvRVQ:
    return ConvRVQ()


def coded(codec: ConvRVQ, wave: Wave) -> Wave:
    return codec.decode(codec.encode(wave))[: len(wave)]


def mr_stft_db(clean: Wave, made: Wave) -> float:
    """Mean absolute dB difference of three spectrograms, floor 60 dB under the peak."""
    gaps = []
    for size in (512, 1024, 2048):
        spectra = []
        for wave in (clean, made):
            frames = np.lib.stride_tricks.sliding_window_view(wave, size)[:: size // 4]
            spectra.append(np.abs(np.fft.rfft(frames * np.hanning(size))))
        floor = spectra[0].max() * 1e-3
        gaps.append(np.abs(20 * np.log10((spectra[0] + floor) / (spectra[1] + floor))).mean())
    return float(np.mean(gaps))


@pytest.mark.parametrize("samples", [0, 1, 319, 320, 321, 41_280, 50_000])
def test_lengths_follow_the_contract(codec: ConvRVQ, speech: Wave, samples: int) -> None:
    codes = codec.encode(speech[:samples])
    assert codes.shape == (-(-samples // 320), 8)
    assert codes.dtype == np.uint16
    wave = codec.decode(codes)
    assert wave.shape == (len(codes) * 320,)
    assert wave.dtype == np.float32


def test_describes_itself(codec: ConvRVQ) -> None:
    assert codec.name == "convrvq_16k"
    assert codec.codebook_sizes == (1024,) * 8
    assert (codec.sample_rate, codec.frame_rate) == (16_000, 50.0)
    digest = codec.fingerprint.removeprefix("convrvq_16k-").removesuffix("-8")
    assert len(digest) == 12
    assert int(digest, 16) >= 0
    assert ConvRVQ(4).fingerprint == f"convrvq_16k-{digest}-4"


@pytest.mark.slow
def test_speech_survives(codec: ConvRVQ, speech: Wave) -> None:
    made = coded(codec, speech)
    assert stoi(speech, made, 16_000) >= 0.85
    assert mr_stft_db(speech, made) <= 4.0


@pytest.mark.slow
def test_more_codebooks_are_no_worse(speech: Wave) -> None:
    scores = [stoi(speech, coded(ConvRVQ(count), speech), 16_000) for count in (1, 4, 12)]
    assert scores == sorted(scores)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.1, 0.03])
def test_quiet_speech_is_coded_as_well(codec: ConvRVQ, speech: Wave, level: float) -> None:
    quiet = coded(codec, speech * np.float32(level)) / np.float32(level)
    assert stoi(speech, quiet, 16_000) >= stoi(speech, coded(codec, speech), 16_000) - 0.02
    assert np.std(quiet) == pytest.approx(np.std(speech), rel=0.25)


def test_silence_stays_silent(codec: ConvRVQ) -> None:
    assert np.abs(coded(codec, np.zeros(48_000, np.float32))).max() < 1e-3


def test_a_pause_in_speech_stays_quiet(codec: ConvRVQ, speech: Wave) -> None:
    wave = np.concatenate([speech[:48_000], np.zeros(32_000, np.float32), speech[48_000:]])
    pause = coded(codec, wave)[52_000:76_000]
    assert np.abs(pause).max() < 1e-3


@pytest.mark.slow
def test_is_deterministic_across_instances_and_threads(speech: Wave) -> None:
    want = ConvRVQ().encode(speech)
    with ThreadPoolExecutor(4) as pool:
        for codes in pool.map(lambda _: ConvRVQ().encode(speech), range(4)):
            np.testing.assert_array_equal(codes, want)


@pytest.mark.slow
@pytest.mark.parametrize("size", first_of(7_777, 100, 40_960, 200_000))
def test_a_stream_gives_the_codes_of_the_whole(codec: ConvRVQ, speech: Wave, size: int) -> None:
    wave = np.tile(speech, 2)
    pieces = (wave[start : start + size] for start in range(0, len(wave), size))
    streamed = np.concatenate(list(codec.encode_stream(pieces)))
    np.testing.assert_array_equal(streamed, codec.encode(wave))


@pytest.mark.slow
@pytest.mark.parametrize("size", first_of(50, 1, 128, 1_000))
def test_a_stream_gives_the_very_samples_of_the_whole(
    codec: ConvRVQ, speech: Wave, size: int
) -> None:
    codes = codec.encode(np.tile(speech, 2))
    pieces = (codes[start : start + size] for start in range(0, len(codes), size))
    streamed = np.concatenate(list(codec.decode_stream(pieces)))
    np.testing.assert_array_equal(streamed, codec.decode(codes))


@pytest.mark.parametrize("samples", [1, 3_000, 32_000, 41_500, 60_000])
def test_rows_after_the_end_change_nothing(
    codec: ConvRVQ, speech: Wave, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = codec.encode(speech[:samples])
    wave = codec.decode(codes)
    # All rows of a block, however short the clip.
    monkeypatch.setattr(convrvq, "ROW_STEP", 10**6)
    whole_codes = codec.encode(speech[:samples])
    # Another BLAS may sum in another order where the shape is another.
    assert np.mean(codes == whole_codes) > 0.99
    np.testing.assert_allclose(wave, codec.decode(codes), atol=1e-4)


def test_blocks_leave_no_seam(codec: ConvRVQ, speech: Wave) -> None:
    # Shifted by one frame, every frame falls elsewhere in its block and must keep its code;
    # only at the ends of the signal, and where two codes tie, may one change.
    later = codec.encode(np.concatenate([np.zeros(320, np.float32), speech]))[1:]
    same = (later == codec.encode(speech))[ENDS:-ENDS]
    assert same.mean() > 0.999


@pytest.mark.slow
def test_codes_of_fewer_codebooks_are_a_prefix(speech: Wave) -> None:
    full = ConvRVQ(12).encode(speech)
    for count in (1, 4, 8):
        np.testing.assert_array_equal(ConvRVQ(count).encode(speech), full[:, :count])


@pytest.mark.slow
def test_decode_takes_fewer_columns(codec: ConvRVQ, speech: Wave) -> None:
    codes = codec.encode(speech)
    np.testing.assert_array_equal(codec.decode(codes[:, :4]), ConvRVQ(4).decode(codes[:, :4]))


@pytest.mark.slow
def test_long_audio_needs_bounded_memory(codec: ConvRVQ, speech: Wave) -> None:
    def pieces() -> Iterator[Wave]:
        for _ in range(60):  # 60 x 2 s as they would come from a long file
            yield speech[:32_000]

    codec.encode(speech[:320])  # the weights are loaded once and are not what grows
    tracemalloc.start()
    try:
        frames = sum(len(codes) for codes in codec.encode_stream(pieces()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert frames == 60 * 100
    assert peak < 16e6  # two minutes alone are 7.7 MB; a whole hour stays under the same bound


@pytest.mark.parametrize(
    "wave",
    [
        np.full(400, np.nan, np.float32),
        np.array([0.0, np.inf], np.float32),
        np.zeros((2, 400), np.float32),
        np.zeros((), np.float32),
        np.zeros(400, np.int16),
        np.zeros(400, np.complex64),
    ],
    ids=["nan", "inf", "stereo", "scalar", "int16", "complex"],
)
def test_refuses_what_is_not_mono_float_audio(codec: ConvRVQ, wave: NDArray[np.generic]) -> None:
    with pytest.raises(AudioInputError):
        codec.encode(wave)  # type: ignore[arg-type]


def test_accepts_double_precision(codec: ConvRVQ, speech: Wave) -> None:
    np.testing.assert_array_equal(
        codec.encode(speech.astype(np.float64)),
        codec.encode(speech),
    )


@pytest.mark.parametrize(
    "codes",
    [
        np.full((3, 8), 1024),
        np.full((3, 8), -1),
        np.zeros((3, 9), np.int64),
        np.zeros((3, 0), np.int64),
        np.zeros(8, np.int64),
        np.zeros((3, 8), np.float32),
    ],
    ids=["too_large", "negative", "too_many_books", "no_books", "flat", "float"],
)
def test_refuses_codes_out_of_range(codec: ConvRVQ, codes: NDArray[np.generic]) -> None:
    with pytest.raises(TokenRangeError):
        codec.decode(codes)  # type: ignore[arg-type]


def test_decodes_no_frames(codec: ConvRVQ) -> None:
    assert codec.decode(np.zeros((0, 8), np.uint16)).shape == (0,)


@pytest.mark.parametrize("count", [0, 13])
def test_refuses_impossible_codebook_counts(count: int) -> None:
    with pytest.raises(TokenizerError, match="1 to 12"):
        ConvRVQ(count)


def test_names_an_unreadable_weights_file(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="cannot read"):
        ConvRVQ(weights=tmp_path / "none.npz").encode(np.zeros(320, np.float32))
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"not a zip")
    with pytest.raises(TokenizerError, match="weights file"):
        ConvRVQ(weights=broken).encode(np.zeros(320, np.float32))


def test_the_shipped_weights_are_small() -> None:
    shipped = resources.files("audioflan_tasks.tokens") / "data" / "convrvq_16k.npz"
    assert len(shipped.read_bytes()) <= 3_500_000
