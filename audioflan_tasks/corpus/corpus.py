"""A corpus opened for use: rows, audio, and codes by audio id."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.arguments import check_path
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.clips import ClipReader, Recipe
from audioflan_tasks.config import cache_folder, local_root, settings
from audioflan_tasks.corpus.rows import RowIndex, scan
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import AudioReadError, SettingsError, StoreError
from audioflan_tasks.folders import is_folder
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.plain_files import is_plain_file
from audioflan_tasks.records import Instance
from audioflan_tasks.records.settle import checked_splits
from audioflan_tasks.remote import is_address, open_root, shown_root, split_roots
from audioflan_tasks.store import JoinedStore, Store, is_store
from audioflan_tasks.tokens import AudioTokenizer, CodeCache, tokenizer_of
from audioflan_tasks.tokens.text import text_side

__all__ = ["Corpus", "open_corpus"]

_LOG = logging.getLogger("audioflan_tasks")


class Corpus:
    """Records and audio under one root.

    Nothing is read before it is needed. A corpus sent to another process opens itself there.

    Args:
      root: a release tree, a folder of JSONL with `audio_path`, one JSONL file, a store, or
        several stores (a list, or their paths with `:` between them), also as the address of one
        on a server (`s3://bucket/store`); None takes `settings.data_dir`, and the bundled demo
        corpus where that is unset.
      splits: what unknown words for splits in records mean, such as {"trian": "train"}; a store
        has them from its build.
      cache_dir: where codes and files of servers are kept; None takes `settings.cache_dir`, else
        the platform's own folder for caches.

    Raises:
      SettingsError: no such root, or several that are not all stores.
      RemoteError: a server cannot be asked.
      MissingExtraError: what reads files of a server is not installed.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | list[Path] | None = None,
        *,
        splits: Mapping[str, str] | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        paths_or_root = root if root is not None else settings.data_dir
        self._splits = checked_splits(splits or {})
        self._check_store = settings.check_store
        self.is_demo = paths_or_root is None
        self.cache_dir = cache_folder() if cache_dir is None else Path(cache_dir)
        self._paths = (
            [demo_root()]
            if paths_or_root is None
            else [local_root(root, self.cache_dir) for root in _roots(paths_or_root)]
        )
        for path in self._paths:
            if not _is_there(path):
                raise SettingsError(_missing_text(path))
        self.root = self._paths[0]
        self._store_paths = self._paths if is_store(self.root) else []
        if len(self._paths) > 1 and not all(map(is_store, self._paths)):
            raise SettingsError(
                f"several roots ({', '.join(map(str, self._paths))}): only stores can be joined; "
                "make them with audioflan build"
            )
        self._stores: dict[tuple[str, str], Store | JoinedStore] = {}
        self._warned_fingerprints: set[str] = set()
        self._owner_index: dict[tuple[str, str], Mapping[str, list[tuple[str, str, int]]]] = {}

    def __repr__(self) -> str:
        return f"Corpus({self.address!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # What was opened goes along: a store may be built again in the meantime.
        stores = self.__dict__.get("_base_stores")
        paths = None if self.is_demo else self._paths
        return _reopen, (paths, dict(self._splits), self.cache_dir, stores)

    @property
    def address(self) -> str:
        """The root as people write it: a path, or the address of one on a server.

        `root` is a path in either case; of a server it stands for files that are fetched.
        """
        return shown_root(self.root)

    @property
    def stores(self) -> tuple[Store, ...]:
        """The stores that are read, as they were when this corpus first did; none of a tree."""
        return tuple(self._base_stores)

    @cached_property
    def _base_stores(self) -> list[Store]:
        """The stores as they were when this corpus first read them, without codes and texts."""
        check = self._check_store
        return [Store(path, tokenizer="", text="", check=check) for path in self._store_paths]

    def store_for(self, options: ExampleOptions) -> Store | JoinedStore | None:
        """The store, with the codes and text ids of these options if it has them; else None."""
        if not self._store_paths:
            return None
        tokenizer, text = tokenizer_of(options).fingerprint, text_side(options.text).fingerprint
        facts = [store.facts for store in self._base_stores]
        has_codes = all(tokenizer in store.codes for store in facts)
        has_texts = all(text in store.texts for store in facts)
        self._say_what_lacks(
            {} if has_codes else {"codes": tokenizer}, {} if has_texts else {"text ids": text}
        )
        return self._opened_store(tokenizer if has_codes else "", text if has_texts else "")

    def _say_what_lacks(self, *lacking: Mapping[str, str]) -> None:
        """Warns once of what the options need and the stores have not, before it is made."""
        for kind, fingerprint in (item for part in lacking for item in part.items()):
            if fingerprint in self._warned_fingerprints:
                continue
            self._warned_fingerprints.add(fingerprint)
            sets = [
                set(store.facts.codes if kind == "codes" else store.facts.texts)
                for store in self._base_stores
            ]
            _LOG.warning(
                "%s: has no %s of %s, which the options ask for; it has: %s. They are made from "
                "the source, which is slow; set the tokenizer, codebooks or text side that it "
                "has, or add them with: audioflan build",
                self.address, kind, fingerprint, ", ".join(sorted(set().union(*sets))) or "none",
            )  # fmt: skip

    @cached_property
    def rows(self) -> RowIndex | Store | JoinedStore:
        """The records by task, split and row."""
        if self._store_paths:
            return self._opened_store("", "")
        if self.is_demo:
            _LOG.info("AUDIOFLAN_DATA_DIR is unset: using the bundled demo corpus")
        return scan(self.root, splits=self._splits)

    def _opened_store(self, tokenizer: str, text: str) -> Store | JoinedStore:
        """The store with codes and text ids of these fingerprints; "" is without."""
        if (tokenizer, text) not in self._stores:
            stores = [store.with_sets(tokenizer, text) for store in self._base_stores]
            self._stores[tokenizer, text] = stores[0] if len(stores) == 1 else JoinedStore(stores)
        return self._stores[tokenizer, text]

    @cached_property
    def clip_reader(self) -> ClipReader:
        """Audio by id; that of a store is where it was built from."""
        sources = [_source_of(store, self.cache_dir) for store in self._base_stores]
        return ClipReader(*(sources or [self.root]))

    @property
    def recipes(self) -> dict[str, Recipe]:
        """Recipes of simulated audio by id."""
        return self.clip_reader.recipes

    def size(self, task: str, split: str) -> int:
        """Number of instances of a task (id or name) in a split."""
        return self.rows.size(task.removeprefix(PREFIX), split)

    def sizes(self, split: str) -> dict[str, int]:
        """Number of instances by task name, for the tasks that have any."""
        return {
            PREFIX + task: self.rows.size(task, split)
            for task, task_split in self.rows.pairs()
            if task_split == split
        }

    def unseen_rows(self, task: str, split: str) -> NDArray[np.int64]:
        """Rows of a task whose records say `unseen: true`; they are never trained on."""
        return self.rows.unseen_rows(task.removeprefix(PREFIX), split)

    def instance(self, task: str, split: str, row: int) -> Instance:
        """One instance; rows count from 0 in the order of the sorted files.

        Raises:
          IndexError: no such row.
        """
        return self.rows.instance(task.removeprefix(PREFIX), split, row)

    def instances(self, task: str | None = None, split: str | None = None) -> Iterator[Instance]:
        """Instances of a task (None: all) and split (None: all), one at a time."""
        only_task = None if task is None else task.removeprefix(PREFIX)
        for task_id, task_split in self.rows.pairs():
            if only_task in (None, task_id) and split in (None, task_split):
                for row in range(self.rows.size(task_id, task_split)):
                    yield self.rows.instance(task_id, task_split, row)

    def owner(self, audio_id: str, task: str, uuid: str = "") -> Instance | None:
        """The record of a task that names an audio id, that of `uuid` if it is one of several.

        The test split is looked through first, then validation and train; each is read once.
        None where no record names the id.
        """
        for split in ("test", "validation", "train"):
            places = self._owners(task.removeprefix(PREFIX), split).get(audio_id, ())
            owners = [self.rows.instance(*place) for place in places]
            with_uuid = [owner for owner in owners if owner.uuid == uuid]
            if owners:
                return (with_uuid or owners)[0]
        return None

    def _owners(self, task: str, split: str) -> Mapping[str, list[tuple[str, str, int]]]:
        """Places of the records of a task that name each audio id."""
        if (task, split) not in self._owner_index:
            places: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
            for row in range(self.rows.size(task, split)):
                for audio_id in self.rows.instance(task, split, row).audio_ids:
                    places[audio_id].append((task, split, row))
            self._owner_index[task, split] = places
        return self._owner_index[task, split]

    def audio(
        self, audio_id: str, sample_rate: int, instance: Instance | None = None
    ) -> NDArray[np.float32]:
        """Mono samples [n] float32 of an audio id at `sample_rate` Hz.

        `instance` is the record that names the id; it is needed where records name paths.

        Raises:
          MissingAudioError: the id resolves to no file and no recipe.
          AudioReadError: the file is not readable audio.
        """
        return self.clip_reader.audio(audio_id, sample_rate, instance)

    def base_clips(self, instance: Instance) -> frozenset[str]:
        """Ids of the base clips that an instance's audio is made of."""
        return self.clip_reader.base_clips(instance.audio_ids)

    def coder(
        self, tokenizer: AudioTokenizer
    ) -> Callable[[str, Instance | None], NDArray[np.uint16]]:
        """A function from (audio id, instance) to codes [frames, codebooks].

        They come from the store where it has them; what is made is kept in a cache. Called with
        an id that stands for different audio in joined stores it raises StoreError.
        """
        cache, fingerprint = CodeCache(self.cache_dir, tokenizer), tokenizer.fingerprint
        stores = [
            store.with_sets(fingerprint, "")
            for store in self._base_stores
            if fingerprint in store.facts.codes
        ]

        def samples(
            audio_id: str, instance: Instance | None, content: str
        ) -> Iterator[NDArray[np.float32]]:
            yield from self.clip_reader.blocks(audio_id, tokenizer.sample_rate, instance)
            if self.clip_reader.content(audio_id, instance) != content:
                raise AudioReadError(f"audio id {audio_id!r}: the file changed while it was read")

        def codes(audio_id: str, instance: Instance | None = None) -> NDArray[np.uint16]:
            clips = [clip for store in stores if (clip := store.clip(audio_id)) is not None]
            if len(clips) > 1 and not all(np.array_equal(clips[0], other) for other in clips[1:]):
                raise StoreError(
                    f"audio id {audio_id!r} means different audio in the joined stores; read "
                    "codes by row (`store.codes`), or rename it in one of the sources"
                )
            if clips:
                return clips[0]
            content = self.clip_reader.content(audio_id, instance)
            return cache.codes(content, lambda: samples(audio_id, instance, content))

        return codes


def _roots(root: str | os.PathLike[str] | list[Path]) -> Sequence[str | os.PathLike[str]]:
    """One root, or several stores."""
    if isinstance(root, list):
        return [check_path("root", path) for path in root]
    path = check_path("root", root).expanduser()
    return [path] if path.exists() else split_roots(os.fspath(root))


def _source_of(store: Store, cache_dir: Path) -> Path:
    """The root that a store was built from."""
    source = store.facts.source
    return open_root(source, cache_dir, None) if is_address(source) else Path(source)


def _is_there(path: Path) -> bool:
    # Of a store on the web there need not be a list of what its folder holds.
    return is_store(path) or is_plain_file(path) or is_folder(path)


def _missing_text(path: Path) -> str:
    root = shown_root(path)
    is_web = root.startswith(("http://", "https://"))
    web = "; over http a folder has to have a list of what it holds" if is_web else ""
    return (
        f"{root}: no such corpus; expected a release tree, a folder of JSONL, a JSONL "
        f"file or a store (AUDIOFLAN_DATA_DIR, or Corpus(root)){web}"
    )


def _reopen(
    paths: list[Path] | None,
    splits: Mapping[str, str],
    cache_dir: Path,
    stores: list[Store] | None = None,
) -> Corpus:
    """A corpus of another process; the demo corpus is that of this one's package."""
    corpus = Corpus([demo_root()] if paths is None else paths, splits=splits, cache_dir=cache_dir)
    corpus.is_demo = paths is None
    if stores is not None:
        corpus.__dict__["_base_stores"] = stores
    return corpus


@lru_cache(maxsize=8)
def _opened(root: str | None, cache_dir: Path | None) -> Corpus:
    return Corpus(root, cache_dir=cache_dir)


def open_corpus() -> Corpus:
    """The corpus of the settings as they are now, opened once per root and cache folder."""
    return _opened(
        None if settings.data_dir is None else str(settings.data_dir), settings.cache_dir
    )
