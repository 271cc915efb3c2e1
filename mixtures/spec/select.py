"""Selection of tasks by name, or by a field of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow, snake
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.foreign import find, names
from audioflan_tasks.mixtures.holdout.clusters import clusters, held_out

__all__ = ["FIELDS", "part_names", "select", "selected"]

# What may stand before a colon: "major:Speech Enhancement", "corpus:LibriTTS-R".
FIELDS: Mapping[str, Callable[[TaskRow], Iterable[str]]] = {
    "task": lambda row: (row.id, row.name),
    "domain": lambda row: (row.domain,),
    "major": lambda row: (row.major,),
    "category": lambda row: (row.paper_category,),
    "corpus": lambda row: row.corpora,
    "reads": lambda row: row.reads,
    "writes": lambda row: row.writes,
    "answer": lambda row: (row.answer,),
    "attribute": lambda row: row.attributes,
    "family": lambda row: (row.family_name,),
    "cluster": lambda row: [name for n in clusters("task")[row.name] for name in (n, n[10:])],
}


def select(parts: Iterable[str], exclude: Iterable[str] = ()) -> tuple[str, ...]:
    """Registry names of the tasks that any part names and none of `exclude`; each once.

    A part is `all`, `held_out`, a task, domain, category or major task, or `field:value`
    with a field of `FIELDS`. Nothing selects all tasks.

    Raises:
      UnknownNameError: a part matches nothing; with the nearest names.
      MixtureError: no task is left.
    """
    selections, exclusions = tuple(parts) or ("all",), tuple(exclude)
    left_out = {name for part in exclusions for name in selected(part)}
    names = dict.fromkeys(name for part in selections for name in selected(part))
    if not names.keys() - left_out:
        raise MixtureError(
            f"no task is left of {', '.join(selections)} without {', '.join(exclusions)}"
        )
    return tuple(name for name in names if name not in left_out)


def selected(part: str) -> tuple[str, ...]:
    """Registry names of the tasks that one part names."""
    foreign_task, own_tasks = find(part), _catalogue_tasks(part)
    if foreign_task is not None and own_tasks:
        raise MixtureError(
            f"{part!r} is a task of seqio's registry or of text_task, and selects tasks of the "
            "catalogue as well; register the first under another name"
        )
    if foreign_task is not None:
        return (part,)
    return own_tasks or (_by_name(part).name,)


def _catalogue_tasks(part: str) -> tuple[str, ...]:
    """Registry names of the catalogue's tasks that a part selects; () where it is no selection."""
    rows = catalogue.tasks()
    if part == "all":
        return tuple(row.name for row in rows)
    if part == "held_out":
        return tuple(row.name for row in rows if row.name in held_out())
    field, colon, value = part.partition(":")
    if colon and find(part) is None:
        return _by_field(field.strip(), value.strip(), rows)
    plain = snake(part)
    majors = {
        g for g in catalogue.majors() if part in (g.domain, g.category) or plain == snake(g.name)
    }
    # Speech Caption and Music Caption are a major task and its only minor task alike.
    return tuple(row.name for row in rows if row.group in majors) if majors else ()


def _by_field(field: str, value: str, rows: tuple[TaskRow, ...]) -> tuple[str, ...]:
    if field not in FIELDS:
        raise UnknownNameError("field to select by", field, FIELDS)
    values = FIELDS[field]
    names = tuple(row.name for row in rows if snake(value) in {snake(v) for v in values(row)})
    if not names:
        raise UnknownNameError(field, value, {v for row in rows for v in values(row)})
    return names


def _by_name(part: str) -> TaskRow:
    try:
        return catalogue.get(part)
    except UnknownNameError:
        hint = " (list them: audioflan tasks)"
        raise UnknownNameError("task or group of tasks", part, part_names(), hint) from None


def part_names() -> set[str]:
    """Names of tasks and of groups that a part may be."""
    rows, groups = catalogue.tasks(), catalogue.majors()
    tasks = {row.id for row in rows} | {row.name for row in rows} | {*names()}
    return tasks | {name for g in groups for name in (g.name, g.domain, g.category)}
