"""A corpus opened for use: rows, audio, and codes by audio id."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.clips import ClipReader, Recipe
from audioflan_tasks.config import settings
from audioflan_tasks.corpus.rows import RowIndex, scan
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import SettingsError, StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.store import JoinedStore, Store, is_store, open_store
from audioflan_tasks.tokens import AudioTokenizer, CodeCache, cache_folder, get_tokenizer
from audioflan_tasks.tokens.text import text_side

__all__ = ["Corpus", "open_corpus", "tokenizer_options"]

_LOG = logging.getLogger("audioflan_tasks")


class Corpus:
    """Records and audio under one root.

    `root` is a release tree, a folder of JSONL with `audio_path`, one JSONL file, a store, or
    several stores (a list, or their paths with `:` between them); None takes
    `settings.data_dir`, and the bundled demo corpus where that is unset. Nothing is read
    before it is needed.
    """

    def __init__(self, root: str | os.PathLike[str] | list[Path] | None = None) -> None:
        wanted = root if root is not None else settings.data_dir
        self.is_demo = wanted is None
        paths = [demo_root()] if wanted is None else _paths(wanted)
        missing = [path for path in paths if not path.exists()]
        if missing:
            raise SettingsError(
                f"{missing[0]}: no such corpus; expected a release tree, a folder of JSONL, a "
                "JSONL file or a store (AUDIOFLAN_DATA_DIR, or Corpus(root))"
            )
        self.root = paths[0]
        self._stores = paths if is_store(paths[0]) else []
        if len(paths) > 1 and not all(map(is_store, paths)):
            raise SettingsError(
                f"several roots ({', '.join(map(str, paths))}): only stores can be joined; "
                "make them with audioflan build"
            )

    def __repr__(self) -> str:
        return f"Corpus({str(self.root)!r})"

    @cached_property
    def store(self) -> Store | JoinedStore | None:
        """The store, with the codes and ids of the settings if it has them; else None."""
        if not self._stores:
            return None
        tokenizer = get_tokenizer(settings.tokenizer, **tokenizer_options()).fingerprint
        text = text_side(settings.text).fingerprint
        facts = [Store(path, tokenizer="", text="").facts for path in self._stores]
        return open_store(
            *self._stores,
            tokenizer=tokenizer if all(tokenizer in one.codes for one in facts) else None,
            text=text if all(text in one.texts for one in facts) else None,
        )

    @cached_property
    def rows(self) -> RowIndex | Store | JoinedStore:
        """The records by task, split and row."""
        if self.store is not None:
            return self.store
        if self.is_demo:
            _LOG.info("AUDIOFLAN_DATA_DIR is unset: using the bundled demo corpus")
        return scan(self.root)

    @cached_property
    def sounds(self) -> ClipReader:
        """Audio by id; that of a store is where it was built from."""
        return ClipReader(*([Store(path).source for path in self._stores] or [self.root]))

    @property
    def recipes(self) -> dict[str, Recipe]:
        """Recipes of simulated audio by id."""
        return self.sounds.recipes

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
        return self.sounds.audio(audio_id, sample_rate, instance)

    def clips(self, instance: Instance) -> frozenset[str]:
        """Ids of the base clips that an instance's audio is made of."""
        return self.sounds.base_clips(instance.audio_ids)

    def coder(
        self, tokenizer: AudioTokenizer
    ) -> Callable[[str, Instance | None], NDArray[np.uint16]]:
        """A function from (audio id, instance) to codes [frames, codebooks].

        They come from the store where it has them; what is made is kept in a cache. Called with
        an id that stands for different audio in joined stores it raises StoreError.
        """
        cache = CodeCache(cache_folder(), tokenizer)
        opened = [Store(path, tokenizer="") for path in self._stores]
        wanted = tokenizer.fingerprint
        stored = [Store(s.path, tokenizer=wanted) for s in opened if wanted in s.facts.codes]

        def codes(audio_id: str, instance: Instance | None = None) -> NDArray[np.uint16]:
            found = [c for store in stored if (c := store.clip(audio_id)) is not None]
            if len(found) > 1 and not all(np.array_equal(found[0], other) for other in found[1:]):
                raise StoreError(
                    f"audio id {audio_id!r} means different audio in the joined stores; read "
                    "codes by row (`store.codes`), or rename it in one of the sources"
                )
            if found:
                return found[0]
            return cache.codes(
                self.sounds.content(audio_id, instance),
                lambda: self.audio(audio_id, tokenizer.sample_rate, instance),
            )

        return codes


def tokenizer_options() -> dict[str, Any]:
    """Options of the tokenizer that the settings ask for."""
    asked = {"codebooks": settings.codebooks, "weights": settings.tokenizer_weights}
    return {name: value for name, value in asked.items() if value is not None}


def _paths(root: str | os.PathLike[str] | list[Path]) -> list[Path]:
    """One root, or several stores."""
    if isinstance(root, list):
        return [Path(path).expanduser() for path in root]
    whole = Path(root).expanduser()
    parts = os.fspath(root).split(os.pathsep)
    return [whole] if whole.exists() else [Path(part).expanduser() for part in parts]


@lru_cache(maxsize=8)
def _opened(root: str | None) -> Corpus:
    return Corpus(root)


def open_corpus() -> Corpus:
    """The corpus of the settings, opened once per root."""
    return _opened(None if settings.data_dir is None else str(settings.data_dir))
