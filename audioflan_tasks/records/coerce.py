"""Brings a decoded JSON object into the schema, and notes what that took.

The variants are those measured in the release's only public sibling, CMI-Bench,
and those the paper's own examples show: docs/format.md lists them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from audioflan_tasks.records.repairs import Repair
from audioflan_tasks.records.task_names import TASK_KEYS

__all__ = ["Note", "coerce"]

Note = Callable[[Repair], None]

_NULLS = frozenset({"", "null", "none", "nan", "n/a"})
_TEXTS = ("instruction", "input", "output")
_AUDIO = ("audio_path", "audio_start", "audio_end")
_KEYS = frozenset((*_TEXTS, *_AUDIO, "uuid", "split", "task_type", "domain", "source", "other"))


def coerce(fields: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """The record with every value in the schema's type, where a safe change leads there.

    A value that no safe change repairs is left as it is, for the schema to refuse.
    """
    record: dict[str, Any] = {key: _text(fields.get(key), note) for key in _TEXTS if key in fields}
    if "uuid" in fields:
        record["uuid"] = _uuid(fields["uuid"], note)
    record["split"] = _names_or_text(fields.get("split"), note)
    task_key = _task_key(fields)
    task_name = fields.get(task_key) if task_key else None
    record["task_type"] = _task_type(fields.get("task_type"), task_name, note)
    record["domain"] = _single_text(fields.get("domain"), note)
    record["source"] = _source(fields.get("source"), note)
    record["audio_path"] = _names_or_text(fields.get("audio_path"), note)
    record["audio_start"] = _seconds(fields.get("audio_start"), note)
    record["audio_end"] = _end(fields.get("audio_end"), note)
    other = _other(fields.get("other"), note)
    extra = {key: value for key, value in fields.items() if key not in _KEYS and key != task_key}
    if extra:
        note(Repair.EXTRA_KEYS)
        # A key that `other` has already is not overwritten.
        other = {**extra, **other} if isinstance(other, dict) else other
    record["other"] = other
    return record


def _text(value: Any, note: Note) -> Any:
    if isinstance(value, str):
        return value
    if value is None:
        note(Repair.NULL_VARIANT)
        return ""
    if isinstance(value, list | dict):
        note(Repair.STRUCTURED_OUTPUT)
        return json.dumps(value, ensure_ascii=False)
    note(Repair.NUMBER_OUTPUT)
    return json.dumps(value)


def _uuid(value: Any, note: Note) -> Any:
    if isinstance(value, bool | float | int):
        note(Repair.NUMBER_OUTPUT)
        return str(value)
    return _single_text(value, note)


def _single_text(value: Any, note: Note) -> Any:
    """A single text; a list of one is unpacked."""
    if isinstance(value, list) and len(value) <= 1:
        note(Repair.SCALAR_TO_LIST)
        value = value[0] if value else None
    if value is None:
        return ""
    return "" if isinstance(value, str) and value.strip().lower() in _NULLS else value


def _names(value: Any, note: Note) -> Any:
    """A tuple of texts; a single text becomes a tuple of one, null and "" are left out."""
    if value is None:
        return ()
    if not isinstance(value, list):
        note(Repair.SCALAR_TO_LIST)
        value = [value]
    return tuple(v.strip() if isinstance(v, str) else v for v in value if not _is_null(v))


def _names_or_text(value: Any, note: Note) -> Any:
    """As `_names`; one plain text is as right as a list of one."""
    return _names([value] if isinstance(value, str) else value, note)


def _task_key(fields: Mapping[str, Any]) -> str:
    """The key at the top level that names the task; "" where `task_type` does."""
    task_type = fields.get("task_type")
    if isinstance(task_type, dict):
        minor = task_type.get("minor")
        minors = minor if isinstance(minor, list) else [minor]
        is_named = not _all_null(minors)
    else:
        is_named = not _is_null(task_type)
    return "" if is_named else next((key for key in TASK_KEYS if key in fields), "")


def _source(value: Any, note: Note) -> Any:
    if isinstance(value, str):
        note(Repair.SOURCE_STRING)
        value = [value]
    return _names(value, note)


def _task_type(value: Any, task_name: Any, note: Note) -> Any:
    """The names of the task; `task_name` is the minor task's, where `task_type` has none."""
    if value is None:
        names = [task_name] if isinstance(task_name, str) else task_name
        return {"major": (), "minor": _names(names, note), "U/G": (), "unseen": False}
    if isinstance(value, str):
        note(Repair.SCALAR_TO_LIST)
        value = {"minor": value}
    if not isinstance(value, dict):
        return value
    names = {key: _names(value.get(key), note) for key in ("major", "minor", "U/G")}
    names["minor"] = names["minor"] or _names(
        [task_name] if isinstance(task_name, str) else None, note
    )
    for key in ("U_G", "UG", "u/g"):
        if not names["U/G"] and key in value:
            names["U/G"] = _names(value[key], note)
    if not names["U/G"]:
        note(Repair.UG_MISSING)
    return {**names, "unseen": _flag(value.get("unseen"), note)}


def _flag(value: Any, note: Note) -> Any:
    if isinstance(value, list) and len(value) == 1:
        note(Repair.SCALAR_TO_LIST)
        value = value[0]
    if _is_null(value):
        note(Repair.UNSEEN_MISSING)
        return False
    words = {"true": True, "false": False, "1": True, "0": False}
    flag = words.get(str(value).lower())
    if flag is None or isinstance(value, bool):
        return value
    note(Repair.NUMBER_FROM_TEXT)
    return flag


def _seconds(value: Any, note: Note) -> Any:
    if isinstance(value, list) and len(value) == 1:
        note(Repair.SCALAR_TO_LIST)
        value = value[0]
    if _is_null(value):
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return value
        note(Repair.NUMBER_FROM_TEXT)
    return _float(value) if isinstance(value, int | float) else value


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        # Hundreds of digits; no time is that far away.
        return math.inf if value > 0 else -math.inf


def _end(value: Any, note: Note) -> Any:
    seconds = _seconds(value, note)
    if isinstance(seconds, float) and seconds == -1.0:
        note(Repair.AUDIO_END)
        return None
    return seconds


def _other(value: Any, note: Note) -> Any:
    if value is None:
        return {}
    if isinstance(value, dict):
        if not value:
            note(Repair.NULL_VARIANT)
        return cast("dict[str, Any]", value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        note(Repair.SCALAR_TO_LIST)
        return value[0]
    if _is_null(value) or (isinstance(value, list) and _all_null(value)):
        note(Repair.NULL_VARIANT)
        return {}
    note(Repair.OTHER_NOT_OBJECT)
    return {"value": value}


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in _NULLS)


def _all_null(values: Iterable[Any]) -> bool:
    return all(map(_is_null, values))
