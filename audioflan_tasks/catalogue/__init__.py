"""The 80 minor tasks of Audio-FLAN, and a user's own, as typed rows."""

from __future__ import annotations

from audioflan_tasks.catalogue.lookup import ENTRY_POINTS, add, get, majors, resolve, tasks
from audioflan_tasks.catalogue.row import (
    PREFIX,
    AnswerFormat,
    Category,
    Domain,
    InputPiece,
    Kind,
    Major,
    TaskRow,
    snake,
)

__all__ = [
    "ENTRY_POINTS",
    "PREFIX",
    "AnswerFormat",
    "Category",
    "Domain",
    "InputPiece",
    "Kind",
    "Major",
    "TaskRow",
    "add",
    "get",
    "majors",
    "resolve",
    "snake",
    "tasks",
]
