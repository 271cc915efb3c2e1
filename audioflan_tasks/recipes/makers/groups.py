"""Recordings that share facts, and partners among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence

from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.seeds import seed_of

__all__ = ["Fits", "Groups"]

_TRIES = 20

Fits = Callable[[Recording, Recording], bool]


class Groups:
    """Recordings by the value of some facts; partners are drawn by the seed of the asker."""

    def __init__(self, recordings: Sequence[Recording], facts: Sequence[str]) -> None:
        self._facts = tuple(facts)
        self._groups: Mapping[Hashable, list[Recording]] = defaultdict(list)
        for recording in recordings:
            self._groups[self._key(recording)].append(recording)

    def partner(self, recording: Recording, draw: str, fits: Fits) -> Recording | None:
        """Another recording of its group that fits; None after 20 that do not."""
        group = self._groups[self._key(recording)]
        for attempt in range(min(_TRIES, len(group) * 3)):
            other = group[seed_of(draw, recording.id, attempt) % len(group)]
            if other.id != recording.id and fits(recording, other):
                return other
        return None

    def _key(self, recording: Recording) -> Hashable:
        return tuple(getattr(recording, fact) for fact in self._facts)
