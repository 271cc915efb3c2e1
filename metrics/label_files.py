"""A benchmark's own labels and synonyms, from files: `--options FILE` and `--aliases FILE`.

Labels are lines, or a JSON list. Synonyms are lines `other name = label`, or a JSON object of
either a label for each other name, or a list of other names for each label. Blank lines and lines
that begin with `#` do not count.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import MetricInputError, RecordError, nearest, reason_of
from audioflan_tasks.plain_files import read_plain_text
from audioflan_tasks.vocabularies import label_key

__all__ = ["check_aliases", "read_aliases_file", "read_options_file"]


def read_options_file(path: Path) -> tuple[str, ...]:
    """The labels of a file, in its order.

    Raises:
      RecordError: the file cannot be read, holds no labels, or one of them twice.
    """
    text = _text(path)
    labels = _json(path, text, list) if text.lstrip().startswith("[") else list(_lines(text))
    if not labels or not all(isinstance(label, str) and label.strip() for label in labels):
        raise RecordError(f"{path}: no labels; expected one a line, or a JSON list of texts")
    labels_by_key: dict[str, str] = {}
    for label in labels:
        key = label_key(label) or label
        if key in labels_by_key:
            other = labels_by_key[key]
            raise RecordError(f"{path}: {label!r} and {other!r} are one label; leave one out")
        labels_by_key[key] = label
    return tuple(label.strip() for label in labels)


def read_aliases_file(path: Path) -> Mapping[str, str]:
    """The label of each other name in a file.

    Raises:
      RecordError: the file cannot be read, a line has no `=`, or a name has two labels.
    """
    text = _text(path)
    is_json = text.lstrip().startswith("{")
    pairs = _pairs_of_json(path, text) if is_json else list(_pairs_of_lines(path, text))
    if not pairs:
        raise RecordError(f"{path}: no aliases; expected lines such as 'cello = string'")
    aliases: dict[str, str] = {}
    for name, label in pairs:
        if aliases.setdefault(name, label) != label:
            raise RecordError(
                f"{path}: {name!r} is a name of {aliases[name]!r} and of {label!r}; keep one"
            )
    return aliases


def check_aliases(name: str, aliases: Mapping[str, str], labels: Collection[str]) -> None:
    """Checks that every alias leads to a label and is none itself.

    Raises:
      MetricInputError: one does not; the message names it and the nearest labels.
    """
    keys = {label_key(label) for label in labels}
    for alias, label in aliases.items():
        if label_key(label) not in keys:
            raise MetricInputError(
                f"{name}: the alias {alias!r} is of {label!r}, which is none of the "
                f"{len(keys)} labels; add it to the options{nearest(label, labels)}"
            )
        if label_key(alias) in keys and label_key(alias) != label_key(label):
            raise MetricInputError(
                f"{name}: the alias {alias!r} of {label!r} is a label itself; leave it out"
            )


def _text(path: Path) -> str:
    try:
        return read_plain_text(path, "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: cannot be read as UTF-8 text: {reason_of(error)}") from error


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


def _json(path: Path, text: str, kind: type) -> Any:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise RecordError(f"{path}: not JSON: {error}") from error
    if not isinstance(value, kind):
        raise RecordError(f"{path}: holds a {type(value).__name__}, expected a {kind.__name__}")
    return value


def _pairs_of_lines(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for line in _lines(text):
        name, _, label = (part.strip() for part in line.partition("="))
        if not name or not label:
            raise RecordError(f"{path}: {line!r} has no label; expected 'other name = label'")
        yield name, label


def _pairs_of_json(path: Path, text: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in _json(path, text, dict).items():
        if isinstance(value, str):
            pairs.append((key, value))
        elif isinstance(value, list) and all(isinstance(name, str) for name in value):
            pairs += [(name, key) for name in value]
        else:
            raise RecordError(
                f"{path}: {key!r} has {value!r}; expected a label, or a list of other names"
            )
    return pairs
