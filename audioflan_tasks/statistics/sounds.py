"""What kind of sound a label names: Figure 3 counts these within the domain of audio.

AudioSet's classes stand in the order of its ontology: speech, other sounds of people, animals,
music, nature, things, surroundings. So a label's kind follows from its place among them.
"""

from __future__ import annotations

from functools import cache, lru_cache

from audioflan_tasks import vocabularies
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.evaluation.gold_parsing import names_in
from audioflan_tasks.vocabularies import Vocabulary, split_labels

__all__ = ["attributes_heard", "names_sounds"]

# The first class of each part of the ontology, and the attribute of its classes.
_PARTS = (
    ("Speech", "speech"),
    ("Shout", "human"),
    ("Animal", "animal"),
    ("Music", "music"),
    ("Wind", "nature"),
    ("Vehicle", "object"),
    ("Silence", "other sounds"),
    ("Inside, small room", "scene"),
    ("Reverberation", "other sounds"),
)
_OTHER_SOUND = "other sounds"


def names_sounds(row: TaskRow) -> bool:
    """Whether answers to a task name sounds."""
    return row.names_heard == "events"


def attributes_heard(row: TaskRow, answer: str) -> frozenset[str]:
    """Attributes of the sounds that an answer names; empty for tasks that name none."""
    if not names_sounds(row):
        return frozenset()
    names = names_in(answer, row.answer_kind)
    return frozenset(_attribute(item) for name in names for item in split_labels(name, _audioset()))


@lru_cache(maxsize=65536)
def _attribute(name: str) -> str:
    vocabulary = _audioset()
    label = vocabulary.find(name)
    if label is None:
        return _OTHER_SOUND
    return _attributes()[vocabulary.labels.index(label)]


@cache
def _attributes() -> tuple[str, ...]:
    """The attribute of each class of AudioSet, in its order."""
    first_classes = dict(_PARTS)
    attributes: list[str] = []
    for name in _audioset().names:
        attributes.append(first_classes.get(name) or attributes[-1])
    return tuple(attributes)


def _audioset() -> Vocabulary:
    return vocabularies.get("audioset")
