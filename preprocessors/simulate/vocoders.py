"""Analysis and resynthesis of a signal by simple vocoders.

References: Griffin & Lim 1984 (phase from magnitude), Makhoul 1975 (linear prediction),
Shannon et al. 1995 (noise vocoder), McAulay & Quatieri 1986 (sinusoidal model).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import SimulationError
from audioflan_tasks.preprocessors.simulate.base import Params, Request, SimulatedAudio, limit, rms
from audioflan_tasks.preprocessors.simulate.channels import compand

__all__ = ["VocodeParams", "vocode"]

Array = NDArray[np.float64]

_WINDOW_S = 0.032
_LEAST_S = 0.1


class VocodeParams(Params):
    """How the signal is made again."""

    method: Literal[
        "griffin_lim", "lpc", "noise_vocoder", "sinusoidal", "mu_law_8bit", "phase_random"
    ]


def vocode(request: Request) -> SimulatedAudio:
    """The input made again by a vocoder, at the same RMS level and length."""
    params: VocodeParams = request.params
    audio = np.asarray(request.inputs[0], np.float64)
    if len(audio) < request.samples(_LEAST_S) or rms(audio) <= 0:
        raise SimulationError("vocode: needs at least 0.1 s of sound that is not silent")
    output = _METHODS[params.method](audio, request)
    output = np.pad(output[: len(audio)], (0, max(0, len(audio) - len(output))))
    out, gain = limit(output * (rms(audio) / (rms(output) or 1.0)))
    return SimulatedAudio(out, request.sample_rate, {"method": params.method, "gain": gain})


def _sizes(request: Request) -> tuple[int, int]:
    size = 2 ** round(np.log2(_WINDOW_S * request.sample_rate))
    return size, size // 4


def _spectrum(audio: Array, size: int, hop: int) -> NDArray[np.complex128]:
    padded = np.pad(audio, (size, size + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    return np.fft.rfft(frames * np.hanning(size + 1)[:-1], axis=1)


def _signal(spectrum: NDArray[np.complex128], size: int, hop: int, samples: int) -> Array:
    window = np.hanning(size + 1)[:-1]
    frames = np.fft.irfft(spectrum, size, axis=1) * window
    out = np.zeros(len(frames) * hop + size)
    weight = np.zeros_like(out)
    for number, frame in enumerate(frames):
        out[number * hop : number * hop + size] += frame
        weight[number * hop : number * hop + size] += window**2
    return (out / np.maximum(weight, 1e-3))[size : size + samples]


def _griffin_lim(audio: Array, request: Request) -> Array:
    size, hop = _sizes(request)
    magnitude = np.abs(_spectrum(audio, size, hop))
    angle = request.generator.uniform(-np.pi, np.pi, magnitude.shape)
    for _ in range(24):
        output = _signal(magnitude * np.exp(1j * angle), size, hop, len(audio))
        angle = np.angle(_spectrum(output, size, hop))
    return _signal(magnitude * np.exp(1j * angle), size, hop, len(audio))


def _phase_random(audio: Array, request: Request) -> Array:
    size, hop = _sizes(request)
    magnitude = np.abs(_spectrum(audio, size, hop))
    angle = request.generator.uniform(-np.pi, np.pi, magnitude.shape)
    return _signal(magnitude * np.exp(1j * angle), size, hop, len(audio))


def _lpc(audio: Array, request: Request) -> Array:
    """Order 2 + rate/1000 all-pole filters, excited by pulses or noise frame by frame."""
    from scipy.linalg import solve_toeplitz
    from scipy.signal import lfilter

    rate, order = request.sample_rate, 2 + request.sample_rate // 1000
    hop = request.samples(0.01)
    size = 3 * hop
    window = np.hanning(size)
    out = np.zeros(len(audio) + size)
    phase = 0.0
    for start in range(0, max(1, len(audio) - size), hop):
        frame = audio[start : start + size] * window
        auto = np.correlate(frame, frame, "full")[size - 1 :]
        if auto[0] <= 1e-9:
            continue
        auto[0] *= 1.0001
        poles = np.concatenate([[1.0], -solve_toeplitz(auto[:order], auto[1 : order + 1])])
        lags = slice(rate // 400, min(size - 1, rate // 70))
        lag = lags.start + int(np.argmax(auto[lags]))
        excitation = request.generator.standard_normal(size) * 0.5
        if auto[lag] / auto[0] > 0.35:
            excitation = np.zeros(size)
            first = int(phase) % lag
            excitation[first::lag] = np.sqrt(lag)
            phase = (first - hop) % lag
        output = lfilter([1.0], poles, excitation)
        level = np.sqrt(np.sum(frame**2) / max(1e-12, float(np.sum((output * window) ** 2))))
        out[start : start + size] += output * window * min(level, 10.0)
    return out


def _noise_vocoder(audio: Array, request: Request) -> Array:
    """Sixteen bands of noise with the envelopes of the input."""
    from scipy.signal import butter, sosfiltfilt

    top = 0.45 * request.sample_rate
    edges = np.geomspace(100, top, 17)
    smooth = butter(2, 50, fs=request.sample_rate, output="sos")
    noise = request.generator.standard_normal(len(audio))
    out = np.zeros(len(audio))
    for low, high in itertools.pairwise(edges):
        band = butter(2, [low, high], "bandpass", fs=request.sample_rate, output="sos")
        envelope = np.maximum(sosfiltfilt(smooth, np.abs(sosfiltfilt(band, audio))), 0.0)
        carrier = sosfiltfilt(band, noise)
        out += envelope * carrier / (rms(carrier) or 1.0)
    return out


def _sinusoidal(audio: Array, request: Request) -> Array:
    """The twelve strongest spectral peaks of every frame, everything else removed."""
    size, hop = _sizes(request)
    spectrum = _spectrum(audio, size, hop)
    magnitude = np.abs(spectrum)
    peak = np.zeros_like(magnitude, dtype=bool)
    inner = magnitude[:, 1:-1]
    peak[:, 1:-1] = (inner > magnitude[:, :-2]) & (inner >= magnitude[:, 2:])
    heights = np.where(peak, magnitude, 0.0)
    floor = np.sort(heights, axis=1)[:, -12:-11]
    peaks = peak & (heights >= floor)
    wide = peaks.copy()
    wide[:, 1:] |= peaks[:, :-1]
    wide[:, :-1] |= peaks[:, 1:]
    return _signal(np.where(wide, spectrum, 0), size, hop, len(audio))


def _mu_law_8bit(audio: Array, request: Request) -> Array:
    """As an early autoregressive vocoder: half the rate, 256 compand levels."""
    import soxr

    low = soxr.resample(audio, request.sample_rate, request.sample_rate / 2, quality="LQ")
    peak = np.abs(low).max() or 1.0
    coarse = compand(np.asarray(low, np.float64) / peak, 31) * peak
    back = soxr.resample(coarse, request.sample_rate / 2, request.sample_rate, quality="LQ")
    return np.asarray(back, np.float64)


_METHODS: Mapping[str, Callable[[Array, Request], Array]] = {
    "griffin_lim": _griffin_lim,
    "lpc": _lpc,
    "noise_vocoder": _noise_vocoder,
    "sinusoidal": _sinusoidal,
    "mu_law_8bit": _mu_law_8bit,
    "phase_random": _phase_random,
}
