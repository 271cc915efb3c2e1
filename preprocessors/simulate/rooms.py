"""Rooms: convolution with an image-method or a measured impulse response.

References: Allen & Berkley 1979 (image method), Schroeder 1965 (backward integration).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from audioflan_tasks.errors import SimulationError
from audioflan_tasks.preprocessors.simulate.base import Params, Request, SimulatedAudio, limit

__all__ = ["ReverberateParams", "decay_time", "image_response", "reverberate"]

_SOUND_M_S = 343.0
_EARLY_S = 0.05


class ReverberateParams(Params):
    """Reverberation time of the room, and its size in metres for the image method."""

    t60_s: float | None = Field(default=None, gt=0.05, le=3.0)
    room: tuple[float, float, float] = (6.0, 4.5, 2.8)
    part: Literal["mixture", "clean"] = "mixture"


def reverberate(request: Request) -> SimulatedAudio:
    """Convolves the first input with a room response, aligned to the direct sound.

    A second input is a measured response; its decay time is then measured and labelled.
    The result is as long as the first input.
    """
    params: ReverberateParams = request.params
    dry = np.asarray(request.inputs[0], np.float64)
    response, t60 = _response(request, params)
    from scipy.signal import fftconvolve

    wet = fftconvolve(dry, response)[: len(dry)]
    _, gain = limit(wet)
    output = (wet if params.part == "mixture" else dry) * gain
    label = {"t60_s": round(t60, 4), "gain": gain}
    return SimulatedAudio(
        np.asarray(np.clip(output, -1, 1), np.float32), request.sample_rate, label
    )


def _response(request: Request, params: ReverberateParams) -> tuple[NDArray[np.float64], float]:
    if len(request.inputs) == 1:
        if params.t60_s is None:
            raise SimulationError("reverberate: give t60_s, or a measured response as second input")
        if min(params.room) < 1.5:
            raise SimulationError(f"reverberate: room {params.room} m; every side needs 1.5 m")
        simulation = image_response(
            params.t60_s, params.room, request.sample_rate, request.generator
        )
        return simulation, params.t60_s
    recording = np.asarray(request.inputs[1], np.float64)
    direct = int(np.argmax(np.abs(recording)))
    response = recording[direct:] / np.abs(recording[direct])
    return response, decay_time(response, request.sample_rate)


def image_response(
    t60_s: float,
    room: tuple[float, float, float],
    sample_rate: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Impulse response [samples] from the direct sound on, which is 1 at sample 0.

    Images up to 50 ms are placed by the image method for a drawn source and
    microphone; the tail, where thousands of images overlap, is Gaussian noise. The whole
    decays so that Schroeder's integral falls by 60 dB in `t60_s`.
    """
    size = np.array(room)
    source = size * generator.uniform(0.2, 0.8, 3)
    microphone = np.clip(source + generator.uniform(-1, 1, 3) * 0.8, 0.3, size - 0.3)
    early = round(_EARLY_S * sample_rate)
    length = max(early + 1, round(1.3 * t60_s * sample_rate))
    response = np.zeros(length)
    delays, gains = _images(size, source, microphone)
    arrival = np.round(delays * sample_rate).astype(int)
    is_early = arrival < early
    np.add.at(response, arrival[is_early], gains[is_early])
    level = np.sqrt(np.mean(response[early // 2 : early] ** 2))
    response[early:] = generator.standard_normal(length - early) * max(level, 1e-3)
    envelope = 10 ** (-3 * np.arange(length) / (t60_s * sample_rate))
    decaying = response * envelope
    for _ in range(4):
        # The strong direct sound and the placed images bend the curve: correct the decay
        # until the measured time is the requested one.
        measured_s = decay_time(decaying, sample_rate)
        if abs(measured_s / t60_s - 1) < 0.01:
            break
        envelope = envelope ** (measured_s / t60_s)
        decaying = response * envelope
    decaying[0] = 1.0
    return decaying


def decay_time(response: NDArray[Any], sample_rate: int) -> float:
    """Reverberation time in seconds: a line through -5 to -25 dB of Schroeder's integral."""
    energy = np.cumsum(np.asarray(response, np.float64)[::-1] ** 2)[::-1]
    curve = 10 * np.log10(np.maximum(energy / energy[0], 1e-12))
    first, last = int(np.argmax(curve <= -5)), int(np.argmax(curve <= -25))
    if last <= first + 2:
        raise SimulationError(
            "reverberate: the response does not decay by 25 dB; expected a room response"
        )
    times = np.arange(first, last) / sample_rate
    slope = np.polyfit(times, curve[first:last], 1)[0]
    return float(-60.0 / slope)


def _images(
    size: NDArray[np.float64], source: NDArray[np.float64], microphone: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Delay in seconds after the direct sound and gain relative to it, of every early image."""
    reach = np.ceil((_EARLY_S * _SOUND_M_S + 2) / size).astype(int)
    grids = np.meshgrid(*(np.arange(-r, r + 1) for r in reach), indexing="ij")
    shift = np.stack([g.ravel() for g in grids], axis=1)
    signs = np.array(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")).reshape(3, -1).T
    places = (1 - 2 * signs)[None] * source + 2 * shift[:, None] * size
    distance = np.linalg.norm(places - microphone, axis=2).ravel()
    bounces = (np.abs(shift[:, None] - signs[None]) + np.abs(shift[:, None])).sum(axis=2).ravel()
    direct = np.linalg.norm(source - microphone)
    keep = distance >= direct
    gains = direct / distance[keep] * 0.9 ** bounces[keep] * (-1.0) ** bounces[keep]
    return (distance[keep] - direct) / _SOUND_M_S, gains
