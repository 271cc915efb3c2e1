"""Names that mean the same, for a set of labels: one table for renderer, readers and metrics.

It is put together of `equal_names.toml` (general groups, and groups of one task), the equal
values of the task, and what its vocabularies call one thing.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources

from audioflan_tasks.vocabularies.equal_values import groups_of_values
from audioflan_tasks.vocabularies.library import vocabularies_of
from audioflan_tasks.vocabularies.spelling import CJK, label_key, names_within
from audioflan_tasks.vocabularies.vocabulary import Vocabulary, labels_by_key

__all__ = ["surfaces_of"]

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ZH_DIGITS = "零一二三四五六七八九十"

Group = tuple[str, ...]


def surfaces_of(labels: Iterable[str], task: str = "") -> list[tuple[str, str]]:
    """(other name, label) for the labels of a set; names of two labels are left out.

    A name that begins with "=" holds for a whole answer only, not inside a sentence.
    """
    label_by_key: dict[str, str] = {}
    for label in labels:
        label_by_key.setdefault(label_key(label), label)
    labels_by_name: dict[str, set[str]] = defaultdict(set)
    for label in label_by_key.values():
        for name in _other_names(label, task):
            if label_key(name) not in label_by_key:
                labels_by_name[name].add(label)
    return [(name, next(iter(s))) for name, s in labels_by_name.items() if len(s) == 1]


def _other_names(label: str, task: str) -> Iterator[str]:
    """What else a label is called: by the groups that have it, or have a part of its spelling."""
    groups = _groups_by_key(task)
    for spelling in names_within(label):
        key = label_key(spelling)
        yield from (name for group in groups.get(key, ()) for name in group)
        if key in groups:
            break
    if label.isdecimal() and int(label) <= 10:
        yield from (_DIGITS[int(label)], _ZH_DIGITS[int(label)])


@lru_cache(maxsize=256)
def _groups_by_key(task: str) -> Mapping[str, list[Group]]:
    """The groups of a task by the key of each name that says which group is meant."""
    groups: dict[str, list[Group]] = defaultdict(list)
    for group in (*groups_of_values(task), *_listed_groups(task)):
        for key in dict.fromkeys(map(label_key, group)):
            groups[key].append(group)
    for vocabulary in vocabularies_of(task):
        for key, group in _groups_of(vocabulary):
            groups[key].append(group)
    return groups


def _groups_of(vocabulary: Vocabulary) -> Iterator[tuple[str, Group]]:
    """(key of a name, all names of its label). Where case matters, a key would mix labels up."""
    if vocabulary.case_matters:
        return
    for key, label in labels_by_key(vocabulary).items():
        names = [_restricted(name) for name in label.names]
        yield key, (*names, *([f"={label.code}"] if label.code else ()))


def _restricted(name: str) -> str:
    """A name of one Chinese character is a part of many words: it holds for whole answers."""
    return f"={name}" if len(name) == 1 and "\u3005" <= name <= CJK[-1] else name


def _listed_groups(task: str) -> Iterator[Group]:
    table = _table()
    for part in (table.get("task", {}).get(task, {}), table["labels"]):
        for name, synonyms in part.items():
            yield (name, *synonyms)


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, dict[str, list[str]]]]:
    file = resources.files(__package__) / "equal_names.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
