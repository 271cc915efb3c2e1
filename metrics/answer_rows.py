"""The rows of a file of saved answers, whatever holds them.

JSON lines, a JSON array (of rows or of answers), an array under a key (`details`, `results`,
`samples`, …), an object of rows by id, and logs of events (UltraEval: `type`, `id`, `data`). Of a
log that has each question once for each filter (lm-evaluation-harness) the first filter counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import RecordError, reason_of
from audioflan_tasks.plain_files import read_plain_text

__all__ = ["OpenedRows", "Row", "read_rows"]

_LISTS = ("samples", "details", "predictions", "results", "data", "answers", "records", "logs")
_MOST_LISTS = 20
_DEPTH = 3

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenedRows:
    """Rows of a file, and what was taken of it: `list`, `filter`."""

    rows: Sequence[Row]
    facts: Mapping[str, str]


def read_rows(path: Path, tasks: Sequence[str] = ()) -> OpenedRows:
    """The rows of a file; of lists by task the one under a name in `tasks`.

    Raises:
      RecordError: the file cannot be read, has no rows, or several lists that may be meant.
    """
    try:
        text = read_plain_text(path, "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: cannot be read as UTF-8 text: {reason_of(error)}") from error
    rows, facts = _rows_of(text, path, tasks)
    if rows and all(isinstance(row, str) for row in rows):
        rows = [{"response": answer} for answer in rows]
    if not rows:
        raise RecordError(f"{path}: no answers; expected a JSON array or JSON lines")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise RecordError(f"{path}: row {number} is {type(row).__name__}, expected an object")
    rows = _rows_of_events(rows) or rows
    return _of_one_filter(rows, facts)


def _rows_of(text: str, path: Path, tasks: Sequence[str]) -> tuple[list[Any], dict[str, str]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return list(_lines(text, path)), {}
    if isinstance(whole, list):
        return whole, {}
    if not isinstance(whole, Mapping):
        raise RecordError(f"{path}: {type(whole).__name__}, expected objects with answers")
    lists = dict(_lists_in(whole, ""))
    if not lists:
        return _rows_by_id(whole) or [whole], {}
    name = _chosen_list(lists, path, tasks)
    return lists[name], {"list": name}


def _lines(text: str, path: Path) -> Iterator[Any]:
    # Not `splitlines`: a line separator of Unicode may stand inside a text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise RecordError(f"{path}:{number}: not JSON: {str(error)[:200]}") from None


def _lists_in(value: Mapping[str, Any], prefix: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Lists of objects with their paths (`samples/gsm8k`), the known names first."""
    names = [n for n in _LISTS if n in value] + [n for n in value if n not in _LISTS]
    for name in names:
        inner = value[name]
        if isinstance(inner, list) and inner and all(isinstance(r, Mapping) for r in inner):
            yield f"{prefix}{name}", inner
        elif isinstance(inner, Mapping) and depth < _DEPTH:
            yield from _lists_in(inner, f"{prefix}{name}/", depth + 1)


def _chosen_list(lists: Mapping[str, Any], path: Path, tasks: Sequence[str]) -> str:
    """The list of the task, the only one, or the one under the best known name."""
    of_task = [name for name in lists if name.split("/")[-1] in tasks]
    tops = [name for name in _LISTS if name in lists]
    names = of_task or tops[:1] or list(lists)
    if len(names) > 1:
        raise RecordError(
            f"{path}: answers under {', '.join(names[:_MOST_LISTS])}; save one of them as a file "
            "of its own"
        )
    return names[0]


def _rows_by_id(whole: Mapping[str, Any]) -> list[Row]:
    """The rows of `{id: {…}, …}` with their ids; [] if it is none."""
    values = list(whole.values())
    if len(values) > 1 and all(isinstance(v, Mapping) for v in values):
        return [{"id": key, **value} for key, value in whole.items()]
    return []


def _rows_of_events(rows: Sequence[Row]) -> list[Row]:
    """Rows of a log of events, one for each id; [] if it is none."""
    if not all({"type", "id", "data"} <= row.keys() for row in rows):
        return []
    rows_by_id: dict[str, dict[str, Any]] = {}
    for event in rows:
        row = rows_by_id.setdefault(str(event["id"]), {"id": event["id"]})
        data, kind = event["data"], str(event["type"])
        fields = data if isinstance(data, Mapping) else {"content": data}
        if kind in ("prompt", "inference", "post_process"):
            key = "prompt" if kind == "prompt" else "response"
            row[key] = fields.get("content", data)
        elif kind == "eval":
            row |= {name: fields[name] for name in ("ref", "reference") if name in fields}
        elif kind == "error":
            row.setdefault("response", None)
    return list(rows_by_id.values())


def _of_one_filter(rows: Sequence[Row], facts: Mapping[str, str]) -> OpenedRows:
    names = list(dict.fromkeys(str(row["filter"]) for row in rows if "filter" in row))
    if len(names) < 2:
        return OpenedRows(rows, facts)
    all_filters = f" (of {', '.join(names)})"
    rows_of_filter = [row for row in rows if str(row.get("filter", names[0])) == names[0]]
    return OpenedRows(rows_of_filter, {**facts, "filter": names[0] + all_filters})
