"""A record as features of a dataset, and back.

Texts are strings, lists of texts vectors of strings, and all other values JSON in a string: so
they are exact, and a cache of seqio, which knows no float64, can hold them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal, get_origin

import msgspec

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.preprocessors.chain.element_map import FeatureSpec, text_of, texts_of
from audioflan_tasks.records import Instance

__all__ = ["RECORD", "instance_of", "record_features"]

_TEXT, _TEXTS = FeatureSpec("string"), FeatureSpec("string", (None,))

_TYPES = {field.name: field.type for field in msgspec.structs.fields(Instance)}
_LISTS = frozenset(name for name, kind in _TYPES.items() if get_origin(kind) is tuple)
_JSON = frozenset(
    name
    for name, kind in _TYPES.items()
    if name not in _LISTS and kind is not str and get_origin(kind) is not Literal
)

# Features of a record: the fields of `Instance`, and the ids of its audio.
RECORD: Mapping[str, FeatureSpec] = {
    **{name: _TEXTS if name in _LISTS else _TEXT for name in _TYPES},
    "audio_ids": _TEXTS,
}


def record_features(instance: Instance) -> dict[str, Any]:
    """The features of a record; `task` is the registry name, "" where it is unknown."""
    features: dict[str, Any] = {name: getattr(instance, name) for name in _TYPES}
    for name in _JSON:
        features[name] = json.dumps(features[name], ensure_ascii=False)
    task = PREFIX + instance.task if instance.task else ""
    return {**features, "task": task, "audio_ids": instance.audio_ids}


def instance_of(features: Mapping[str, Any], task: str | None = None) -> Instance:
    """The record of features; what a field does not say has a default.

    `instruction`, `input` and `output` are needed. `task` (id or name) is what is asked; None
    takes the record's own. Names and domain are then the task's, the split is `train`, and the
    uuid is made of the three texts.

    Raises:
      UnknownNameError: no such task.
    """
    fields = {name: _field(name, features[name]) for name in _TYPES if name in features}
    name = task or fields.get("task", "")
    if name:
        row = catalogue.get(name)
        names = {"minor": row.minor, "major": row.major, "domain": row.domain}
        defaults = {**names, "paper_category": row.paper_category}
        fields |= {key: text for key, text in defaults.items() if not fields.get(key)}
        fields["task"] = row.id
    if not fields.get("uuid") and "where" not in fields:
        fields["uuid"] = _uuid(fields)
    return Instance(**fields)


def _field(name: str, value: Any) -> Any:
    if name in _LISTS:
        return texts_of(value)
    if name not in _JSON:
        return text_of(value)
    if isinstance(value, bytes | str):
        return json.loads(value) if value else _default(name)
    return value.item() if hasattr(value, "item") else value


def _default(name: str) -> Any:
    return next(f.default for f in msgspec.structs.fields(Instance) if f.name == name)


def _uuid(fields: Mapping[str, Any]) -> str:
    parts = (str(fields.get(name, "")) for name in ("instruction", "input", "output"))
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
