"""Choosing rows by what their records say: corpus, class of licence, language, grade."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.records import Instance

__all__ = ["LICENCE_CLASSES", "RowFilter", "licence_class"]

# From the freest to the most bound; a record with several licences has the most bound one.
LICENCE_CLASSES = (
    "public_domain", "attribution", "share_alike", "no_derivatives", "non_commercial", "unknown",
)  # fmt: skip


def licence_class(licence: str) -> str:
    """The class of a licence text such as "CC BY-SA 3.0 + CC0 1.0"; unknown where none fits."""
    parts = [p.strip() for p in re.split(r"\s\+\s|;|,", licence.lower())]
    return max((_class_of(p) for p in parts), key=LICENCE_CLASSES.index)


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

    Values are compared without regard to case. A record without a language or grade passes
    no filter that asks for one.
    """

    corpus: tuple[str, ...] = ()
    licence: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    not_corpus: tuple[str, ...] = ()
    not_licence: tuple[str, ...] = ()
    not_language: tuple[str, ...] = ()
    not_grade: tuple[str, ...] = ()

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
        known = {f.name for f in fields(cls)}
        made: dict[str, tuple[str, ...]] = {}
        for key, value in options.items():
            if key not in known:
                raise UnknownNameError("filter of rows", key, known)
            values = [value] if isinstance(value, str) else value
            if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
                raise MixtureError(f"rows.{key}: expected a text or several, got {value!r}")
            made[key] = tuple(values)
        return cls(**made)

    @property
    def asked(self) -> dict[str, list[str]]:
        """What is asked for, as plain JSON."""
        pairs = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: sorted(values) for name, values in pairs if values}

    def __bool__(self) -> bool:
        return bool(self.asked)

    def keeps(self, instance: Instance) -> bool:
        """Whether a record passes."""
        for name, values in _VALUES.items():
            have = values(instance)
            wanted, unwanted = getattr(self, name), getattr(self, f"not_{name}")
            if wanted and not have & {v.lower() for v in wanted}:
                return False
            if unwanted and have & {v.lower() for v in unwanted}:
                return False
        return True


_VALUES: Mapping[str, Callable[[Instance], set[str]]] = {
    "corpus": lambda i: {s.lower() for s in i.source},
    "licence": lambda i: {licence_class(i.licence)},
    "language": lambda i: {str(i.other.get("language", "")).lower()} - {""},
    "grade": lambda i: {i.grade.lower()} - {""},
}
