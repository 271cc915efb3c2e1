"""Several sounds at once: mixtures at stated levels, and events placed in a scene.

Levels are RMS levels relative to the first input (mix) or the background (place). A
mixture's parts are available as they sound inside it, so that they sum to it.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from audioflan_tasks.errors import SimulationError
from audioflan_tasks.preprocessors.simulate.base import (
    Params,
    Request,
    SimulatedAudio,
    limit,
    rms,
)
from audioflan_tasks.preprocessors.simulate.noise import coloured_noise, loop_to_length

__all__ = ["MixParams", "PlaceParams", "mix", "place"]


class MixParams(Params):
    """Without `levels_db` all sounds are as loud as they are.

    `noise_db` adds pink noise at that level relative to the first. `part` is the number of the
    input to be returned alone (None: the whole mixture); the noise is the last.
    """

    levels_db: tuple[float, ...] | None = None
    noise_db: float | None = Field(default=None, ge=-60, le=20)
    length: Literal["first", "longest", "shortest"] = "longest"
    part: int | None = Field(default=None, ge=0)


class PlaceParams(Params):
    """Where and how loud events are; the background is the first input, or made here."""

    starts_s: tuple[float, ...] = Field(min_length=1)
    levels_db: tuple[float, ...] = Field(min_length=1)
    seconds: float | None = Field(default=None, gt=0, le=600)
    background: Literal["input", "silence", "pink"] = "input"
    floor_db: float = Field(default=-60.0, ge=-120, le=-10)
    part: int | None = Field(default=None, ge=0)


def mix(request: Request) -> SimulatedAudio:
    """Sums the inputs, each at its level relative to the first."""
    params: MixParams = request.params
    lengths = [len(x) for x in request.inputs]
    samples = {"first": lengths[0], "longest": max(lengths), "shortest": min(lengths)}[
        params.length
    ]
    parts = [
        _fit(np.asarray(audio, np.float64) * factor, samples)
        for audio, factor in zip(request.inputs, _factors(request), strict=True)
    ]
    label: dict[str, Any] = {}
    if params.levels_db is not None:
        label["levels_db"] = list(params.levels_db)
    if params.noise_db is not None:
        parts.append(_pink_noise(request, samples, rms(parts[0]) * 10 ** (params.noise_db / 20)))
        label["noise_db"] = params.noise_db
    output, gain = _part_of_sum("mix", parts, params.part)
    return SimulatedAudio(output, request.sample_rate, {**label, "gain": gain})


def _pink_noise(request: Request, samples: int, level: float) -> NDArray[np.float64]:
    """Noise of that RMS level."""
    raw = coloured_noise("pink", samples, request.sample_rate, request.generator)
    return np.asarray(raw / rms(raw) * level, np.float64)


def _factors(request: Request) -> list[float]:
    """What brings each input to its level."""
    levels = request.params.levels_db
    if levels is None:
        return [1.0] * len(request.inputs)
    _same_count("mix", "levels_db", levels, len(request.inputs))
    loudnesses = [_loudness("mix", n, audio) for n, audio in enumerate(request.inputs)]
    return [
        loudnesses[0] / loudness * 10 ** (level / 20)
        for loudness, level in zip(loudnesses, levels, strict=True)
    ]


def place(request: Request) -> SimulatedAudio:
    """Puts events into a background at stated times.

    Part 0 is the background, part k the k-th event, in place and at its level.
    """
    params: PlaceParams = request.params
    background, events, first = _scene(request, params)
    _same_count("place", "starts_s", params.starts_s, len(events))
    _same_count("place", "levels_db", params.levels_db, len(events))
    reference = rms(background) or 10 ** (params.floor_db / 20)
    parts: list[NDArray[np.float64]] = [background]
    segments = []
    for number, audio in enumerate(events):
        start = request.samples(params.starts_s[number])
        stop = start + len(audio)
        if params.starts_s[number] < 0 or stop > len(background):
            raise SimulationError(
                f"place: event {number} would last from {params.starts_s[number]:g} to "
                f"{stop / request.sample_rate:g} s, the scene lasts "
                f"{len(background) / request.sample_rate:g} s"
            )
        loudness = _loudness("place", number + first, audio)
        layer = np.zeros(len(background))
        layer[start:stop] = np.asarray(audio, np.float64) * (
            reference / loudness * 10 ** (params.levels_db[number] / 20)
        )
        parts.append(layer)
        rate = request.sample_rate
        segments.append([round(start / rate, 4), round(stop / rate, 4), number + first])
    output, gain = _part_of_sum("place", parts, params.part)
    return SimulatedAudio(
        output,
        request.sample_rate,
        {"segments": segments, "levels_db": list(params.levels_db), "gain": gain},
    )


def _scene(
    request: Request, params: PlaceParams
) -> tuple[NDArray[np.float64], tuple[NDArray[np.float32], ...], int]:
    """Background, events, and the number of the first event among the inputs."""
    if params.background == "input":
        if len(request.inputs) < 2:
            raise SimulationError("place: expected a background and events, got one input")
        samples = request.samples(params.seconds) if params.seconds else len(request.inputs[0])
        background = loop_to_length(request.inputs[0], samples, request.generator)
        return background.astype(np.float64), request.inputs[1:], 1
    if params.seconds is None:
        raise SimulationError(f"place: background={params.background!r} needs seconds")
    samples = request.samples(params.seconds)
    if params.background == "silence":
        return np.zeros(samples), request.inputs, 0
    return _pink_noise(request, samples, 10 ** (params.floor_db / 20)), request.inputs, 0


def _part_of_sum(
    kind: str, parts: list[NDArray[np.float64]], part: int | None
) -> tuple[NDArray[np.float32], float]:
    if part is not None and part >= len(parts):
        raise SimulationError(f"{kind}: part={part}, but there are parts 0 to {len(parts) - 1}")
    whole = np.sum(parts, axis=0)
    _, gain = limit(whole)
    signal = whole if part is None else parts[part]
    return np.asarray(signal * gain, np.float32), gain


def _fit(audio: NDArray[np.float64], samples: int) -> NDArray[np.float64]:
    return np.pad(audio[:samples], (0, max(0, samples - len(audio))))


def _loudness(kind: str, number: int, audio: NDArray[np.float32]) -> float:
    value = rms(audio)
    if value <= 0:
        raise SimulationError(f"{kind}: input {number} is silent, so it can have no level")
    return value


def _same_count(kind: str, name: str, values: tuple[float, ...], count: int) -> None:
    if len(values) != count:
        raise SimulationError(f"{kind}: {name} has {len(values)} values for {count} sounds")
