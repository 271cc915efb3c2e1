"""Whether a store's texts were made with the catalogue of now."""

from __future__ import annotations

import logging
from pathlib import Path

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.catalogue_digest import catalogue_digest, file_digest
from audioflan_tasks.store.schema import TextSet

__all__ = ["CatalogueCheck"]

_LOG = logging.getLogger("audioflan_tasks")


class CatalogueCheck:
    """Compares the catalogue's rows with those that a store's texts were made with.

    A task that differs is named once in the log.
    """

    def __init__(self, store: Path, texts: TextSet | None) -> None:
        self._store = store
        self._digests = texts.tasks if texts is not None else {}
        self._file_digests = texts.files if texts is not None else {}
        self._warned_tasks: set[str] = set()

    def is_current(self, task: str) -> bool:
        """Whether the numbers of signatures of a task's rows still hold."""
        row = catalogue.find(task)
        if self._file_digests.get(task) == file_digest(row):
            return True
        if self._digests.get(task) == catalogue_digest(row):
            return True
        if task not in self._warned_tasks:
            self._warned_tasks.add(task)
            _LOG.warning(
                "%s: the catalogue's row of %s has changed since the store was built; its examples "
                "are made of the records, which is slower. Bring the store up to date with: "
                "audioflan build",
                self._store,
                task,
            )
        return False
