"""Damage to a signal: clipping, lost bandwidth, lower rate, gaps."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from audioflan_tasks.errors import SimulationError
from audioflan_tasks.preprocessors.simulate.base import (
    Audio,
    Params,
    Request,
    SimulatedAudio,
    limit,
)

__all__ = [
    "BandLimitParams",
    "ClipParams",
    "CutGapParams",
    "ResampleParams",
    "band_limit",
    "clip",
    "cut_gap",
    "fit_length",
    "resample",
    "to_rate",
]

Part = Literal["mixture", "clean"]


class ClipParams(Params):
    """`level` is the share of the peak that is left."""

    level: float = Field(gt=0, lt=1)
    part: Part = "mixture"


class BandLimitParams(Params):
    """Everything above the cutoff is removed; the rate stays."""

    cutoff_hz: float = Field(ge=200)
    part: Part = "mixture"


class ResampleParams(Params):
    """The rate of the result; the clean part has that of the input."""

    rate_hz: int = Field(ge=1000, le=192_000)
    part: Part = "mixture"


class CutGapParams(Params):
    """The part that is set to zero."""

    start_s: float = Field(ge=0)
    seconds: float = Field(gt=0)
    part: Part = "mixture"


def clip(request: Request) -> SimulatedAudio:
    """Cuts the peaks at `level` times the highest peak."""
    params: ClipParams = request.params
    audio = request.inputs[0]
    threshold = np.float32(params.level * np.abs(audio).max())
    if threshold <= 0:
        raise SimulationError("clip: the input is silent, so nothing can be clipped")
    share = float(np.mean(np.abs(audio) > threshold))
    output = np.clip(audio, -threshold, threshold) if params.part == "mixture" else audio.copy()
    label = {"level": params.level, "clipped_fraction": round(share, 6), "gain": 1.0}
    return SimulatedAudio(output.astype(np.float32), request.sample_rate, label)


def band_limit(request: Request) -> SimulatedAudio:
    """Resamples down to twice the cutoff and up again (soxr VHQ)."""
    params: BandLimitParams = request.params
    if params.cutoff_hz >= request.sample_rate / 2:
        raise SimulationError(
            f"band_limit: cutoff_hz={params.cutoff_hz:g} is not below half the sample rate "
            f"({request.sample_rate / 2:g} Hz)"
        )
    narrow = to_rate(request.inputs[0], request.sample_rate, 2 * params.cutoff_hz)
    restored = to_rate(narrow, 2 * params.cutoff_hz, request.sample_rate)
    output, gain = limit(fit_length(restored, len(request.inputs[0])))
    if params.part == "clean":
        output = _scaled(request.inputs[0], gain)
    return SimulatedAudio(
        output, request.sample_rate, {"bandwidth_hz": params.cutoff_hz, "gain": gain}
    )


def resample(request: Request) -> SimulatedAudio:
    """The same sound at another rate (soxr VHQ)."""
    params: ResampleParams = request.params
    output, gain = limit(to_rate(request.inputs[0], request.sample_rate, params.rate_hz))
    label = {"rate_hz": params.rate_hz, "gain": gain}
    if params.part == "clean":
        return SimulatedAudio(_scaled(request.inputs[0], gain), request.sample_rate, label)
    return SimulatedAudio(output, params.rate_hz, label)


def cut_gap(request: Request) -> SimulatedAudio:
    """Sets a part to zero."""
    params: CutGapParams = request.params
    audio = request.inputs[0].copy()
    start, stop = request.samples(params.start_s), request.samples(params.start_s + params.seconds)
    if stop > len(audio):
        raise SimulationError(
            f"cut_gap: the gap ends at {params.start_s + params.seconds:g} s, the input at "
            f"{len(audio) / request.sample_rate:g} s"
        )
    if params.part == "mixture":
        audio[start:stop] = 0.0
    label = {
        "start_s": round(start / request.sample_rate, 4),
        "end_s": round(stop / request.sample_rate, 4),
    }
    return SimulatedAudio(audio, request.sample_rate, label)


def _scaled(audio: Audio, gain: float) -> Audio:
    return np.asarray(audio * np.float32(gain), np.float32)


def to_rate(audio: Audio, rate: float, target_rate: float) -> Audio:
    """Audio at another rate."""
    import soxr

    return np.asarray(soxr.resample(audio, rate, target_rate, quality="VHQ"), np.float32)


def fit_length(audio: Audio, samples: int) -> Audio:
    """Cut or padded with zeros to a length."""
    return np.pad(audio[:samples], (0, max(0, samples - len(audio))))
