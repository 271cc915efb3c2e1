"""Sounds after one another: joining with exact times, cutting, repeating, levels and fades."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from audioflan_tasks.errors import SimulationError
from audioflan_tasks.preprocessors.simulate.base import Params, Request, SimulatedAudio, limit, rms

__all__ = [
    "ConcatenateParams",
    "FadeParams",
    "GainParams",
    "NormaliseParams",
    "RepeatParams",
    "TakeParams",
    "concatenate",
    "fade",
    "gain",
    "normalise",
    "repeat",
    "take",
]

_CROSSFADE_S = 0.02


class ConcatenateParams(Params):
    """One gap less than inputs; a negative gap is an overlap."""

    gaps_s: tuple[float, ...] = ()
    lead_s: float = Field(default=0.0, ge=0, le=60)
    tail_s: float = Field(default=0.0, ge=0, le=60)
    floor_db: float | None = Field(default=None, ge=-120, le=-10)


class TakeParams(Params):
    """Either times, or one of two parts at `fraction` of the length."""

    start_s: float | None = Field(default=None, ge=0)
    end_s: float | None = Field(default=None, gt=0)
    part: Literal["first", "second"] | None = None
    fraction: float = Field(default=0.5, gt=0, lt=1)


class RepeatParams(Params):
    """Length of the result."""

    seconds: float = Field(gt=0, le=600)


class GainParams(Params):
    """Gain; the result is kept below full scale."""

    gain_db: float = Field(ge=-80, le=60)


class FadeParams(Params):
    """Lengths of the fades."""

    in_s: float = Field(default=0.0, ge=0)
    out_s: float = Field(default=0.0, ge=0)


class NormaliseParams(Params):
    """RMS level relative to full scale."""

    rms_db: float = Field(ge=-80, le=-3)


def concatenate(request: Request) -> SimulatedAudio:
    """Joins the inputs; the label gives start, end and number of each."""
    params: ConcatenateParams = request.params
    gaps = params.gaps_s or (0.0,) * (len(request.inputs) - 1)
    if len(gaps) != len(request.inputs) - 1:
        raise SimulationError(
            f"concatenate: gaps_s has {len(gaps)} values for {len(request.inputs)} sounds"
        )
    starts = [request.samples(params.lead_s)]
    for gap, audio in zip(gaps, request.inputs, strict=False):
        start = starts[-1] + len(audio) + request.samples(gap)
        if start < starts[-1]:
            raise SimulationError(f"concatenate: gap {gap:g} s is longer than the sound before it")
        starts.append(start)
    stops = [s + len(x) for s, x in zip(starts, request.inputs, strict=True)]
    output = np.zeros(max(stops) + request.samples(params.tail_s))
    if params.floor_db is not None:
        output += request.generator.standard_normal(len(output)) * 10 ** (params.floor_db / 20)
    for start, stop, audio in zip(starts, stops, request.inputs, strict=True):
        output[start:stop] += audio
    audio, gain = limit(output)
    rate = request.sample_rate
    segments = [
        [round(a / rate, 4), round(b / rate, 4), number]
        for number, (a, b) in enumerate(zip(starts, stops, strict=True))
    ]
    return SimulatedAudio(audio, rate, {"segments": segments, "gain": gain})


def take(request: Request) -> SimulatedAudio:
    """A part of the input."""
    params: TakeParams = request.params
    audio, rate = request.inputs[0], request.sample_rate
    if params.part is not None:
        cut = round(params.fraction * len(audio))
        first, last = (0, cut) if params.part == "first" else (cut, len(audio))
    elif params.end_s is not None:
        first, last = request.samples(params.start_s or 0.0), request.samples(params.end_s)
    else:
        raise SimulationError("take: give start_s and end_s, or part")
    if not 0 <= first < last <= len(audio):
        raise SimulationError(
            f"take: {first / rate:g} to {last / rate:g} s lies outside the input of "
            f"{len(audio) / rate:g} s"
        )
    label = {"start_s": round(first / rate, 4), "end_s": round(last / rate, 4)}
    return SimulatedAudio(audio[first:last].copy(), rate, label)


def repeat(request: Request) -> SimulatedAudio:
    """Loops the input with a cross-fade of 20 ms at each seam."""
    params: RepeatParams = request.params
    audio, length = np.asarray(request.inputs[0], np.float64), request.samples(params.seconds)
    fade_samples = min(request.samples(_CROSSFADE_S), len(audio) // 4)
    step = len(audio) - fade_samples
    ramp = np.linspace(0.0, 1.0, fade_samples, endpoint=False)
    output = np.zeros(length + len(audio))
    for number, start in enumerate(range(0, length, step)):
        loop = audio.copy()
        if number:
            loop[:fade_samples] *= np.sqrt(ramp)
        loop[len(loop) - fade_samples :] *= np.sqrt(1.0 - ramp)
        output[start : start + len(loop)] += loop
    out, gain = limit(output[:length])
    return SimulatedAudio(out, request.sample_rate, {"seconds": params.seconds, "gain": gain})


def gain(request: Request) -> SimulatedAudio:
    """Changes the level; less than requested where it would exceed full scale (see the label)."""
    params: GainParams = request.params
    factor = 10 ** (params.gain_db / 20)
    output, peak_gain = limit(request.inputs[0].astype(np.float64) * factor)
    return SimulatedAudio(
        output, request.sample_rate, {"gain_db": params.gain_db, "gain": peak_gain}
    )


def fade(request: Request) -> SimulatedAudio:
    """Raised-cosine fades."""
    params: FadeParams = request.params
    audio = request.inputs[0].astype(np.float64)
    first, last = request.samples(params.in_s), request.samples(params.out_s)
    if first + last > len(audio):
        raise SimulationError("fade: the fades are longer than the input")
    audio[:first] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(first) / max(1, first))
    audio[len(audio) - last :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(last) / max(1, last))
    label = {"in_s": params.in_s, "out_s": params.out_s}
    return SimulatedAudio(audio.astype(np.float32), request.sample_rate, label)


def normalise(request: Request) -> SimulatedAudio:
    """Sets the RMS level."""
    params: NormaliseParams = request.params
    loudness = rms(request.inputs[0])
    if loudness <= 0:
        raise SimulationError("normalise: the input is silent")
    target = 10 ** (params.rms_db / 20)
    output, gain = limit(request.inputs[0].astype(np.float64) * (target / loudness))
    return SimulatedAudio(output, request.sample_rate, {"rms_db": params.rms_db, "gain": gain})
