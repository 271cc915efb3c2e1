"""The people in a recording, as records name them."""

from __future__ import annotations

from collections.abc import Iterator

from audioflan_tasks.records.instance import Instance

__all__ = ["PEOPLE", "people_of"]

# Fields of `other` that name the person in a recording.
PEOPLE = ("speaker", "speaker_id", "speakers", "singer", "artist", "performer", "composer")


def people_of(instance: Instance) -> Iterator[str]:
    """Names or ids of speakers, singers and artists, as the record writes them."""
    for field in PEOPLE:
        value = instance.other.get(field)
        for person in value if isinstance(value, list | tuple) else (value,):
            if person not in (None, ""):
                yield str(person)
