"""Names of tasks as mixtures write them: of the catalogue, or of foreign tasks."""

from __future__ import annotations

from audioflan_tasks import catalogue
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.foreign import find, names

__all__ = ["task_name"]


def task_name(name: str) -> str:
    """The registry name of a task of the catalogue, or the name of a foreign task.

    Raises:
      UnknownNameError: nothing has that name; with the nearest ones.
      MixtureError: two tasks have it.
    """
    if find(name) is not None:
        return name
    try:
        return catalogue.get(name).name
    except UnknownNameError:
        if not names():
            raise
        known_names = {*names(), *(row.name for row in catalogue.tasks())}
        known_names |= {row.id for row in catalogue.tasks()}
        hint = f" (list them: audioflan tasks; of others: {', '.join(names())})"
        raise UnknownNameError("task", name, known_names, hint) from None
