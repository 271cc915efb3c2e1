"""The vocabularies of the package: one file each in `data/`, read when first needed.

The head of a file says what the list is; its table `[labels]` has a label a line. Heads alone
are read to know which lists a task has. Beside the fields of `Vocabulary` a head may say
`names_list` (a name with commas lists synonyms, each of which is another name) and `are_languages`
(the codes are of languages, and other names come from the Unicode CLDR).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.vocabularies.languages import with_names
from audioflan_tasks.vocabularies.vocabulary import Label, Vocabulary

__all__ = [
    "all_vocabularies_digest", "corpora_by_vocabulary", "get", "vocabularies",
    "vocabularies_digest", "vocabularies_of",
]  # fmt: skip

_LABELS = "\n[labels]\n"


def vocabularies() -> tuple[Vocabulary, ...]:
    """All vocabularies, by name."""
    return tuple(get(name) for name in _heads())


@cache
def get(name: str) -> Vocabulary:
    """The vocabulary of that name.

    Raises:
      UnknownNameError: with the nearest names.
    """
    if name not in _heads():
        raise UnknownNameError("vocabulary", name, list(_heads()))
    text = _file(name).read_text(encoding="utf-8")
    return _vocabulary(name, tomllib.loads(text))


@cache
def vocabularies_of(task: str) -> tuple[Vocabulary, ...]:
    """Vocabularies of a task's answers, by name."""
    return tuple(get(name) for name, head in _heads().items() if task in head["tasks"])


@cache
def corpora_by_vocabulary(task: str) -> Mapping[str, tuple[str, ...]]:
    """Corpora of each vocabulary of a task's answers, by its name; no labels are read."""
    return {n: tuple(h["corpora"]) for n, h in _heads().items() if task in h["tasks"]}


@cache
def vocabularies_digest(task: str) -> str:
    """A digest of the files of a task's vocabularies; no labels are read."""
    names = sorted(name for name, head in _heads().items() if task in head["tasks"])
    return _digest(names)


@cache
def all_vocabularies_digest() -> str:
    """The same of the files of all vocabularies; not even their heads are read."""
    return _digest(_names())


def _digest(names: Sequence[str]) -> str:
    texts = b"".join(_file(name).read_bytes() for name in names)
    return hashlib.sha256(texts).hexdigest()[:16]


@cache
def _heads() -> Mapping[str, Mapping[str, Any]]:
    """What each file says before its labels, by name."""
    return {name: _head(_file(name).read_text(encoding="utf-8")) for name in _names()}


def _head(text: str) -> Mapping[str, Any]:
    return tomllib.loads(text.partition(_LABELS)[0])


@cache
def _folder() -> Traversable:
    return resources.files(__package__) / "data"


def _names() -> list[str]:
    files = (file.name for file in _folder().iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def _file(name: str) -> Traversable:
    return _folder() / f"{name}.toml"


def _vocabulary(name: str, table: Mapping[str, Any]) -> Vocabulary:
    return Vocabulary(
        name=name,
        title=table["title"],
        labels=_labels(table),
        corpora=tuple(table["corpora"]),
        tasks=tuple(table["tasks"]),
        source=table["source"],
        licence=table["licence"],
        version=table.get("version", ""),
        note=table.get("note", ""),
        first_aliases=table.get("first_aliases", ""),
        case_matters=table.get("case_matters", False),
    )


def _labels(table: Mapping[str, Any]) -> tuple[Label, ...]:
    labels = [_label(name, facts, table) for name, facts in table["labels"].items()]
    return tuple(with_names(labels) if table.get("are_languages", False) else labels)


def _label(name: str, facts: Mapping[str, Any], table: Mapping[str, Any]) -> Label:
    pieces = _pieces(name) if table.get("names_list", False) else ()
    aliases = tuple(dict.fromkeys((*facts.get("aliases", ()), *pieces)))
    return Label(name, aliases, facts.get("zh", ""), facts.get("code", ""))


def _pieces(name: str) -> tuple[str, ...]:
    """Names in a name that lists several: "Vehicle horn, car horn, honking"."""
    pieces = [piece.removeprefix("and ") for piece in _split(name)]
    return tuple(piece for piece in pieces if piece != "etc.") if len(pieces) > 1 else ()


def _split(name: str) -> list[str]:
    """The parts between commas that stand outside parentheses."""
    pieces, depth = [""], 0
    for character in name:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            pieces.append("")
        else:
            pieces[-1] += character
    return [piece.strip() for piece in pieces]
