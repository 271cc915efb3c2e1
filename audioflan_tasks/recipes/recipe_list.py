"""The list of a corpus's simulated clips: recipes, each of which was made once before it counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.audio.load import load
from audioflan_tasks.errors import AudioFlanError
from audioflan_tasks.preprocessors.simulate import simulate
from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.recording import Recording, audio_key
from audioflan_tasks.recipes.simulated_clip import Clip, SimulatedClip

__all__ = ["RecipeList"]


class RecipeList:
    """Writes the recipes that questions need; samples are made again whenever they are read.

    Args:
      name: folder of the corpus.
      paths: files of the recordings by id.
      recipes: gives the file of recipes, which is opened for the first of them.
    """

    def __init__(self, name: str, paths: Mapping[str, Path], recipes: Callable[[], TextIO]) -> None:
        self._name, self._paths, self._recipes = name, paths, recipes
        self._ids, self._failures = set[str](), dict[str, str]()

    def put(self, draft: Draft) -> str:
        """Writes what a question needs; why one of its clips cannot be made, or "".

        A silent recording has no level, for instance, so it cannot be mixed at one.
        """
        clips = [clip for clip in draft.clips if isinstance(clip, SimulatedClip)]
        failures = [self._failure(clip) for clip in clips]
        if any(failures):
            return next(filter(None, failures))
        for clip in draft.simulations:
            if clip.id not in self._ids:
                self._ids.add(clip.id)
                self._recipes().write(json.dumps(self._recipe(clip)) + "\n")
        return ""

    def _failure(self, clip: SimulatedClip) -> str:
        # Parts of one simulation fail together.
        key = clip.part("").id
        if key not in self._failures:
            try:
                self._samples(clip, clip.sample_rate)
                self._failures[key] = ""
            except AudioFlanError as error:
                self._failures[key] = str(error)
        return self._failures[key]

    def _samples(self, clip: Clip, sample_rate: int) -> NDArray[np.float32]:
        if isinstance(clip, Recording):
            return load(self._paths[clip.id], sample_rate)
        inputs = [self._samples(each, clip.sample_rate) for each in clip.inputs]
        return simulate(clip.kind, inputs, clip.sample_rate, clip.params, clip.seed).audio

    def _recipe(self, clip: SimulatedClip) -> dict[str, Any]:
        return {
            "id": audio_key(self._name, clip.id),
            "kind": clip.kind,
            "inputs": [audio_key(self._name, each.id) for each in clip.inputs],
            "params": dict(clip.params),
            "seed": clip.seed,
            "sample_rate": clip.sample_rate,
        }
