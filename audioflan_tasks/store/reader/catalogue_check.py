"""Whether a store's texts were made with the catalogue of now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from audioflan_tasks import catalogue
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.preprocessors.prompt_signature import catalogue_digest

__all__ = ["CatalogueCheck"]

_LOG = logging.getLogger("audioflan_tasks")


class CatalogueCheck:
    """Compares the catalogue's rows with those that a store's texts were made with.

    `digests` are by task. A task that differs is named once in the log.
    """

    def __init__(self, store: Path, digests: Mapping[str, str]) -> None:
        self._store, self._digests = store, digests
        self._warned_tasks: set[str] = set()

    def is_current(self, task: str) -> bool:
        """Whether the numbers of signatures of a task's rows still hold."""
        if self._digests.get(task) == _digest_of(task):
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


def _digest_of(task: str) -> str:
    try:
        return catalogue_digest(catalogue.get(task))
    except UnknownNameError:
        return ""
