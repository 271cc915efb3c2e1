"""The list of a corpus's simulated clips: recipes, each of which was made once before it counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.audio.load import load
from audioflan_tasks.errors import AudioFlanError
from audioflan_tasks.preprocessors.simulate import simulate
from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.recording import Recording, audio_key
from audioflan_tasks.recipes.simulated_clip import Clip, SimulatedClip, recordings_in
from audioflan_tasks.runners import Runner, map_items

__all__ = ["RecipeList"]

# Questions whose clips are made together, and clips of a unit of work.
_AT_ONCE, _PER_UNIT = 512, 8


class _Trial(NamedTuple):
    """A clip that is to be made once, and the files of its recordings by id."""

    clip: SimulatedClip
    paths: Mapping[str, Path]


class RecipeList:
    """Writes the recipes that questions need; samples are made again whenever they are read.

    Args:
      name: folder of the corpus.
      paths: files of the recordings by id.
      recipes: gives the file of recipes, which is opened for the first of them.
      runner: makes the clips.
      advance: called with the number of clips that were made.
    """

    def __init__(
        self,
        name: str,
        paths: Mapping[str, Path],
        recipes: Callable[[], TextIO],
        runner: Runner,
        advance: Callable[[int], None],
    ) -> None:
        self._name, self._paths, self._recipes = name, paths, recipes
        self._runner, self._advance = runner, advance
        self._ids, self._failures = set[str](), dict[str, str]()

    def checked(self, drafts: Iterable[Draft]) -> Iterator[tuple[Draft, str]]:
        """Each question with "", or with why one of its clips cannot be made.

        A silent recording has no level, for instance, so it cannot be mixed at one. The recipes
        that a question needs are written before it is given on.

        Raises:
          RunnerError: worker processes go on dying.
        """
        stream = iter(drafts)
        while block := [*islice(stream, _AT_ONCE)]:
            self._make(block)
            for draft in block:
                failures = (self._failures[_key(clip)] for clip in _simulated(draft))
                failure = next(filter(None, failures), "")
                if not failure:
                    self._write(draft)
                yield draft, failure

    def _make(self, drafts: Iterable[Draft]) -> None:
        """Makes each clip that was not made before."""
        clips: dict[str, SimulatedClip] = {}
        for clip in (clip for draft in drafts for clip in _simulated(draft)):
            if (key := _key(clip)) not in self._failures:
                clips.setdefault(key, clip)
        trials = [
            _Trial(clip, {each.id: self._paths[each.id] for each in recordings_in(clip)})
            for clip in clips.values()
        ]
        failures = map_items(
            self._runner, _failure, trials, per_unit=_PER_UNIT, advance=self._advance,
            death_result=_fatal,
        )  # fmt: skip
        self._failures.update(zip(clips, failures, strict=True))

    def _write(self, draft: Draft) -> None:
        for clip in draft.simulations:
            if clip.id not in self._ids:
                self._ids.add(clip.id)
                self._recipes().write(json.dumps(self._recipe(clip)) + "\n")

    def _recipe(self, clip: SimulatedClip) -> dict[str, Any]:
        return {
            "id": audio_key(self._name, clip.id),
            "kind": clip.kind,
            "inputs": [audio_key(self._name, each.id) for each in clip.inputs],
            "params": dict(clip.params),
            "seed": clip.seed,
            "sample_rate": clip.sample_rate,
        }


def _fatal(trial: _Trial) -> str:
    return f"{trial.clip.id}: ends the process that simulates it"


def _simulated(draft: Draft) -> list[SimulatedClip]:
    return [clip for clip in draft.clips if isinstance(clip, SimulatedClip)]


def _key(clip: SimulatedClip) -> str:
    """Parts of one simulation fail together."""
    return clip.part("").id


def _failure(trial: _Trial) -> str:
    """Why a clip cannot be made, or ""."""
    try:
        _samples(trial.clip, trial.clip.sample_rate, trial.paths)
    except AudioFlanError as error:
        return str(error)
    return ""


def _samples(clip: Clip, sample_rate: int, paths: Mapping[str, Path]) -> NDArray[np.float32]:
    if isinstance(clip, Recording):
        return load(paths[clip.id], sample_rate)
    inputs = [_samples(each, clip.sample_rate, paths) for each in clip.inputs]
    return simulate(clip.kind, inputs, clip.sample_rate, clip.params, clip.seed).audio
