"""What every simulation shares: its result, its parameters, and how it is declared.

Audio is mono float32 [samples] in [-1, 1]; levels are decibels, times seconds. All
functions are pure: the same inputs, parameters and seed give the same samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from audioflan_tasks.errors import SimulationError

__all__ = ["Audio", "Params", "Request", "SimulatedAudio", "Simulation", "limit", "power", "rms"]

Audio = NDArray[np.float32]

_PEAK = 0.999


class Params(BaseModel):
    """Parameters of one kind; unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Request:
    """What a simulation is given."""

    inputs: tuple[Audio, ...]
    sample_rate: int
    params: Any
    seed: int

    @property
    def generator(self) -> np.random.Generator:
        """Random numbers that depend on the seed only."""
        return np.random.Generator(np.random.PCG64(self.seed))

    def samples(self, seconds: float) -> int:
        """A time as a number of samples."""
        return round(seconds * self.sample_rate)


@dataclass(frozen=True, slots=True)
class SimulatedAudio:
    """SimulatedAudio audio with its exact label (plain JSON values)."""

    audio: Audio
    sample_rate: int
    label: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A simulation: how many inputs it takes, its parameters, and its function."""

    name: str
    summary: str
    least: int
    most: int | None
    params: type[Params]
    run: Callable[[Request], SimulatedAudio]
    label: str
    reference: str = ""

    def request(
        self, inputs: Sequence[Audio], sample_rate: int, params: Mapping[str, Any], seed: int
    ) -> Request:
        """Checked arguments.

        Raises:
          SimulationError: naming the kind and what is wrong.
        """
        count = (
            f"{self.least}"
            if self.most == self.least
            else f"{self.least} to {self.most or 'any number of'}"
        )
        if len(inputs) < self.least or (self.most is not None and len(inputs) > self.most):
            raise SimulationError(f"{self.name}: expected {count} inputs, got {len(inputs)}")
        for number, audio in enumerate(inputs):
            _check_audio(f"{self.name}: input {number}", audio)
        if not 1000 <= sample_rate <= 192_000:
            raise SimulationError(
                f"{self.name}: sample rate {sample_rate} Hz is not 1000 to 192000"
            )
        return Request(tuple(inputs), sample_rate, _check_params(self, params), seed)


def power(audio: NDArray[Any]) -> float:
    """Mean square."""
    x = np.asarray(audio, np.float64)
    return float(np.mean(x * x)) if len(x) else 0.0


def rms(audio: NDArray[Any]) -> float:
    """Root mean square."""
    return float(np.sqrt(power(audio)))


def limit(audio: NDArray[Any]) -> tuple[Audio, float]:
    """The audio scaled down if it would exceed full scale, and the gain (1 where it fits)."""
    peak = float(np.abs(audio).max(initial=0.0))
    gain = 1.0 if peak <= _PEAK else _PEAK / peak
    return np.asarray(audio * gain, np.float32), gain


def _check_audio(name: str, audio: object) -> None:
    if not isinstance(audio, np.ndarray) or audio.ndim != 1 or audio.dtype != np.float32:
        shape = getattr(audio, "shape", type(audio).__name__)
        kind = getattr(audio, "dtype", "")
        raise SimulationError(f"{name}: expected mono float32 samples [n], got {shape} {kind}")
    if not len(audio):
        raise SimulationError(f"{name}: has no samples")
    if not np.isfinite(audio).all():
        raise SimulationError(f"{name}: has NaN or infinite samples; decode the file again")


def _check_params(kind: Simulation, params: Mapping[str, Any]) -> Params:
    from pydantic import ValidationError

    try:
        return kind.params.model_validate(dict(params))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "parameters"
        names = ", ".join(kind.params.model_fields) or "none"
        raise SimulationError(
            f"{kind.name}: {name}={first['input']!r}: {first['msg']} (parameters: {names})"
        ) from None
