"""The places where a record may name its task, and whether they name the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from audioflan_tasks import catalogue

__all__ = ["TASK_KEYS", "disagreement"]

# Where a record without `task_type` may have the name of its minor task.
TASK_KEYS = ("task", "minor", "task_name", "minor_task")
_DOMAINS = ("", "speech", "music", "audio")


class _TaskName(NamedTuple):
    """A name, and the key that has it."""

    key: str
    name: str


def disagreement(fields: Mapping[str, Any]) -> str:
    """What is wrong where a record names two tasks; "" where it names one, or none.

    Only names that the catalogue knows count: another key `task` may mean anything.
    """
    names = tuple(_names(fields))
    return _disagreement(names, str(fields.get("domain") or "")) if len(names) > 1 else ""


def _disagreement(names: tuple[_TaskName, ...], domain: str) -> str:
    known_names = [(place, tasks) for place in names if (tasks := _tasks(place.name, domain))]
    for (first, tasks), (other, other_tasks) in itertools.pairwise(known_names):
        if tasks.isdisjoint(other_tasks):
            return (
                f"{first.key} names {first.name!r}, but {other.key} names {other.name!r}; "
                "a record has one task: name it once"
            )
    return ""


def _tasks(name: str, domain: str) -> frozenset[str]:
    """Ids of the tasks that a name may mean."""
    rows = (
        catalogue.resolve(name, place, "", reads_audio=reads_audio)
        for place in (domain, *_DOMAINS)
        for reads_audio in (None, True)
    )
    return frozenset(row.id for row in rows if row is not None)


def _names(fields: Mapping[str, Any]) -> Iterator[_TaskName]:
    task_type = fields.get("task_type")
    minor = task_type.get("minor") if isinstance(task_type, dict) else task_type
    yield from _texts("task_type", minor)
    for key in TASK_KEYS:
        yield from _texts(key, fields.get(key))


def _texts(key: str, value: Any) -> Iterator[_TaskName]:
    """The names of a key that has a text or a list of texts."""
    values = value if isinstance(value, list) else [value]
    yield from (_TaskName(key, v) for v in values if isinstance(v, str) and v.strip())
