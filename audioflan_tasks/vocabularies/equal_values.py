"""Equal values of questions with two or three answers: yes is "the same", real is bona fide.

One table, `equal_values.toml`, serves those who write an instruction (it names the form that the
record's answer has), those who read answers, and those who score them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["EqualValues", "Form", "equal_values", "groups_of_values", "words_of_forms"]

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say the values of a task: "same/different".

    `words` has, for each value of the task in turn, what says it; the first is the plain one.
    `is_asked`: which value is meant depends on what the record asks.
    """

    name: str
    words: tuple[Group, ...]
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class EqualValues:
    """The values of a task, canonical, and the forms in which records say them.

    `read` has, for each value, further words that answers of models have for it; one that begins
    with "~" means it in an answer that has no other.
    """

    values: tuple[str, ...]
    forms: tuple[Form, ...]
    read: tuple[Group, ...] = ()

    @property
    def groups(self) -> tuple[Group, ...]:
        """For each value all words that mean it, the value first."""
        forms = [form for form in self.forms if not form.is_asked]
        groups = (_group(value, place, forms) for place, value in enumerate(self.values))
        read = self.read or ((),) * len(self.values)
        return tuple((*group, *words) for group, words in zip(groups, read, strict=True))


def _group(value: str, place: int, forms: Sequence[Form]) -> Group:
    words = [word for form in forms if place < len(form.words) for word in form.words[place]]
    read = (_table()["read"].get(form.name, ()) for form in forms)
    words += [word for groups in read if place < len(groups) for word in groups[place]]
    return tuple(dict.fromkeys((value, *words)))


@cache
def equal_values(task: str) -> EqualValues | None:
    """The values of a task that has a closed pair or triple of them; None for other tasks."""
    facts = _table()["tasks"].get(task)
    if facts is None:
        return None
    forms = [_form(name, facts.get("more", {})) for name in facts["forms"]]
    forms += [_form(name, {}, is_asked=True) for name in facts.get("asked", ())]
    read = tuple(tuple(words) for words in facts.get("read", ()))
    return EqualValues(tuple(facts["values"]), tuple(forms), read)


@cache
def groups_of_values(task: str) -> tuple[Group, ...]:
    """Words that mean the same value: the task's own; of other tasks what holds in general."""
    values = equal_values(task)
    if values is not None:
        return values.groups
    return tuple(
        group
        for names in _table()["general"]["forms"]
        for group in _merged([_form(name, {}) for name in names])
    )


@cache
def words_of_forms() -> tuple[str, ...]:
    """All words that say a value of two or three."""
    groups = (group for words in _table()["forms"].values() for group in words)
    return tuple(word.removeprefix("=") for group in groups for word in group)


def _merged(forms: Sequence[Form]) -> tuple[Group, ...]:
    count = max(len(form.words) for form in forms)
    return tuple(_group(forms[0].words[n][0], n, forms) for n in range(count))


def _form(name: str, extra_words: Mapping[str, Any], is_asked: bool = False) -> Form:
    words = [tuple(group) for group in _table()["forms"][name]]
    for place, group in enumerate(extra_words.get(name, ())):
        words[place] = (*words[place], *group)
    return Form(name, tuple(words), is_asked)


@cache
def _table() -> Mapping[str, Any]:
    file = resources.files(__package__) / "equal_values.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
