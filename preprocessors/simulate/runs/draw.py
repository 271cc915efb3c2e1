"""What a preset leaves open, drawn for one job: a function of its seed and of lengths alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from audioflan_tasks.preprocessors.simulate.runs.presets import Preset, Spec
from audioflan_tasks.seeds import seed_of

__all__ = ["draw_params", "unit", "whole"]


def unit(*parts: str | int) -> float:
    """A number in [0, 1) that depends on the parts only."""
    return seed_of(*parts) / 2.0**63


def whole(count: int, *parts: str | int) -> int:
    """A number from 0 to `count` - 1."""
    return seed_of(*parts) % count


def draw_params(preset: Preset, lengths: Sequence[float], seed: int) -> dict[str, Any]:
    """Parameters of the kind for inputs of these lengths in seconds."""
    params: dict[str, Any] = {}
    later, fitting = [], []
    for name, value in preset.params.items():
        if not isinstance(value, Spec):
            params[name] = value
        elif value.fit:
            fitting.append(name)
        elif value.per:
            later.append((name, value))
        else:
            params[name] = _draw_value(value, seed, name, 0)
    counts = {
        "input": len(lengths),
        "partner": max(0, len(lengths) - 1),
        "event": len(lengths) - (preset.kind == "place" and _behind(params)),
    }
    for name, value in later:
        values = [_draw_value(value, seed, name, n) for n in range(counts[value.per])]
        if value.first is not None and values:
            values[0] = value.first
        params[name] = tuple(values)
    for name in fitting:
        params[name] = _FITS[preset.kind](params, lengths, seed)
    return params


def _draw_value(spec: Spec, seed: int, name: str, number: int) -> Any:
    if spec.choice:
        return spec.choice[whole(len(spec.choice), seed, name, number)]
    low, high = spec.low or 0.0, spec.high or 0.0
    if not spec.step:
        return round(low + (high - low) * unit(seed, name, number), 4)
    steps = math.floor((high - low) / spec.step + 1e-9) + 1
    return round(low + spec.step * whole(steps, seed, name, number), 6)


def _gap_start(params: dict[str, Any], lengths: Sequence[float], seed: int) -> float:
    """Anywhere, so that the gap ends inside the sound."""
    return _down(unit(seed, "start_s") * max(0.0, lengths[0] - params["seconds"]))


def _event_starts(params: dict[str, Any], lengths: Sequence[float], seed: int) -> tuple[float, ...]:
    """Events one after another, in the order of the inputs, with random pauses.

    Where they do not fit into the scene they begin at 0, which the kind refuses.
    """
    scene = params.get("seconds") or lengths[0]
    events = lengths[1:] if _behind(params) else lengths
    free = scene - sum(events)
    if free < 0:
        return (0.0,) * (len(events) - 1) + (scene,)
    cuts = sorted(unit(seed, "starts_s", n) * free for n in range(len(events)))
    previous = 0.0
    starts = []
    for cut, length in zip(cuts, events, strict=True):
        starts.append(_down(cut + previous))
        previous += length
    return tuple(starts)


def _behind(params: dict[str, Any]) -> bool:
    """Whether the first input is the background of the others, as it is unless stated."""
    return bool(params.get("background", "input") == "input")


def _down(seconds: float) -> float:
    return math.floor(seconds * 100) / 100


_FITS = {"cut_gap": _gap_start, "place": _event_starts}
