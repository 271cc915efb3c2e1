"""Noise: coloured, and added to speech at a signal-to-noise ratio.

The ratio is that of the mean powers of the whole signals, 10 log10(Ps / Pn), as in the
DNS challenge (Reddy et al. 2020) without its active-level weighting.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from audioflan_tasks.errors import SimulationError
from audioflan_tasks.preprocessors.simulate.base import (
    Audio,
    Params,
    Request,
    SimulatedAudio,
    limit,
    power,
    rms,
)

__all__ = [
    "AddNoiseParams",
    "NoiseParams",
    "add_noise",
    "coloured_noise",
    "loop_to_length",
    "noise",
]

Color = Literal["white", "pink", "brown"]

# Power falls with 1/f^exponent.
_EXPONENT = {"white": 0.0, "pink": 1.0, "brown": 2.0}


class AddNoiseParams(Params):
    """`color` is for a single input; `part` asks for one component as it is in the mixture."""

    snr_db: float = Field(ge=-40, le=80)
    color: Color = "white"
    part: Literal["mixture", "clean", "noise"] = "mixture"


class NoiseParams(Params):
    """Level is the RMS in dB relative to full scale."""

    color: Color = "pink"
    seconds: float = Field(gt=0, le=3600)
    level_db: float = Field(default=-30.0, ge=-120, le=-3)


def add_noise(request: Request) -> SimulatedAudio:
    """Adds noise to the first input at `snr_db`.

    A second input is the noise, loop_to_length or cut at a seeded offset; without one it is
    coloured noise.
    """
    params: AddNoiseParams = request.params
    clean = np.asarray(request.inputs[0], np.float64)
    generator = request.generator
    if len(request.inputs) == 2:
        raw = loop_to_length(request.inputs[1], len(clean), generator).astype(np.float64)
    else:
        raw = coloured_noise(params.color, len(clean), request.sample_rate, generator)
    if power(clean) <= 0 or power(raw) <= 0:
        silent = "speech" if power(clean) <= 0 else "noise"
        raise SimulationError(f"add_noise: the {silent} is silent, so no ratio can be set")
    scale = np.sqrt(power(clean) / power(raw) / 10 ** (params.snr_db / 10))
    _, gain = limit(clean + scale * raw)
    parts = {"mixture": clean + scale * raw, "clean": clean, "noise": scale * raw}
    output = np.asarray(parts[params.part] * gain, np.float32)
    return SimulatedAudio(output, request.sample_rate, {"snr_db": params.snr_db, "gain": gain})


def noise(request: Request) -> SimulatedAudio:
    """Coloured noise alone."""
    params: NoiseParams = request.params
    raw = coloured_noise(
        params.color, request.samples(params.seconds), request.sample_rate, request.generator
    )
    output, gain = limit(raw / rms(raw) * 10 ** (params.level_db / 20))
    label = {"level_db": params.level_db, "color": params.color, "gain": gain}
    return SimulatedAudio(output, request.sample_rate, label)


def coloured_noise(
    color: str, samples: int, sample_rate: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Noise whose power falls with 1/f^k from 20 Hz up, [samples]; no constant part."""
    spectrum = np.fft.rfft(generator.standard_normal(max(2, samples)))
    frequencies = np.fft.rfftfreq(max(2, samples), 1 / sample_rate)
    spectrum *= np.maximum(frequencies, 20.0) ** (-_EXPONENT[color] / 2)
    spectrum[0] = 0.0
    return np.asarray(np.fft.irfft(spectrum, max(2, samples))[:samples], np.float64)


def loop_to_length(audio: Audio, samples: int, generator: np.random.Generator) -> Audio:
    """`samples` samples of the audio from a drawn offset on, repeated where it is too short."""
    offset = int(generator.integers(0, max(1, len(audio) - samples + 1)))
    if len(audio) >= samples:
        return audio[offset : offset + samples]
    start = int(generator.integers(0, len(audio)))
    return np.take(audio, np.arange(start, start + samples), mode="wrap")
