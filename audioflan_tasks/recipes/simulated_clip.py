"""A clip that a simulation makes of recordings: what makers ask about instead of new audio."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from audioflan_tasks.recipes.recording import Recording

__all__ = ["Clip", "SimulatedClip", "recordings_in", "simulations_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedClip:
    """One simulation; `kind` and `params` are those of `preprocessors.simulate`.

    Equal simulations have equal ids, so each is written once however many questions have it.
    """

    kind: str
    inputs: tuple[Clip, ...] = ()
    params: Mapping[str, Any]
    seed: int = 0
    sample_rate: int = 16_000

    @property
    def id(self) -> str:
        """A name that depends on everything that the samples depend on."""
        inputs = [clip.id for clip in self.inputs]
        parts = [self.kind, inputs, dict(self.params), self.seed, self.sample_rate]
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return f"sim_{self.kind}_{digest[:16]}"

    def part(self, name: str | int) -> SimulatedClip:
        """A part of its result as it sounds in it, such as `clean`, or the number of an input."""
        return replace(self, params={**self.params, "part": name})


Clip: TypeAlias = Recording | SimulatedClip


def recordings_in(clip: Clip) -> Iterator[Recording]:
    """The recordings that a clip is, or is made of."""
    if isinstance(clip, Recording):
        yield clip
    else:
        for each in clip.inputs:
            yield from recordings_in(each)


def simulations_in(clip: Clip) -> Iterator[SimulatedClip]:
    """The simulations that give a clip, those that others need first."""
    if isinstance(clip, SimulatedClip):
        for each in clip.inputs:
            yield from simulations_in(each)
        yield clip
