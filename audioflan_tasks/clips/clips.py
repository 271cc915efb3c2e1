"""The audio of one corpus root: files below it, and what its recipes make of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.audio.load import load, load_blocks
from audioflan_tasks.audio.resolve import AudioIndex, AudioLocation
from audioflan_tasks.clips.recipes import Recipe, read_recipes
from audioflan_tasks.errors import AudioError, AudioFlanError, AudioReadError, MissingAudioError
from audioflan_tasks.folders import is_folder
from audioflan_tasks.plain_files import file_state, open_plain_file
from audioflan_tasks.preprocessors.simulate import simulate
from audioflan_tasks.records import Instance
from audioflan_tasks.records.spans import span
from audioflan_tasks.records.tree import name_in

__all__ = ["ClipReader"]


class ClipReader:
    """Samples by audio id; lists, folders and recipes are read when an id first needs them.

    Several roots are searched in order. `instance`, where a method takes
    it, is the record that names the id; it is needed where records name paths.
    """

    def __init__(self, *roots: str | os.PathLike[str]) -> None:
        self.roots = tuple(p if is_folder(p) else p.parent for p in map(Path, roots))
        self._waves = lru_cache(maxsize=64)(self._make)
        # An id is asked for several times in a row: its identity, its content, its samples.
        self._location_of = lru_cache(maxsize=1024)(self._locate)

    @cached_property
    def recipes(self) -> dict[str, Recipe]:
        """Recipes of simulated audio by id."""
        recipes: dict[str, Recipe] = {}
        for root in reversed(self.roots):
            recipes |= read_recipes(root)
        return recipes

    @cached_property
    def files(self) -> tuple[AudioIndex, ...]:
        """Audio files by id, for each root."""
        return tuple(map(AudioIndex, self.roots))

    def place(self, audio_id: str, instance: Instance | None = None) -> AudioLocation | None:
        """The file and segment of the samples; None for simulated audio.

        Raises:
          MissingAudioError: the id resolves to no file and no recipe.
        """
        if audio_id in self.recipes:
            return None
        if instance is None:
            return self._location_of(audio_id, "", None, None)
        path = instance.path_of(audio_id) if instance.audio_path else ""
        return self._location_of(audio_id, path, instance.audio_start, instance.audio_end)

    def audio(
        self, audio_id: str, sample_rate: int, instance: Instance | None = None
    ) -> NDArray[np.float32]:
        """Mono samples [n] float32 of an audio id at `sample_rate` Hz.

        Raises:
          MissingAudioError: the id resolves to no file and no recipe.
          AudioReadError: the file is not readable audio.
        """
        # A file may be replaced: the samples that are remembered are those of its identity.
        place, identity = self.place(audio_id, instance), self.identity(audio_id, instance)
        return self._waves(audio_id, sample_rate, place, identity)

    def blocks(
        self, audio_id: str, sample_rate: int, instance: Instance | None = None
    ) -> Iterator[NDArray[np.float32]]:
        """The samples of `audio` in pieces; of a file only a block is in memory at a time."""
        place = self.place(audio_id, instance)
        if place is None:
            return iter([self._make(audio_id, sample_rate, None)])
        return load_blocks(place.path, sample_rate, place.start, place.end)

    def base_clips(self, audio_ids: Iterable[str]) -> frozenset[str]:
        """Ids of the clips that audio is derived from, through all its recipes."""
        clips, pending = set(), list(audio_ids)
        while pending:
            audio_id = pending.pop()
            recipe = self.recipes.get(audio_id)
            if recipe is None:
                clips.add(audio_id)
            else:
                pending += recipe.inputs
        return frozenset(clips)

    def identity(self, audio_id: str, instance: Instance | None = None) -> str:
        """What the samples depend on, from the files' size and time of change: nothing is read.

        Raises:
          MissingAudioError: the id resolves to no file and no recipe.
        """
        place = self.place(audio_id, instance)
        if place is None:
            recipe = self.recipes[audio_id]
            return recipe.key([self.identity(i) for i in recipe.inputs])
        try:
            state = file_state(place.path)
        except OSError as error:
            raise MissingAudioError(f"{place.path}: {error.strerror}") from error
        name = next(
            (name_in(place.path, r) for r in self.roots if place.path.is_relative_to(r)), ""
        )
        return f"{name}|{place.start}|{place.end}|{state.size}|{state.changed_ns}"

    def content(self, audio_id: str, instance: Instance | None = None) -> str:
        """Half a SHA-256 of all that the samples depend on: bytes of files, segment, recipes.

        Raises:
          MissingAudioError: the id resolves to no file and no recipe.
          AudioReadError: the file cannot be read.
        """
        place = self.place(audio_id, instance)
        if place is None:
            recipe = self.recipes[audio_id]
            key = recipe.key([self.content(i) for i in recipe.inputs])
        else:
            key = f"{_sha256(place.path)}-{place.start}-{place.end}"
        return hashlib.sha256(key.encode()).hexdigest()[:32]

    def _locate(
        self, audio_id: str, path: str, start: float | None, end: float | None
    ) -> AudioLocation:
        instance = Instance(
            instruction="", input=span(audio_id), output="", audio_path=(path,) if path else (),
            audio_start=start, audio_end=end,
        )  # fmt: skip
        *earlier, last = self.files
        for files in earlier:
            with suppress(MissingAudioError):
                return files.locate(audio_id, instance)
        return last.locate(audio_id, instance)

    def _make(
        self, audio_id: str, sample_rate: int, place: AudioLocation | None, identity: str = ""
    ) -> NDArray[np.float32]:
        if place is not None:
            return load(place.path, sample_rate, place.start, place.end)
        recipe = self.recipes[audio_id]
        waves = [self.audio(i, recipe.sample_rate) for i in recipe.inputs]
        try:
            output = simulate(recipe.kind, waves, recipe.sample_rate, recipe.params, recipe.seed)
        except AudioFlanError as error:
            raise AudioError(f"simulated audio {audio_id!r}: {error}") from error
        if output.sample_rate == sample_rate:
            return output.audio
        import soxr

        samples = soxr.resample(output.audio, output.sample_rate, sample_rate, quality="HQ")
        return np.asarray(samples, np.float32)


@lru_cache(maxsize=65536)
def _sha256_of(path: Path, size: int, changed_ns: int) -> str:
    with open_plain_file(path) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sha256(path: Path) -> str:
    """SHA-256 of a file; asked again only when its size or time of change differs."""
    try:
        state = file_state(path)
        return _sha256_of(path, state.size, state.changed_ns)
    except OSError as error:
        raise AudioReadError(f"{path}: cannot be read ({error.strerror})") from error
