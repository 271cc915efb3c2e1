"""Damage to a signal: clipping, lost bandwidth, lower rate, gaps."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from audioflan_tasks.errors import SimulationError
from audioflan_tasks.preprocessors.simulate.base import Audio, Params, Request, Simulated, limited

__all__ = [
    "BandLimit",
    "Clip",
    "CutGap",
    "Resample",
    "band_limit",
    "clip",
    "cut_gap",
    "fitted",
    "resample",
    "resampled",
]


class Clip(Params):
    """`level` is the share of the peak that is left."""

    level: float = Field(gt=0, lt=1)
    part: Literal["mixture", "clean"] = "mixture"


class BandLimit(Params):
    """Everything above the cutoff is removed; the rate stays."""

    cutoff_hz: float = Field(ge=200)


class Resample(Params):
    """The rate of the result."""

    rate_hz: int = Field(ge=1000, le=192_000)


class CutGap(Params):
    """The part that is set to zero."""

    start_s: float = Field(ge=0)
    seconds: float = Field(gt=0)


def clip(request: Request) -> Simulated:
    """Cuts the peaks at `level` times the highest peak."""
    params: Clip = request.params
    audio = request.inputs[0]
    threshold = np.float32(params.level * np.abs(audio).max())
    if threshold <= 0:
        raise SimulationError("clip: the input is silent, so nothing can be clipped")
    share = float(np.mean(np.abs(audio) > threshold))
    made = np.clip(audio, -threshold, threshold) if params.part == "mixture" else audio.copy()
    label = {"level": params.level, "clipped_fraction": round(share, 6), "gain": 1.0}
    return Simulated(made.astype(np.float32), request.sample_rate, label)


def band_limit(request: Request) -> Simulated:
    """Resamples down to twice the cutoff and up again (soxr VHQ)."""
    params: BandLimit = request.params
    if params.cutoff_hz >= request.sample_rate / 2:
        raise SimulationError(
            f"band_limit: cutoff_hz={params.cutoff_hz:g} is not below half the sample rate "
            f"({request.sample_rate / 2:g} Hz)"
        )
    narrow = resampled(request.inputs[0], request.sample_rate, 2 * params.cutoff_hz)
    back = resampled(narrow, 2 * params.cutoff_hz, request.sample_rate)
    made, gain = limited(fitted(back, len(request.inputs[0])))
    return Simulated(made, request.sample_rate, {"bandwidth_hz": params.cutoff_hz, "gain": gain})


def resample(request: Request) -> Simulated:
    """The same sound at another rate (soxr VHQ)."""
    params: Resample = request.params
    made, gain = limited(resampled(request.inputs[0], request.sample_rate, params.rate_hz))
    return Simulated(made, params.rate_hz, {"rate_hz": params.rate_hz, "gain": gain})


def cut_gap(request: Request) -> Simulated:
    """Sets a part to zero."""
    params: CutGap = request.params
    audio = request.inputs[0].copy()
    start, stop = request.samples(params.start_s), request.samples(params.start_s + params.seconds)
    if stop > len(audio):
        raise SimulationError(
            f"cut_gap: the gap ends at {params.start_s + params.seconds:g} s, the input at "
            f"{len(audio) / request.sample_rate:g} s"
        )
    audio[start:stop] = 0.0
    label = {
        "start_s": round(start / request.sample_rate, 4),
        "end_s": round(stop / request.sample_rate, 4),
    }
    return Simulated(audio, request.sample_rate, label)


def resampled(audio: Audio, rate: float, wanted: float) -> Audio:
    """Audio at another rate."""
    import soxr

    return np.asarray(soxr.resample(audio, rate, wanted, quality="VHQ"), np.float32)


def fitted(audio: Audio, samples: int) -> Audio:
    """Cut or padded with zeros to a length."""
    return np.pad(audio[:samples], (0, max(0, samples - len(audio))))
