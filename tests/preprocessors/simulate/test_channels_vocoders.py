"""Channel presets and vocoders on a real recording, against libsndfile and by measurement."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audioflan_tasks.preprocessors.simulate import simulate

SPEECH, RATE = soundfile.read(
    Path(__file__).parents[2] / "data" / "librivox_0870.flac", dtype="float32"
)
SPEECH = SPEECH[: 4 * RATE]
PRESETS = (
    "telephone", "a_law", "mu_law", "small_speaker", "far_microphone", "radio", "headset",
)  # fmt: skip
METHODS = ("griffin_lim", "lpc", "noise_vocoder", "sinusoidal", "mu_law_8bit", "phase_random")


def through(kind: str, seed: int = 3, **params: Any) -> NDArray[np.float32]:
    return simulate(kind, [SPEECH], RATE, params, seed).audio


def band(audio: NDArray[Any], low: float, high: float) -> float:
    """Level of a band in decibels."""
    size = np.abs(np.fft.rfft(np.asarray(audio, np.float64))) ** 2
    hz = np.fft.rfftfreq(len(audio), 1 / RATE)
    return float(10 * np.log10(np.sum(size[(hz >= low) & (hz < high)]) + 1e-20))


def level(audio: NDArray[Any]) -> float:
    return float(10 * np.log10(np.mean(np.asarray(audio, np.float64) ** 2)))


def envelope(audio: NDArray[Any]) -> NDArray[Any]:
    """Log energy [frames, bands] of every 32 ms between 500 and 2600 Hz."""
    frames = np.asarray(audio[: len(audio) // 512 * 512], np.float64).reshape(-1, 512)
    size = np.abs(np.fft.rfft(frames * np.hanning(512))) ** 2
    edges = np.unique(np.geomspace(16, 83, 13).astype(int))
    return np.log10(np.add.reduceat(size, edges, axis=1)[:, :-1] + 1e-6)


def likeness(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Correlation of the envelopes; a fixed filter does not count."""
    x, y = (e - e.mean(axis=0) for e in (envelope(a), envelope(b)))
    return float(np.corrcoef(x.ravel(), y.ravel())[0, 1])


@pytest.mark.parametrize(("preset", "subtype"), [("a_law", "ALAW"), ("mu_law", "ULAW")])
def test_companding_is_as_coarse_as_libsndfiles(preset: str, subtype: str) -> None:
    file = io.BytesIO()
    soundfile.write(file, SPEECH, RATE, format="WAV", subtype=subtype)
    file.seek(0)
    reference, _ = soundfile.read(file, dtype="float32")
    ours = level(through("channel", preset=preset) - SPEECH)
    assert ours == pytest.approx(level(reference - SPEECH), abs=2.0)


@pytest.mark.parametrize(
    ("preset", "low", "high"),
    [("telephone", 300, 3400), ("radio", 400, 2800)],
)
def test_a_preset_passes_its_band(preset: str, low: float, high: float) -> None:
    made = through("channel", preset=preset)
    lost = [
        (band(SPEECH, a, b) - band(SPEECH, low, high)) - (band(made, a, b) - band(made, low, high))
        for a, b in ((0, low / 2), (min(1.4 * high, 7600), 8000))
    ]
    assert lost[0] > 10, "below the band"
    assert lost[1] > 3, "above the band"


def test_a_small_loudspeaker_has_no_bass_and_no_peaks() -> None:
    made = through("channel", preset="small_speaker")
    assert band(made, 0, 250) - band(made, 500, 2000) < band(SPEECH, 0, 250) - band(
        SPEECH, 500, 2000
    )
    crest = [20 * np.log10(np.abs(x).max()) - level(x) for x in (made, SPEECH)]
    assert crest[0] < crest[1] - 6


def test_a_headset_is_close_and_a_far_microphone_is_not() -> None:
    headset, far = (through("channel", preset=p) for p in ("headset", "far_microphone"))
    boost = band(headset, 80, 220) - band(headset, 500, 2000)
    assert boost > band(SPEECH, 80, 220) - band(SPEECH, 500, 2000) + 1
    pauses = envelope(SPEECH).sum(axis=1) < np.quantile(envelope(SPEECH).sum(axis=1), 0.1)

    def floor(audio: NDArray[Any]) -> float:
        frames = audio[: len(audio) // 512 * 512].reshape(-1, 512)
        return level(frames[pauses]) - level(audio)

    assert floor(far) > floor(headset) + 3


@pytest.mark.parametrize("preset", PRESETS)
def test_the_clean_part_is_the_input_at_the_results_gain(preset: str) -> None:
    made = simulate("channel", [SPEECH], RATE, {"preset": preset}, 3)
    clean = through("channel", preset=preset, part="clean")
    assert np.allclose(clean, SPEECH * made.label["gain"], atol=1e-6)
    assert not np.array_equal(made.audio, clean)
    assert likeness(made.audio, SPEECH) > 0.6


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_vocoder_keeps_level_and_envelope_but_not_the_wave(method: str) -> None:
    made = through("vocode", method=method)
    assert len(made) == len(SPEECH)
    gain = simulate("vocode", [SPEECH], RATE, {"method": method}, 3).label["gain"]
    assert level(made) - level(SPEECH) == pytest.approx(20 * np.log10(gain), abs=0.1)
    other = np.roll(SPEECH, len(SPEECH) // 2)
    assert likeness(made, SPEECH) > max(0.6, likeness(made, other) + 0.1)
    error = level(made - SPEECH) - level(SPEECH)
    assert error > -25


@pytest.mark.slow
def test_vocoders_differ_from_one_another() -> None:
    made = [through("vocode", method=m) for m in METHODS]
    for number, one in enumerate(made):
        for two in made[number + 1 :]:
            assert level(one - two) > level(SPEECH) - 25


def test_the_coarse_waveform_model_has_half_the_band() -> None:
    made = through("vocode", method="mu_law_8bit")
    assert band(made, 4600, 8000) < band(SPEECH, 4600, 8000) - 20


@pytest.mark.slow
def test_griffin_lim_is_nearer_in_magnitude_than_random_phase() -> None:
    def distance(audio: NDArray[Any]) -> float:
        frames = [
            np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), 512)[::128]
            for x in (audio, SPEECH)
        ]
        a, b = (np.abs(np.fft.rfft(f * np.hanning(513)[:-1])) for f in frames)
        return float(np.linalg.norm(a - b) / np.linalg.norm(b))

    better = distance(through("vocode", method="griffin_lim"))
    assert better < 0.5 * distance(through("vocode", method="phase_random"))
