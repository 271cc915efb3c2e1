"""Parameters of tests: one of each kind by default, and the others under a marker.

Tasks of one kind have the same form of answer, the same metrics, and labels of the task or of
each record alike, so the same code is run for them; only the data differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from audioflan_tasks.catalogue import TaskRow

__all__ = ["each_kind", "first_of", "kind_of"]


def kind_of(row: TaskRow) -> tuple[object, ...]:
    """What tasks of one kind have in common."""
    return row.answer, row.metrics, bool(row.labels)


def first_of(*values: Any) -> list[Any]:
    """The values as parameters; all but the first are for `--full`, as the long form."""
    return [values[0], *(pytest.param(value, marks=pytest.mark.full) for value in values[1:])]


def each_kind(
    rows: Iterable[TaskRow],
    others: str = "full",
    key: Callable[[TaskRow], tuple[object, ...]] = kind_of,
) -> list[Any]:
    """The rows as parameters named by their ids; all but the first of a kind have that marker."""
    seen: set[tuple[object, ...]] = set()
    parameters = []
    for row in rows:
        marks = [getattr(pytest.mark, others)] if key(row) in seen else []
        parameters.append(pytest.param(row, id=row.id, marks=marks))
        seen.add(key(row))
    return parameters
