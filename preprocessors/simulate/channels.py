"""Recording and transmission channels as presets.

References: ITU-T G.711 (A-law and mu-law companding). Bands are those of the
telephone (300 to 3400 Hz) and of typical small transducers; the presets stand for
kinds of device, not for a certain product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.preprocessors.simulate.base import Params, Request, SimulatedAudio, limit, rms
from audioflan_tasks.preprocessors.simulate.noise import coloured_noise
from audioflan_tasks.preprocessors.simulate.rooms import image_response

__all__ = ["ChannelParams", "channel"]

Array = NDArray[np.float64]


class ChannelParams(Params):
    """The kind of device; `clean` gives the input at the gain of the result."""

    preset: Literal[
        "telephone", "a_law", "mu_law", "small_speaker", "far_microphone", "radio", "headset"
    ]
    part: Literal["mixture", "clean"] = "mixture"


def channel(request: Request) -> SimulatedAudio:
    """Sends the input through a preset."""
    params: ChannelParams = request.params
    audio = np.asarray(request.inputs[0], np.float64)
    output = _PRESETS[params.preset](audio, request)[: len(audio)]
    _, gain = limit(output)
    signal = output if params.part == "mixture" else audio
    label = {"preset": params.preset, "gain": gain}
    return SimulatedAudio(
        np.asarray(np.clip(signal * gain, -1, 1), np.float32), request.sample_rate, label
    )


def _band(audio: Array, request: Request, low: float, high: float, order: int = 4) -> Array:
    from scipy.signal import butter, sosfilt

    top = min(high, 0.49 * request.sample_rate)
    sections = butter(order, [low, top], "bandpass", fs=request.sample_rate, output="sos")
    return np.asarray(sosfilt(sections, audio), np.float64)


def _noisy(audio: Array, request: Request, snr_db: float, color: str) -> Array:
    hiss = coloured_noise(color, len(audio), request.sample_rate, request.generator)
    return audio + hiss / rms(hiss) * rms(audio) / 10 ** (snr_db / 20)


def _telephone(audio: Array, request: Request) -> Array:
    return _mu_law(_band(audio, request, 300, 3400, 6), request)


def _a_law(audio: Array, request: Request) -> Array:
    a = 87.6
    x, sign = np.minimum(np.abs(audio), 1.0), np.sign(audio)
    scale = 1 + np.log(a)
    y = np.where(x < 1 / a, a * x / scale, (1 + np.log(np.maximum(a * x, 1e-12))) / scale)
    y = np.round(y * 127) / 127
    back = np.where(y < 1 / scale, y * scale / a, np.exp(y * scale - 1) / a)
    return np.asarray(sign * back, np.float64)


def _mu_law(audio: Array, request: Request) -> Array:
    return compand(audio, 127)


def compand(audio: Array, steps: int) -> Array:
    """mu-law companding with so many steps on either side of zero."""
    x = np.clip(audio, -1, 1)
    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
    y = np.round(y * steps) / steps
    return np.asarray(np.sign(y) * np.expm1(np.abs(y) * np.log(256)) / 255, np.float64)


def _small_speaker(audio: Array, request: Request) -> Array:
    bright = _band(audio, request, 500, 7000)
    peak = _band(audio, request, 1800, 2600, 2)
    loud = bright + 1.2 * peak
    # Small membranes run out of excursion: a soft limit at twice the RMS level.
    limit = 2 * (rms(loud) or 1.0)
    return np.asarray(limit * np.tanh(loud / limit), np.float64)


def _far_microphone(audio: Array, request: Request) -> Array:
    from scipy.signal import fftconvolve

    response = image_response(0.5, (6.0, 4.5, 2.8), request.sample_rate, request.generator)
    response[0] *= 0.3  # the direct sound is weak at a distance
    wet = np.asarray(fftconvolve(audio, response)[: len(audio)], np.float64)
    return _noisy(_band(wet, request, 80, 7000), request, 25, "pink")


def _radio(audio: Array, request: Request) -> Array:
    narrow = _band(audio, request, 400, 2800, 6)
    driven = np.tanh(4 * narrow / (np.abs(narrow).max() or 1.0)) * np.abs(audio).max()
    return _noisy(driven, request, 18, "white")


def _headset(audio: Array, request: Request) -> Array:
    near = audio + 0.8 * _band(audio, request, 80, 220, 2)  # proximity effect
    return _noisy(_band(near, request, 60, 6500), request, 45, "white")


_PRESETS: Mapping[str, Callable[[Array, Request], Array]] = {
    "telephone": _telephone,
    "a_law": _a_law,
    "mu_law": _mu_law,
    "small_speaker": _small_speaker,
    "far_microphone": _far_microphone,
    "radio": _radio,
    "headset": _headset,
}
