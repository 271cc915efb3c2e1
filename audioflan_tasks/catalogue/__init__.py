"""The 80 minor tasks of Audio-FLAN, and a user's own, as typed rows."""

from __future__ import annotations

from audioflan_tasks.catalogue.answer_kinds import ANSWER_KINDS, AnswerKind
from audioflan_tasks.catalogue.lookup import ENTRY_POINTS, add, get, majors, resolve, tasks
from audioflan_tasks.catalogue.row import (
    PREFIX,
    Category,
    Domain,
    InputPiece,
    Kind,
    Major,
    SimulatedRecord,
    TaskRow,
    snake,
)

__all__ = [
    "ANSWER_KINDS",
    "ENTRY_POINTS",
    "PREFIX",
    "AnswerKind",
    "Category",
    "Domain",
    "InputPiece",
    "Kind",
    "Major",
    "SimulatedRecord",
    "TaskRow",
    "add",
    "get",
    "majors",
    "resolve",
    "snake",
    "tasks",
]
