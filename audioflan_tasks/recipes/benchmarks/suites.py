"""The public benchmarks that can be read: where their items lie, and which tasks they ask."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from audioflan_tasks import catalogue
from audioflan_tasks.errors import UnknownNameError

__all__ = ["Suite", "suite", "suites"]


class Suite(BaseModel):
    """A public benchmark; the head of suites.toml says what the fields mean."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    title: str
    homepage: str = Field(pattern=r"^https?://")
    licence: str
    files: tuple[str, ...] = Field(min_length=1)
    id: tuple[str, ...]
    question: tuple[str, ...] = Field(min_length=1)
    answer: tuple[str, ...] = Field(min_length=1)
    options: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    audio: tuple[tuple[str, ...], ...] = Field(min_length=1)
    folders: tuple[str, ...] = ("",)
    letters: bool = False
    tasks: Mapping[str, str] = Field(default_factory=dict)
    near: tuple[str, ...] = ()
    by_rule: tuple[str, ...] = ()

    def with_tasks(self, tasks: Mapping[str, str]) -> Suite:
        """The suite with tasks of the user's choice, by kind, before its own.

        Raises:
          UnknownNameError: there is no such task.
        """
        ids = {kind: catalogue.get(task).id if task else "" for kind, task in tasks.items()}
        others = {kind: task for kind, task in self.tasks.items() if kind not in ids}
        return self.model_copy(update={"tasks": {**ids, **others}})

    def task_of(self, kind: str) -> str:
        """Id of the task that items of a kind ask; "" for none."""
        return next((task for pattern, task in self.tasks.items() if _fits(kind, pattern)), "")

    def is_near(self, kind: str) -> bool:
        """Whether the task asks only nearly what items of the kind ask."""
        return any(_fits(kind, pattern) for pattern in self.near)

    def scores(self, kind: str) -> bool:
        """Whether its own rule scores items of the kind."""
        return any(_fits(kind, pattern) for pattern in self.by_rule)


def _fits(kind: str, pattern: str) -> bool:
    return fnmatchcase(kind.lower(), pattern.lower())


@cache
def suites() -> Mapping[str, Suite]:
    """All suites, by name."""
    text = Path(__file__).with_name("suites.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    return MappingProxyType({name: Suite(name=name, **table) for name, table in tables.items()})


def suite(name: str) -> Suite:
    """A suite by name.

    Raises:
      UnknownNameError: there is none.
    """
    if name not in suites():
        raise UnknownNameError("benchmark", name, suites(), " (audioflan benchmark)")
    return suites()[name]
