"""How makers draw simulations: by the presets of `audioflan simulate`, from parts of recordings."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

from audioflan_tasks.preprocessors.simulate.runs.draw import draw_params, unit
from audioflan_tasks.preprocessors.simulate.runs.presets import Preset, presets
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.recipes.simulated_clip import Clip, SimulatedClip
from audioflan_tasks.seeds import seed_of

__all__ = ["MUSIC_RATE", "excerpt", "length_of", "part_of", "preset", "simulation", "windows"]

# Of music that is cut or mixed, in Hz.
MUSIC_RATE = 44_100
# Another sample rate may end a file some samples earlier.
_MARGIN_S = 0.01


@cache
def preset(name: str) -> Preset:
    """A preset of this package by its name."""
    return presets()[name]


def simulation(name: str, inputs: tuple[Clip, ...], sample_rate: int = 0) -> SimulatedClip:
    """A simulation by a preset; what it leaves open is drawn by the ids of the inputs.

    `sample_rate` is that of the preset unless given.
    """
    rules = preset(name)
    seed = seed_of("simulate", name, *(clip.id for clip in inputs))
    return SimulatedClip(
        kind=rules.kind,
        inputs=inputs,
        params=draw_params(rules, [length_of(clip) for clip in inputs], seed),
        seed=seed,
        sample_rate=sample_rate or rules.sample_rate,
    )


def length_of(clip: Clip) -> float:
    """Seconds of a recording, of a part of one, or of noise; 0 where they are not known."""
    if isinstance(clip, Recording):
        return clip.seconds or 0.0
    if clip.kind == "take":
        return float(clip.params["end_s"] - clip.params["start_s"])
    return float(clip.params["seconds"])


def part_of(recording: Recording, start: float, end: float, sample_rate: int) -> Clip:
    """The recording between two times in seconds; itself where that is all of it."""
    if start <= 0 and recording.seconds is not None and end >= recording.seconds:
        return recording
    times = {"start_s": round(start, 3), "end_s": round(end, 3)}
    return SimulatedClip(
        kind="take", inputs=(recording,), params=times, sample_rate=sample_rate
    )  # fmt: skip


def excerpt(recording: Recording, most_s: float, sample_rate: int, draw: str = "") -> Clip:
    """A part of `most_s` seconds, drawn by `draw` or the id; a shorter recording is itself."""
    free = (recording.seconds or 0.0) - most_s - _MARGIN_S
    if free <= 0:
        return recording
    start = math.floor(100 * free * unit("excerpt", draw or recording.id)) / 100
    return part_of(recording, start, start + most_s, sample_rate)


def windows(recording: Recording, seconds: float) -> Iterator[tuple[float, float]]:
    """Start and end of parts of this length, one after another; of a shorter recording, its own."""
    length = recording.seconds or 0.0
    if length <= seconds:
        yield 0.0, length
        return
    for number in range(math.floor((length - _MARGIN_S) / seconds)):
        yield number * seconds, (number + 1) * seconds
