"""What is held out, as one frozen value that mixtures carry into training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from inspect import signature
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.arguments import check_names
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.mixtures.holdout.clusters import (
    DEFAULT_WIDTH,
    Width,
    clusters,
    clusters_of,
    held_out,
    refused_with,
)
from audioflan_tasks.records import Instance
from audioflan_tasks.records.row_filter import RowFilter

__all__ = ["NO_HOLD_OUT", "HoldOut", "hold_out_of", "hold_out_value"]


@dataclass(frozen=True, slots=True)
class HoldOut:
    """What is held out: tasks by name, and records by corpus, origin, language or speaker.

    `tasks` are measured; `refused` may not be trained on: the whole cluster of each, of a `width`,
    but for the `allowed_tasks`, which somebody named.
    A record that carries `unseen: true` is measured and never trained on, whatever its
    task. `unseen: false` is ignored, since every record of the paper has it.
    """

    name: str
    tasks: frozenset[str]
    refused: frozenset[str]
    corpora: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    allowed_tasks: frozenset[str] = frozenset()
    width: Width = DEFAULT_WIDTH

    def __bool__(self) -> bool:
        return bool(self.refused or self.by_record)

    def __or__(self, other: HoldOut) -> HoldOut:
        """What either holds out."""
        if not other or not self:
            return self or other
        sets = {name: getattr(self, name) | getattr(other, name) for name in _SETS}
        name = self.name if self.name == other.name else f"{self.name}; {other.name}"
        return replace(
            self, name=name, **{**sets, "allowed_tasks": sets["allowed_tasks"] - sets["refused"]}
        )

    @property
    def by_record(self) -> bool:
        """Whether single records are held out, not only whole tasks."""
        return bool(self.corpora or self.origins or self.languages or self.speakers)

    @property
    def records(self) -> RowFilter:
        """The filter that keeps the single records that are held out; empty where none are."""
        return _records(self.corpora, self.origins, self.languages, self.speakers)

    @property
    def description(self) -> dict[str, Any]:
        """The value as plain JSON, without what is empty."""
        sets = {name: sorted(getattr(self, name)) for name in _SETS if getattr(self, name)}
        return {"name": self.name, "width": self.width, **sets} if self else {}

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> HoldOut:
        """From what `description` gave."""
        if not description:
            return NO_HOLD_OUT
        sets = {name: frozenset(description.get(name, ())) for name in _SETS}
        return cls(description["name"], width=description["width"], **sets)

    def for_training(self, instance: Instance) -> bool:
        """Whether a record may be trained on; what shares its audio or text is not looked at."""
        return not (
            instance.unseen or PREFIX + instance.task in self.refused or self._is_listed(instance)
        )

    def for_evaluation(self, instance: Instance) -> bool:
        """Whether a record measures what is held out."""
        return instance.unseen or PREFIX + instance.task in self.tasks or self._is_listed(instance)

    def refuse(self, names: Iterable[str]) -> None:
        """Raises MixtureError where a name may not be trained on, and says why."""
        wrong = sorted(set(names) & self.refused)
        if wrong:
            raise MixtureError(
                f"held out for evaluation ({self.name}): {', '.join(map(self._why, wrong))}; "
                "leave them out of training (exclude=...), or name each in allow_held_out=[...]"
            )

    def allowing(self, names: Iterable[str]) -> HoldOut:
        """This, but for tasks that are trained on although they are held out; it says so.

        Raises:
          UnknownNameError: no such task.
        """
        if isinstance(names, bool | str):
            raise MixtureError(
                f"allow_held_out={names!r}: expected a list of names of tasks; what is held out "
                'says hold_out ("default" for audioflan_unseen)'
            )
        allowed_names = {catalogue.get(name).name for name in names} & self.refused
        if not allowed_names:
            return self
        name = f"{self.name}, but trained on {', '.join(sorted(allowed_names))}"
        refused, allowed_tasks = self.refused - allowed_names, self.allowed_tasks | allowed_names
        return replace(self, name=name, refused=refused, allowed_tasks=allowed_tasks)

    def lacks(self, other: HoldOut) -> list[str]:
        """What another holds out and this does not."""
        return sorted(
            value
            for name in _SETS
            if name not in ("tasks", "allowed_tasks")
            for value in getattr(other, name) - getattr(self, name) - self.allowed_tasks
        )

    def _why(self, name: str) -> str:
        if name in self.tasks:
            return name
        neighbours = clusters(self.width)[name] | clusters("task")[name]
        measured = sorted(neighbours & self.tasks)
        return f"{name} (in one cluster with {measured[0]})" if measured else name

    def _is_listed(self, instance: Instance) -> bool:
        return self.by_record and self.records.keeps(instance)


_SETS = tuple(field.name for field in fields(HoldOut) if field.name not in ("name", "width"))

_DEFAULT = f"{PREFIX}unseen"

NO_HOLD_OUT = HoldOut("", frozenset(), frozenset())


def hold_out_of(
    *,
    tasks: Iterable[str] | None = None,
    majors: Iterable[str] | None = None,
    families: Iterable[str] | None = None,
    clusters: Iterable[str] | None = None,
    corpora: Iterable[str] | None = None,
    origins: Iterable[str] | None = None,
    languages: Iterable[str] | None = None,
    speakers: Iterable[str] | None = None,
    width: Width = DEFAULT_WIDTH,
) -> HoldOut:
    """The value of the arguments of `hold_out`; without any, the default held-out set.

    Raises:
      UnknownNameError: no such task, major task, family or width.
      SettingsError: a value is neither a name nor several.
      MixtureError: lists are given, and all of them are empty.
    """
    lists = {
        "tasks": tasks, "majors": majors, "families": families, "clusters": clusters,
        "corpora": corpora, "origins": origins, "languages": languages, "speakers": speakers,
    }  # fmt: skip
    values = {
        name: () if listing is None else check_names(name, listing)
        for name, listing in lists.items()
    }
    names = frozenset(
        [catalogue.get(name).name for name in values["tasks"]]
        + [task for name in values["majors"] for task in _tasks_of_major(name)]
        + [task for name in values["families"] for task in clusters_of(name, "family")]
        + [task for name in values["clusters"] for task in clusters_of(name, width)]
    )
    by_record = {n: frozenset(values[n]) for n in ("corpora", "origins", "languages", "speakers")}
    labels = [catalogue.get(name).name for name in values.pop("tasks")]
    labels += [name for listing in values.values() for name in listing]
    if not labels and any(listing is not None for listing in lists.values()):
        raise MixtureError(
            "hold_out: the lists name nothing; name what is held out, or leave all of them out for "
            f"{_DEFAULT}"
        )
    if not labels:
        names, labels = held_out(), [_DEFAULT]
    label = ", ".join(sorted(labels))
    return HoldOut(label, names, refused_with(names, width), **by_record, width=width)


def hold_out_value(value: object) -> HoldOut:
    """What a mixture is given as `hold_out`: None, "default", a table of the arguments, or a value.

    Raises:
      MixtureError: none of these.
    """
    if value is None:
        return NO_HOLD_OUT
    if value == "default":
        return hold_out_of()
    if isinstance(value, HoldOut):
        return value
    inner = getattr(value, "hold_out", None)
    if isinstance(inner, HoldOut):
        return inner
    if isinstance(value, Mapping):
        keys = tuple(signature(hold_out_of).parameters)
        unknown_keys = [str(key) for key in value if key not in keys]
        if unknown_keys:
            raise UnknownNameError("key of hold_out", unknown_keys[0], keys)
        # A table is written down once and read often: it says lists as lists.
        text = next((key for key in value if isinstance(value[key], str) and key != "width"), None)
        if text is not None:
            raise MixtureError(
                f"hold_out: {text}={value[text]!r}: expected a list, as in [{value[text]!r}]"
            )
        return hold_out_of(**value)
    raise MixtureError(
        f'hold_out={value!r}: expected "default", a Split of hold_out(...), or a table such as '
        '{ languages = ["French"] }'
    )


def _tasks_of_major(name: str) -> frozenset[str]:
    key = catalogue.snake(name)
    tasks = [r.name for r in catalogue.tasks() if catalogue.snake(r.major) == key]
    if not tasks:
        raise UnknownNameError("major task", name, [m.name for m in catalogue.majors()])
    return frozenset(tasks)


@lru_cache(maxsize=64)
def _records(
    corpora: frozenset[str],
    origins: frozenset[str],
    languages: frozenset[str],
    speakers: frozenset[str],
) -> RowFilter:
    named_sets = {
        "corpus": corpora, "origin": origins, "language": languages, "speaker": speakers,
    }  # fmt: skip
    filters = tuple(
        RowFilter.of({field: sorted(values)}) for field, values in named_sets.items() if values
    )
    return RowFilter(either=filters)
