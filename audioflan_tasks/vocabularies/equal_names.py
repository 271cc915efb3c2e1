"""Names that mean the same, for a set of labels: one table for renderer, readers and metrics.

It is put together of the equal values of a task, what its vocabularies call one thing, and the
groups of `equal_names.toml`, which hold for every task.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources

from audioflan_tasks.vocabularies.equal_values import groups_of_values
from audioflan_tasks.vocabularies.library import vocabularies_of
from audioflan_tasks.vocabularies.spelling import CJK, label_key, names_within
from audioflan_tasks.vocabularies.vocabulary import Label, Vocabulary, labels_by_key

__all__ = ["surfaces_of"]

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ZH_DIGITS = "零一二三四五六七八九十"

Group = tuple[str, ...]
Groups = Mapping[str, Sequence[Group]]


def surfaces_of(labels: Iterable[str], task: str = "") -> list[tuple[str, str]]:
    """(other name, label) for the labels of a set; names of two labels are left out.

    What the task and its vocabularies say goes before what holds in general: "relaxed" is
    "relaxing" where both "relaxing" and "calm" are labels. A name that begins with "=" holds for
    a whole answer only, not inside a sentence.
    """
    label_by_key: dict[str, str] = {}
    for label in labels:
        label_by_key.setdefault(label_key(label), label)
    surfaces: dict[str, str | None] = {}
    for groups in _tables(task):
        labels_by_name = _labels_by_name(groups, label_by_key)
        for name, label_set in labels_by_name.items():
            surfaces.setdefault(name, next(iter(label_set)) if len(label_set) == 1 else None)
    digits = ((name, label) for label in label_by_key.values() for name in _digits(label))
    for name, label in digits:
        surfaces.setdefault(name, label)
    return [(name, label) for name, label in surfaces.items() if label is not None]


def _labels_by_name(groups: Groups, label_by_key: Mapping[str, str]) -> Mapping[str, set[str]]:
    """The labels that each other name is of."""
    labels: dict[str, set[str]] = defaultdict(set)
    for label in label_by_key.values():
        for name in _other_names(label, groups):
            if label_key(name) not in label_by_key:
                labels[name].add(label)
    return labels


def _other_names(label: str, groups: Groups) -> Iterator[str]:
    """What else a label is called: by the groups that have it, or have a part of its spelling."""
    for spelling in names_within(label):
        key = label_key(spelling)
        yield from (name for group in groups.get(key, ()) for name in group)
        if key in groups:
            return


def _digits(label: str) -> Sequence[str]:
    if not label.isdecimal() or int(label) > 10:
        return ()
    return (_DIGITS[int(label)], _ZH_DIGITS[int(label)])


@lru_cache(maxsize=256)
def _tables(task: str) -> tuple[Groups, ...]:
    """Groups by the key of each name that says which is meant: of the task, and in general."""
    groups: dict[str, list[Group]] = defaultdict(list)
    for group in groups_of_values(task):
        for key in dict.fromkeys(map(label_key, group)):
            groups[key].append(group)
    for vocabulary in vocabularies_of(task):
        for key, group in _groups_of(vocabulary):
            groups[key].append(group)
    return groups, _general_groups()


@lru_cache(maxsize=1)
def _general_groups() -> Groups:
    groups: dict[str, list[Group]] = defaultdict(list)
    for name, synonyms in _table()["labels"].items():
        group = (name, *synonyms)
        for key in dict.fromkeys(map(label_key, group)):
            groups[key].append(group)
    return groups


def _groups_of(vocabulary: Vocabulary) -> Iterator[tuple[str, Group]]:
    """(key of a name, all names of its label). Where case matters, a key would mix labels up."""
    if vocabulary.case_matters:
        return
    names: dict[Label, list[str]] = defaultdict(list)
    for label in vocabulary.labels:
        codes = [f"={label.code}"] if label.code else []
        names[vocabulary.twins[label]] += [*map(_restricted, label.names), *codes]
    for key, label in labels_by_key(vocabulary).items():
        yield key, tuple(names[vocabulary.twins[label]])


def _restricted(name: str) -> str:
    """A name of one Chinese character is a part of many words: it holds for whole answers."""
    return f"={name}" if len(name) == 1 and "\u3005" <= name <= CJK[-1] else name


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, list[str]]]:
    file = resources.files(__package__) / "equal_names.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
