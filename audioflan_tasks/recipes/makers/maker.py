"""What a maker is, and the labels of a corpus that its questions may list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

from audioflan_tasks import catalogue
from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.recording import Recording

__all__ = ["CorpusLabels", "FromAll", "FromOne", "Maker", "labels_of"]

# More labels than this are no list to choose from.
_MOST_OPTIONS = 60

# Labels of a corpus by fact.
CorpusLabels: TypeAlias = Mapping[str, tuple[str, ...]]
FromOne: TypeAlias = Callable[[Recording, CorpusLabels], Iterator[Draft]]
FromAll: TypeAlias = Callable[[Sequence[Recording]], Iterator[Draft]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """How questions of a task follow from recordings.

    `needs` are the facts that a recording must have; `label` is the one of them whose values in the
    corpus are the options of its questions, "" if they list none. One of `from_one` (each
    recording by itself) and `from_all` (those of a split) is given. `roles` are recordings of other
    use that `from_all` gets too, such as noise; `domain` is that of the recordings where it is not
    the task's.
    """

    task: str
    needs: tuple[str, ...]
    label: str = ""
    roles: tuple[str, ...] = ()
    domain: str = ""
    from_one: FromOne | None = None
    from_all: FromAll | None = None

    def can_use(self, recording: Recording) -> bool:
        """Whether a recording is one of those that the questions need."""
        return recording.role in self.roles if recording.role else self.can_ask(recording)

    def can_ask(self, recording: Recording) -> bool:
        """Whether a question may be about a recording: its domain is right, its facts are there."""
        if recording.role or recording.domain != (self.domain or _domain(self.task)):
            return False
        return all(_is_known(recording, fact) for fact in self.needs)


def labels_of(recordings: Iterable[Recording], facts: Iterable[str]) -> CorpusLabels:
    """The labels of each fact, sorted; facts with one label or more than 60 are left out."""
    counts = {fact: Counter[str]() for fact in facts}
    for recording in recordings:
        for fact, counter in counts.items():
            value = getattr(recording, fact)
            counter.update(value if isinstance(value, tuple) else [value] if value else [])
    return MappingProxyType(
        {
            fact: tuple(sorted(counter))
            for fact, counter in counts.items()
            if 2 <= len(counter) <= _MOST_OPTIONS
        }
    )


@cache
def _domain(task: str) -> str:
    return catalogue.get(task).domain


def _is_known(recording: Recording, fact: str) -> bool:
    value = getattr(recording, fact)
    # False and 0 are facts.
    return value is not None and value != "" and value != ()
