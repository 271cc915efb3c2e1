"""Readers of other libraries that can take the place of our own, by the library's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from audioflan_tasks.errors import MissingExtraError, SettingsError, UnknownNameError
from audioflan_tasks.recipes.corpora import CorpusReader
from audioflan_tasks.recipes.loaders.indexed_corpora import MIRDATA, SOUNDATA
from audioflan_tasks.recipes.loaders.lhotse_corpora import LHOTSE
from audioflan_tasks.recipes.loaders.prepared_corpora import TFDS
from audioflan_tasks.recipes.recording import Recording

__all__ = ["LOADERS", "loader_reader"]

LOADERS: Mapping[str, Mapping[str, CorpusReader]] = MappingProxyType(
    {
        library: MappingProxyType({reader.name: reader for reader in readers})
        for library, readers in (
            ("lhotse", LHOTSE),
            ("mirdata", MIRDATA),
            ("soundata", SOUNDATA),
            ("tfds", TFDS),
        )
    }
)
_PACKAGES = MappingProxyType({"tfds": "tensorflow_datasets"})


def loader_reader(corpus: str, library: str) -> CorpusReader:
    """A library's reader of a corpus.

    Raises:
      UnknownNameError: no such library.
      SettingsError: it does not know the corpus.
      MissingExtraError: it is not installed.
    """
    if library not in LOADERS:
        raise UnknownNameError("loader", library, LOADERS)
    reader = LOADERS[library].get(corpus)
    if reader is None:
        raise SettingsError(
            f"{corpus}: {library} does not read it; it reads {', '.join(LOADERS[library])}"
        )
    package = _PACKAGES.get(library, library)
    if find_spec(package) is None:
        raise MissingExtraError(package, "recipes", f"the loader {library}")
    return _read_once(reader) if library == "lhotse" else reader


def _read_once(reader: CorpusReader) -> CorpusReader:
    """lhotse opens every file of a corpus, which is read several times as it is written."""

    @cache
    def recordings(root: Path) -> tuple[Recording, ...]:
        return tuple(reader.read(root))

    return replace(reader, read=recordings)
