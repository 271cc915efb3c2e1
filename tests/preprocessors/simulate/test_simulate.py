"""Simulations on a real recording: labels measured back, exact parts, and bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audioflan_tasks.errors import SimulationError, UnknownNameError
from audioflan_tasks.preprocessors.simulate import KINDS, active_segments, simulate
from audioflan_tasks.preprocessors.simulate.rooms import decay_time, image_response

SPEECH, RATE = soundfile.read(
    Path(__file__).parents[2] / "data" / "librivox_0870.flac", dtype="float32"
)
HALF = SPEECH[: 3 * RATE]
OTHER = SPEECH[3 * RATE : 5 * RATE]
CASES: dict[str, tuple[list[NDArray[np.float32]], dict[str, Any]]] = {
    "add_noise": ([HALF], {"snr_db": 5.0, "color": "pink"}),
    "reverberate": ([HALF], {"t60_s": 0.5}),
    "clip": ([HALF], {"level": 0.3}),
    "band_limit": ([HALF], {"cutoff_hz": 3000.0}),
    "resample": ([HALF], {"rate_hz": 8000}),
    "cut_gap": ([HALF], {"start_s": 1.0, "seconds": 0.25}),
    "mix": ([HALF, OTHER], {"levels_db": [0.0, -3.0]}),
    "place": ([HALF, OTHER], {"starts_s": [0.5], "levels_db": [6.0]}),
    "concatenate": ([HALF, OTHER], {"gaps_s": [0.2], "lead_s": 0.1, "floor_db": -60.0}),
    "take": ([HALF], {"part": "first", "fraction": 0.25}),
    "repeat": ([OTHER], {"seconds": 5.0}),
    "channel": ([HALF], {"preset": "telephone"}),
    "vocode": ([HALF], {"method": "lpc"}),
    "noise": ([], {"seconds": 2.0, "level_db": -20.0}),
    "gain": ([HALF], {"gain_db": -6.0}),
    "fade": ([HALF], {"in_s": 0.1, "out_s": 0.2}),
    "normalise": ([HALF], {"rms_db": -30.0}),
}


def run(kind: str, inputs: list[Any], params: dict[str, Any], seed: int = 1) -> Any:
    return simulate(kind, inputs, RATE, params, seed)


def level(audio: NDArray[Any]) -> float:
    return float(10 * np.log10(np.mean(np.asarray(audio, np.float64) ** 2)))


def test_every_kind_has_a_case() -> None:
    assert set(CASES) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(CASES))
def test_same_seed_same_samples_and_inputs_are_kept(kind: str) -> None:
    inputs, params = CASES[kind]
    before = [x.copy() for x in inputs]
    first, second = run(kind, inputs, params), run(kind, inputs, params)
    assert np.array_equal(first.audio, second.audio)
    assert first.label == second.label
    assert first.audio.dtype == np.float32
    assert np.abs(first.audio).max() <= 1.0
    assert all(np.array_equal(a, b) for a, b in zip(before, inputs, strict=True))


@pytest.mark.parametrize("kind", ["add_noise", "reverberate", "noise"])
def test_another_seed_gives_other_samples(kind: str) -> None:
    inputs, params = CASES[kind]
    assert not np.array_equal(
        run(kind, inputs, params, 1).audio, run(kind, inputs, params, 2).audio
    )


@settings(max_examples=25)
@given(snr=st.floats(-10, 40), seed=st.integers(0, 2**62), recorded=st.booleans())
def test_snr_is_what_the_label_says(snr: float, seed: int, recorded: bool) -> None:
    inputs = [HALF, OTHER] if recorded else [HALF]
    parts = {
        part: run("add_noise", inputs, {"snr_db": snr, "part": part}, seed)
        for part in ("mixture", "clean", "noise")
    }
    measured = level(parts["clean"].audio) - level(parts["noise"].audio)
    assert measured == pytest.approx(snr, abs=0.05)
    whole = parts["clean"].audio + parts["noise"].audio
    assert np.allclose(whole, parts["mixture"].audio, atol=1e-5)
    assert parts["mixture"].label["snr_db"] == snr


@pytest.mark.parametrize("kind", ["mix", "place"])
def test_parts_sum_to_the_whole(kind: str) -> None:
    inputs, params = CASES[kind]
    whole = run(kind, inputs, params).audio
    parts = [run(kind, inputs, {**params, "part": k}).audio for k in range(2)]
    assert np.allclose(sum(parts), whole, atol=1e-5)
    if kind == "mix":
        shown = parts[1][: len(OTHER)]
        assert level(shown) - level(parts[0]) == pytest.approx(-3.0, abs=0.01)


def test_noise_of_a_mixture_is_its_last_part_at_the_stated_level() -> None:
    params = {"levels_db": [0.0, -3.0], "noise_db": -12.0}
    whole = run("mix", [HALF, OTHER], params)
    parts = [run("mix", [HALF, OTHER], {**params, "part": k}).audio for k in range(3)]
    assert np.allclose(sum(parts), whole.audio, atol=1e-5)
    assert level(parts[2]) - level(parts[0]) == pytest.approx(-12.0, abs=0.01)
    assert whole.label["noise_db"] == -12.0


@pytest.mark.parametrize("t60", [0.2, 0.5, 1.2])
def test_room_decays_as_asked(t60: float) -> None:
    for seed in range(5):
        response = image_response(t60, (6, 4.5, 2.8), RATE, np.random.default_rng(seed))
        assert decay_time(response, RATE) == pytest.approx(t60, rel=0.05)
        assert response[0] == 1.0


def test_a_measured_response_is_labelled_with_its_own_decay() -> None:
    response = image_response(0.7, (5, 4, 3), RATE, np.random.default_rng(0)).astype(np.float32)
    delayed = np.concatenate([np.zeros(400, np.float32), 0.5 * response])
    made = run("reverberate", [HALF, delayed], {})
    assert made.label["t60_s"] == pytest.approx(0.7, rel=0.05)
    assert len(made.audio) == len(HALF)


def test_distortions() -> None:
    clipped = run("clip", [HALF], {"level": 0.3})
    assert np.abs(clipped.audio).max() == pytest.approx(0.3 * np.abs(HALF).max())
    share = np.mean(np.abs(HALF) > 0.3 * np.abs(HALF).max())
    assert clipped.label["clipped_fraction"] == pytest.approx(share, abs=1e-6)
    narrow = run("band_limit", [HALF], {"cutoff_hz": 3000.0}).audio
    bins = np.fft.rfftfreq(len(HALF), 1 / RATE) > 3200
    energy = [np.sum(np.abs(np.fft.rfft(x))[bins] ** 2) for x in (narrow, HALF)]
    assert energy[0] < 1e-3 * energy[1]
    assert len(run("resample", [HALF], {"rate_hz": 8000}).audio) == len(HALF) // 2
    gap = run("cut_gap", [HALF], {"start_s": 1.0, "seconds": 0.25}).audio
    assert not gap[RATE : RATE + RATE // 4].any()
    assert np.array_equal(gap[:RATE], HALF[:RATE])


def test_times() -> None:
    joined = run("concatenate", [HALF, OTHER], {"gaps_s": [-0.5], "tail_s": 0.5})
    assert joined.label["segments"] == [[0.0, 3.0, 0], [2.5, 4.5, 1]]
    assert len(joined.audio) == 5 * RATE
    placed = run("place", [HALF, OTHER], {"starts_s": [0.5], "levels_db": [0.0]})
    assert placed.label["segments"] == [[0.5, 2.5, 1]]
    halves = [run("take", [HALF], {"part": p}).audio for p in ("first", "second")]
    assert np.array_equal(np.concatenate(halves), HALF)
    assert len(run("repeat", [OTHER], {"seconds": 5.0}).audio) == 5 * RATE


def test_activity_of_a_clip_between_silences() -> None:
    quiet = np.zeros(RATE, np.float32)
    found = active_segments(np.concatenate([quiet, OTHER, quiet]), RATE, bridge_s=1.0)
    assert len(found) == 1
    assert found[0][0] == pytest.approx(1.0, abs=0.15)
    assert found[0][1] == pytest.approx(3.0, abs=0.15)
    assert active_segments(quiet, RATE) == []


NAN = np.array([0.0, np.nan], np.float32)
SILENT = np.zeros(RATE, np.float32)
IMPULSE = np.eye(1, RATE, dtype=np.float32)[0]


@pytest.mark.parametrize(
    ("kind", "inputs", "params", "words"),
    [
        ("add_noise", [HALF], {"snr_db": 5, "colour": "pink"}, "colour"),
        ("add_noise", [HALF], {}, "snr_db"),
        ("add_noise", [], {"snr_db": 5}, "expected 1 to 2 inputs, got 0"),
        ("add_noise", [SILENT], {"snr_db": 5}, "speech is silent"),
        ("add_noise", [HALF, SILENT], {"snr_db": 5}, "noise is silent"),
        ("clip", [NAN], {"level": 0.5}, "NaN"),
        ("clip", [HALF[:0]], {"level": 0.5}, "no samples"),
        ("clip", [HALF.reshape(2, -1)], {"level": 0.5}, "mono float32"),
        ("clip", [HALF.astype(np.float64)], {"level": 0.5}, "mono float32"),
        ("clip", [SILENT], {"level": 0.5}, "silent"),
        ("reverberate", [HALF], {"t60_s": -1}, "t60_s"),
        ("reverberate", [HALF], {}, "give t60_s"),
        ("reverberate", [HALF, IMPULSE], {}, "does not decay"),
        ("band_limit", [HALF], {"cutoff_hz": 9000}, "half the sample rate"),
        ("cut_gap", [HALF], {"start_s": 2.9, "seconds": 1}, "the gap ends at 3.9"),
        ("mix", [HALF, OTHER], {"levels_db": [0]}, "1 values for 2"),
        ("mix", [HALF, OTHER], {"levels_db": [0, 0], "part": 2}, "parts 0 to 1"),
        ("place", [HALF, OTHER], {"starts_s": [2], "levels_db": [0]}, "event 0 would last"),
        ("place", [HALF], {"starts_s": [0], "levels_db": [0]}, "a background and events"),
        ("concatenate", [HALF, OTHER], {"gaps_s": [-9]}, "longer than the sound"),
        ("take", [HALF], {"end_s": 9}, "outside the input"),
        ("take", [HALF], {}, "give start_s and end_s"),
        ("fade", [OTHER], {"in_s": 3}, "longer than the input"),
        ("vocode", [SILENT], {"method": "lpc"}, "not silent"),
    ],
)
def test_bad_input(kind: str, inputs: list[Any], params: dict[str, Any], words: str) -> None:
    with pytest.raises(SimulationError, match=words) as caught:
        run(kind, inputs, params)
    assert str(caught.value).startswith(kind)


def test_unknown_kind() -> None:
    with pytest.raises(UnknownNameError, match="did you mean add_noise"):
        run("addnoise", [HALF], {})
