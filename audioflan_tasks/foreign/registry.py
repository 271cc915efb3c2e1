"""Foreign tasks by name: those of `text_task`, and those of seqio once that is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.foreign.protocol import ForeignTask

__all__ = [
    "SeqioSide",
    "add",
    "connect_seqio",
    "find",
    "get",
    "is_foreign",
    "names",
    "text_tasks_of",
]


class SeqioSide(Protocol):
    """What `seqio_tasks` tells of seqio's registries, as nothing here may import it."""

    def find(self, name: str) -> ForeignTask | None:
        """The task of that name, unless it is one of the catalogue's."""
        ...

    def names(self) -> Iterable[str]:
        """Names of all that `find` finds."""
        ...

    def show(self, name: str) -> None:
        """Puts a task of `text_task` into seqio's registry."""
        ...


_text_tasks: dict[str, ForeignTask] = {}
_seqio_side: SeqioSide | None = None


def connect_seqio(side: SeqioSide) -> None:
    """Makes seqio's tasks known here, and those of `text_task` there."""
    global _seqio_side
    _seqio_side = side
    for name in _text_tasks:
        side.show(name)


def add(task: ForeignTask) -> None:
    """Adds a task of `text_task`.

    Raises:
      MixtureError: its name is that of another task.
    """
    name = task.name
    if _text_tasks.get(name, task) != task:
        raise MixtureError(f"a text task {name!r} over other files exists already; choose a name")
    if name not in _text_tasks and (_catalogue_name(name) or name.startswith(PREFIX) or find(name)):
        raise MixtureError(f"the name {name!r} is that of another task; choose another")
    _text_tasks[name] = task
    if _seqio_side is not None:
        _seqio_side.show(name)


def find(name: str) -> ForeignTask | None:
    """The foreign task of a name, or None.

    Raises:
      MixtureError: the name is that of a task in the catalogue as well.
    """
    task = _text_tasks.get(name)
    if task is None and _seqio_side is not None:
        task = _seqio_side.find(name)
    if task is not None and _catalogue_name(name):
        raise MixtureError(
            f"two tasks are called {name!r}: one of seqio's registry, and {_catalogue_name(name)} "
            "of the catalogue; register the first under another name, or write the second so"
        )
    return task


def get(name: str) -> ForeignTask:
    """The foreign task of a name.

    Raises:
      UnknownNameError: there is none in this process.
    """
    task = find(name)
    if task is None:
        raise UnknownNameError(
            "task", name, names(),
            " (register it where a module is imported, not under `if __name__`: with "
            "seqio.TaskRegistry.add or audioflan_tasks.text_task)",
        )  # fmt: skip
    return task


def names() -> tuple[str, ...]:
    """Names of all foreign tasks."""
    seqio_names = () if _seqio_side is None else _seqio_side.names()
    return tuple(dict.fromkeys((*_text_tasks, *seqio_names)))


def text_tasks_of(tasks: Iterable[str]) -> Mapping[str, ForeignTask]:
    """Those of these tasks that `text_task` made, by name."""
    return {name: _text_tasks[name] for name in tasks if name in _text_tasks}


def is_foreign(task: str) -> bool:
    """Whether a name in a mixture is that of no task in the catalogue."""
    return _catalogue_name(task) != task


def _catalogue_name(name: str) -> str:
    """The registry name of a task in the catalogue; "" where there is none of that name."""
    row = catalogue.find(name)
    return "" if row is None else row.name
