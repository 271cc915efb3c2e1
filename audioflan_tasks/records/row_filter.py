"""Choosing rows by what their records say: corpus, origin, licence, language, speaker and others.

A corpus, origin, language or speaker that no record has is an error: a filter that matches
nothing would keep or drop nothing without a word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.records.instance import Instance
from audioflan_tasks.records.people import people_of
from audioflan_tasks.vocabularies import language_key, language_keys

__all__ = [
    "LICENCE_CLASSES", "FieldValue", "RowFilter", "licence_class", "licences_up_to",
    "open_values_of",
]  # fmt: skip

# From the freest to the most bound; a record with several licences has the most bound one.
LICENCE_CLASSES = (
    "public_domain", "attribution", "share_alike", "no_derivatives", "non_commercial", "unknown",
)  # fmt: skip


def licence_class(licence: str) -> str:
    """The class of a licence text such as "CC BY-SA 3.0 + CC0 1.0"; unknown where none fits."""
    parts = [p.strip() for p in re.split(r"\s\+\s|;|,", licence.lower())]
    return max((_class_of(p) for p in parts), key=LICENCE_CLASSES.index)


def licences_up_to(name: str) -> tuple[str, ...]:
    """The classes that bind no more than one of them, itself included.

    Licences of class unknown are among them only by that name.

    Raises:
      UnknownNameError: there is no such class.
    """
    if name not in LICENCE_CLASSES:
        raise UnknownNameError("class of licence", name, LICENCE_CLASSES)
    return LICENCE_CLASSES[: LICENCE_CLASSES.index(name) + 1]


def _class_of(licence: str) -> str:
    words = re.split(r"[^a-z0-9]+", licence)
    if "nc" in words or "noncommercial" in words or "non commercial" in licence.replace("-", " "):
        return "non_commercial"
    if "nd" in words or "noderivatives" in words:
        return "no_derivatives"
    if {"sa", "gpl", "lgpl", "agpl", "odbl"} & set(words) or "sharealike" in words:
        return "share_alike"
    if {"by", "mit", "bsd", "apache", "isc"} & set(words):
        return "attribution"
    if "cc0" in words or "public domain" in licence or words[0] in ("pd", "pddl", "unlicense"):
        return "public_domain"
    return "unknown"


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What a row must have, and must not have; an empty tuple asks for nothing.

    Values are compared without regard to case. A `corpus`, in any spelling (`catalogue.corpora`),
    is that of the record, of its folder, or what one of its audio ids begins with. `origin` is
    where a recording was made ("studio"), as records have it in `source`. A `language` is a name
    or an ISO code; a translation has two, and a variety ("Canadian French") is of its language too.
    A `speaker` is a name or id, of any corpus or of one ("VCTK/p225"). A record without a language
    or grade passes no filter that asks for one. `unseen` is "true" or "false", as the record has
    it. Of the filters in `either` a row must pass one.
    """

    corpus: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    licence: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    not_corpus: tuple[str, ...] = ()
    not_origin: tuple[str, ...] = ()
    not_licence: tuple[str, ...] = ()
    not_language: tuple[str, ...] = ()
    not_speaker: tuple[str, ...] = ()
    not_grade: tuple[str, ...] = ()
    not_task: tuple[str, ...] = ()
    not_unseen: tuple[str, ...] = ()
    either: tuple[RowFilter, ...] = ()

    def __post_init__(self) -> None:
        for name in (*self.licence, *self.not_licence):
            if name not in LICENCE_CLASSES:
                raise UnknownNameError("class of licence", name, LICENCE_CLASSES)

    @classmethod
    def of(cls, options: Mapping[str, object]) -> RowFilter:
        """From {"language": ["English"], "not_grade": "W"}.

        Raises:
          MixtureError: another key, or a value that is no text.
        """
        keys = {f.name for f in fields(cls)}
        values_by_key: dict[str, Any] = {}
        for key, value in options.items():
            if key not in keys:
                raise UnknownNameError("filter of rows", key, keys)
            if key == "either":
                values_by_key[key] = tuple(cls.of(table) for table in _tables(value))
                continue
            values = [value] if isinstance(value, str) else value
            if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
                raise MixtureError(f"rows.{key}: expected a text or several, got {value!r}")
            values_by_key[key] = tuple(values)
        return cls(**values_by_key)

    @property
    def description(self) -> dict[str, Any]:
        """The filter as plain JSON, without what is empty."""
        pairs = ((f.name, getattr(self, f.name)) for f in fields(self) if f.name != "either")
        filters: dict[str, Any] = {name: sorted(values) for name, values in pairs if values}
        return (
            {**filters, "either": [alternative.description for alternative in self.either]}
            if self.either
            else filters
        )

    def __bool__(self) -> bool:
        return bool(self.description)

    def keeps(self, instance: Instance) -> bool:
        """Whether a record passes."""
        for name, values in _VALUES.items():
            values_to_keep, values_to_drop = self._folded(name), self._folded(f"not_{name}")
            if not values_to_keep and not values_to_drop:
                continue
            record_values = values(instance)
            if values_to_keep and not record_values & values_to_keep:
                return False
            if values_to_drop and record_values & values_to_drop:
                return False
        return not self.either or any(alternative.keeps(instance) for alternative in self.either)

    def _folded(self, name: str) -> frozenset[str]:
        """The values of a field, as they are compared."""
        return _folded_values(name.removeprefix("not_"), getattr(self, name))

    @property
    def asks_for_unseen(self) -> bool:
        """Whether it names records that say `unseen: true`, which are never trained on."""
        return "true" in self.unseen or any(part.asks_for_unseen for part in self.either)

    @property
    def open_values(self) -> Mapping[FieldValue, str]:
        """Values of fields that may hold anything, so that a wrong one is told by no list.

        By the value as it is compared, the value as it was written.
        """
        own_values = {
            FieldValue(name, _folded_value(name, value)): value
            for name in _OPEN
            for field in (name, f"not_{name}")
            for value in getattr(self, field)
        }
        return {**own_values, **{k: v for part in self.either for k, v in part.open_values.items()}}

    def refuse_unmatched(self, instances: Iterable[Instance]) -> None:
        """Raises where a corpus, origin, language or speaker of the filter is that of no record.

        Raises:
          MixtureError: names the nearest values that records have.
        """
        text = self.unmatched_text(instances)
        if text:
            raise MixtureError(text)

    def unmatched_text(self, instances: Iterable[Instance]) -> str:
        """What corpus, origin, language or speaker no record has, with the nearest ones.

        "" where there is none; `instances` are read until all values have been met.
        """
        spellings = self.open_values
        missing = set(spellings)
        values_met: dict[str, set[str]] = {name: set() for name in _OPEN}
        for instance in instances:
            missing -= open_values_of(instance)
            if not missing:
                return ""
            for name, values in values_met.items():
                values |= _NAMES[name](instance)
        return "; ".join(
            _unmatched_text(value.field, spellings[value], values_met[value.field])
            for value in sorted(missing)
        )


class FieldValue(NamedTuple):
    """A field of a filter, and a value as it is compared."""

    field: str
    value: str


def open_values_of(instance: Instance) -> set[FieldValue]:
    """Corpora, origins, language and speakers of a record, as filters compare them."""
    return {FieldValue(name, value) for name in _OPEN for value in _VALUES[name](instance)}


def _unmatched_text(field: str, value: str, values: set[str]) -> str:
    """That no record has a value, with the nearest values and those that there are."""
    by_lower = {name.lower(): name for name in values if name}
    close = difflib.get_close_matches(value.lower(), list(by_lower), n=3, cutoff=0.4)
    nearest = f"nearest: {', '.join(by_lower[name] for name in close)}; " if close else ""
    listing = ", ".join(sorted(by_lower.values())[:_MOST_LISTED])
    more = ", …" if len(by_lower) > _MOST_LISTED else ""
    return f"no record has the {field} {value!r}; {nearest}" + (
        f"there are: {listing}{more}" if listing else f"no record says its {field}"
    )


@lru_cache(maxsize=256)
def _folded_values(field: str, values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_folded_value(field, value) for value in values)


def _folded_value(field: str, value: str) -> str:
    return _FOLDS.get(field, str.lower)(value)


@lru_cache(maxsize=65536)
def _speaker_key(value: str) -> str:
    """A speaker's name or id in lower case; before a slash the key of a corpus."""
    corpus, slash, name = value.partition("/")
    return f"{catalogue.corpus_key(corpus)}/{name.strip().lower()}" if slash else value.lower()


def _corpus_keys(instance: Instance) -> set[str]:
    """Keys of the corpora of a record: its own, of its folders, and of its audio ids."""
    folders = instance.where.replace("\\", "/").split("/")[:-1]
    names = filter(None, (instance.corpus, *folders))
    return {catalogue.corpus_key(name) for name in names}.union(
        *(catalogue.corpus_keys_of_id(audio_id) for audio_id in instance.audio_ids)
    )


def _speaker_keys(instance: Instance) -> set[str]:
    people = set(people_of(instance))
    of_corpus = (f"{instance.corpus}/{name}" for name in people if instance.corpus)
    return {_speaker_key(name) for name in (*people, *of_corpus)}


def _tables(value: object) -> Sequence[Mapping[str, object]]:
    if isinstance(value, list | tuple) and all(isinstance(table, Mapping) for table in value):
        return value
    raise MixtureError(f"rows.either: expected a list of filters, got {value!r}")


_FOLDS: Mapping[str, Callable[[str], str]] = {
    "corpus": catalogue.corpus_key,
    "language": language_key,
    "speaker": _speaker_key,
}

# Fields that may hold anything, with the values of a record as it writes them.
_MOST_LISTED = 20
_OPEN = ("corpus", "origin", "language", "speaker")
_NAMES: Mapping[str, Callable[[Instance], set[str]]] = {
    "corpus": lambda i: {i.corpus} - {""},
    "origin": lambda i: set(i.source),
    "language": lambda i: set(i.languages),
    "speaker": lambda i: set(people_of(i)),
}
_VALUES: Mapping[str, Callable[[Instance], set[str]]] = {
    "corpus": _corpus_keys,
    "origin": lambda i: {s.lower() for s in i.source},
    "licence": lambda i: {licence_class(i.licence)},
    "language": lambda i: {key for name in i.languages for key in language_keys(name)},
    "speaker": _speaker_keys,
    "grade": lambda i: {i.grade.lower()} - {""},
    "task": lambda i: {i.task, PREFIX + i.task},
    "unseen": lambda i: {str(bool(i.unseen)).lower()},
}
