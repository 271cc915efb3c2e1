"""A corpus opened for use: rows, audio, and codes by audio id."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.audio.load import load
from audioflan_tasks.audio.resolve import AudioIndex, Located
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.config import settings
from audioflan_tasks.corpus.rows import RowIndex, scan
from audioflan_tasks.corpus.simulated import Recipe, read_recipes
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import AudioError, AudioFlanError, SettingsError
from audioflan_tasks.preprocessors.simulate import simulate
from audioflan_tasks.records import Instance
from audioflan_tasks.tokens import AudioTokenizer, CodeCache, cache_folder

__all__ = ["Corpus", "open_corpus"]

_LOG = logging.getLogger("audioflan_tasks")
_SPLITS = ("train", "validation", "test")


class Corpus:
    """Records and audio under one root.

    `root` is a release tree, a folder of JSONL with `audio_path`, or one JSONL file; None
    takes `settings.data_dir`, and the bundled demo corpus where that is unset. Nothing is
    read before it is needed.
    """

    def __init__(self, root: str | os.PathLike[str] | None = None) -> None:
        wanted = root if root is not None else settings.data_dir
        self.is_demo = wanted is None
        self.root = demo_root() if wanted is None else Path(wanted).expanduser()
        if not self.root.exists():
            raise SettingsError(
                f"{self.root}: no such corpus; expected a release tree, a folder of JSONL or a "
                "JSONL file (AUDIOFLAN_DATA_DIR, or Corpus(root))"
            )
        self._waves = lru_cache(maxsize=64)(self._make)

    def __repr__(self) -> str:
        return f"Corpus({str(self.root)!r})"

    @cached_property
    def rows(self) -> RowIndex:
        """The scanned records."""
        if self.is_demo:
            _LOG.info("AUDIOFLAN_DATA_DIR is unset: using the bundled demo corpus")
        return scan(self.root)

    @cached_property
    def recipes(self) -> dict[str, Recipe]:
        """Recipes of simulated audio by id."""
        return dict(read_recipes(self._base))

    @cached_property
    def files(self) -> AudioIndex:
        """Audio files by id."""
        return AudioIndex(self._base)

    def size(self, task: str, split: str) -> int:
        """Number of instances of a task (id or name) in a split."""
        return self.rows.size(task.removeprefix(PREFIX), split)

    def sizes(self, split: str) -> dict[str, int]:
        """Number of instances by task name, for the tasks that have any."""
        return {
            PREFIX + task: self.rows.size(task, at) for task, at in self.rows.pairs() if at == split
        }

    def instance(self, task: str, split: str, row: int) -> Instance:
        """One instance; rows count from 0 in the order of the sorted files.

        Raises:
          IndexError: no such row.
        """
        return self.rows.instance(task.removeprefix(PREFIX), split, row)

    def instances(self, task: str | None = None, split: str | None = None) -> Iterator[Instance]:
        """Instances of a task (None: all) and split (None: all), one at a time."""
        wanted = None if task is None else task.removeprefix(PREFIX)
        for task_id, at in self.rows.pairs():
            if wanted in (None, task_id) and split in (None, at):
                for row in range(self.rows.size(task_id, at)):
                    yield self.rows.instance(task_id, at, row)

    def audio(
        self, audio_id: str, sample_rate: int, instance: Instance | None = None
    ) -> NDArray[np.float32]:
        """Mono samples [n] float32 of an audio id at `sample_rate` Hz.

        `instance` is the record that names the id; it is needed where records name paths.

        Raises:
          MissingAudioError: the id resolves to no file and no recipe.
          AudioReadError: the file is not readable audio.
        """
        return self._waves(audio_id, sample_rate, self._place(audio_id, instance))

    def clips(self, instance: Instance) -> frozenset[str]:
        """Ids of the base clips that an instance's audio is made of."""
        found, todo = set(), list(instance.audio_ids)
        while todo:
            audio_id = todo.pop()
            recipe = self.recipes.get(audio_id)
            if recipe is None:
                found.add(audio_id)
            else:
                todo += recipe.inputs
        return frozenset(found)

    def coder(
        self, tokenizer: AudioTokenizer
    ) -> Callable[[str, Instance | None], NDArray[np.uint16]]:
        """A function from (audio id, instance) to codes [frames, codebooks], kept in a cache."""
        cache = CodeCache(cache_folder(), tokenizer)

        def codes(audio_id: str, instance: Instance | None = None) -> NDArray[np.uint16]:
            place = self._place(audio_id, instance)
            return cache.codes(
                self._key(audio_id, place),
                lambda: self.audio(audio_id, tokenizer.sample_rate, instance),
            )

        return codes

    @property
    def _base(self) -> Path:
        return self.root if self.root.is_dir() else self.root.parent

    def _place(self, audio_id: str, instance: Instance | None) -> Located | None:
        """Where the samples lie on disk; None for simulated audio."""
        if audio_id in self.recipes:
            return None
        return self.files.locate(audio_id, instance)

    def _make(self, audio_id: str, sample_rate: int, place: Located | None) -> NDArray[np.float32]:
        if place is not None:
            return load(place.path, sample_rate, place.start, place.end)
        recipe = self.recipes[audio_id]
        waves = [self.audio(i, recipe.sample_rate) for i in recipe.inputs]
        try:
            made = simulate(recipe.kind, waves, recipe.sample_rate, recipe.params, recipe.seed)
        except AudioFlanError as error:
            raise AudioError(f"{self.root / 'simulated'}: {audio_id}: {error}") from error
        if made.sample_rate == sample_rate:
            return made.audio
        import soxr

        resampled = soxr.resample(made.audio, made.sample_rate, sample_rate, quality="HQ")
        return np.asarray(resampled, np.float32)

    def _key(self, audio_id: str, place: Located | None) -> str:
        """What the samples of an id depend on, as one hash."""
        if place is not None:
            return f"{_content(place.path)}-{place.start}-{place.end}"
        recipe = self.recipes[audio_id]
        inputs = [self._key(i, self._place(i, None)) for i in recipe.inputs]
        return hashlib.sha256(recipe.key(inputs).encode()).hexdigest()


@lru_cache(maxsize=65536)
def _content_of(path: Path, size: int, changed_ns: int) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _content(path: Path) -> str:
    """SHA-256 of a file; asked again only when its size or time of change differs."""
    stat = path.stat()
    return _content_of(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=8)
def _opened(root: str | None) -> Corpus:
    return Corpus(root)


def open_corpus() -> Corpus:
    """The corpus of the settings, opened once per root."""
    return _opened(None if settings.data_dir is None else str(settings.data_dir))
