"""Names that mean the same, for a set of labels: one table for renderer, readers and metrics.

It is put together of the equal values of a task, what its vocabularies call one thing, and the
groups of `equal_names.toml`, which hold for every task.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from audioflan_tasks.vocabularies.equal_values import groups_of_values
from audioflan_tasks.vocabularies.library import vocabularies_of
from audioflan_tasks.vocabularies.spelling import CJK, label_key, names_within
from audioflan_tasks.vocabularies.vocabulary import Label, Vocabulary, labels_by_key

__all__ = ["pairs_of", "surfaces_of"]

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ZH_DIGITS = "零一二三四五六七八九十"

_SPEAKER = re.compile(r"(?:speaker|spk)[ _-]?([1-9])")
_PAIR = 3
_JOINTS = ("and", "n", "'n'", "+")

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
    for groups in _tables(label_by_key.values(), task):
        for name, label_set in _labels_by_name(groups, label_by_key).items():
            surfaces.setdefault(name, next(iter(label_set)) if len(label_set) == 1 else None)
    for label in label_by_key.values():
        for name in (*_digits(label), *_numbered(label), *_joined_otherwise(label)):
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


def _joined_otherwise(label: str) -> Sequence[str]:
    """ "Hall and Oates" for "Hall & Oates", and the other way."""
    names = (label.replace(" & ", " and "), label.replace(" and ", " & "))
    return [name for name in names if name != label]


@cache
def pairs_of(task: str) -> tuple[str, ...]:
    """Names of other things with a label in them: "drum and bass" is no bass."""
    names = [name for v in vocabularies_of(task) for label in v.labels for name in label.names]
    names += _table()["pairs"]
    spellings = (spelling for name in names for spelling in _joined(name))
    return tuple(dict.fromkeys((*spellings, *_table()["others"])))


def _joined(name: str) -> Iterator[str]:
    words = name.casefold().replace("&", " and ").split()
    if len(words) == _PAIR and words[1] in _JOINTS:
        first, _, second = words
        yield from (f"{first} {joint} {second}" for joint in ("and", "n", "&"))


def _digits(label: str) -> Sequence[str]:
    if not label.isdecimal() or int(label) > 10:
        return ()
    return (_DIGITS[int(label)], _ZH_DIGITS[int(label)])


def _numbered(label: str) -> Sequence[str]:
    """Chinese names of a numbered speaker."""
    match = _SPEAKER.fullmatch(label.casefold())
    if match is None:
        return ()
    digit = _ZH_DIGITS[int(match[1])]
    return (f"说话人{match[1]}", *(f"第{digit}{word}说话人" for word in ("位", "个", "名", "")))


def _tables(labels: Collection[str], task: str) -> list[Groups]:
    """Groups by the key of each name, the most particular first.

    First the task's values and vocabularies that have all of the labels, then its other
    vocabularies, then what holds in general.
    """
    vocabularies = [v for v in vocabularies_of(task) if not v.case_matters]
    fits = [all(v.find(label) is not None for label in labels) for v in vocabularies]
    near = [_groups_of(v) for v, fit in zip(vocabularies, fits, strict=True) if fit]
    far = [_groups_of(v) for v, fit in zip(vocabularies, fits, strict=True) if not fit]
    return [_values(task), *_merged(near), *_merged(far), _general_groups()]


def _merged(tables: Sequence[Groups]) -> Iterator[Groups]:
    """One table of several, if there are any."""
    if len(tables) < 2:
        yield from tables
        return
    groups: dict[str, list[Group]] = defaultdict(list)
    for table in tables:
        for key, members in table.items():
            groups[key] += members
    yield groups


@cache
def _values(task: str) -> Groups:
    return _by_key(groups_of_values(task))


@cache
def _general_groups() -> Groups:
    return _by_key((name, *synonyms) for name, synonyms in _table()["labels"].items())


def _by_key(groups: Iterable[Group]) -> Groups:
    groups_by_key: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        for key in dict.fromkeys(map(label_key, group)):
            groups_by_key[key].append(group)
    return groups_by_key


@cache
def _groups_of(vocabulary: Vocabulary) -> Groups:
    """All names of a label, and of those that mean the same, by the key of each."""
    names: dict[Label, list[str]] = defaultdict(list)
    for label in vocabulary.labels:
        codes = [f"={label.code}"] if label.code else []
        names[vocabulary.twins[label]] += [*map(_restricted, label.names), *codes]
    return {
        key: [tuple(names[vocabulary.twins[label]])]
        for key, label in labels_by_key(vocabulary).items()
    }


def _restricted(name: str) -> str:
    """A name of one Chinese character is a part of many words: it holds for whole answers."""
    return f"={name}" if len(name) == 1 and "\u3005" <= name <= CJK[-1] else name


@cache
def _table() -> dict[str, Any]:
    file = resources.files(__package__) / "equal_names.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
