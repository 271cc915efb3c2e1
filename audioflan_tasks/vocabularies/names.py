"""The names that stand for labels of a task inside a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from audioflan_tasks.vocabularies.library import vocabularies_of
from audioflan_tasks.vocabularies.matching import matcher
from audioflan_tasks.vocabularies.spelling import label_key
from audioflan_tasks.vocabularies.vocabulary import Vocabulary

__all__ = ["main_name_keys", "name_keys"]

_SHORTEST = 3
_SHORTEST_PLURAL = 4


@cache
def name_keys(task: str, labels: tuple[str, ...] = ()) -> frozenset[str]:
    """Keys of all names of a task's labels, in the plural too; no short codes ("is").

    `labels` are its closed set. Vocabularies whose labels differ in case only are left out.
    """
    keys = {*_vocabulary_keys(task), *(matcher(labels, task).keys if labels else ())}
    return frozenset(key for key in keys if len(key) >= (_SHORTEST if key.isascii() else 2))


@cache
def main_name_keys(task: str) -> frozenset[str]:
    """Keys of the names that a task's labels have in their own lists, without aliases."""
    return frozenset(label_key(name) for v in vocabularies_of(task) for name in v.names)


def _vocabulary_keys(task: str) -> Iterator[str]:
    for vocabulary in vocabularies_of(task):
        if not vocabulary.case_matters:
            for key in _keys(vocabulary):
                yield key
                if key.isascii() and len(key) >= _SHORTEST_PLURAL:
                    yield f"{key}s"


def _keys(vocabulary: Vocabulary) -> Iterator[str]:
    return (label_key(name) for label in vocabulary.labels for name in label.names)
