"""The 80 minor tasks of Audio-FLAN, and a user's own, as typed rows."""

from __future__ import annotations

from audioflan_tasks.catalogue.answer_kinds import ANSWER_KINDS, AnswerKind, TextForm
from audioflan_tasks.catalogue.corpora import (
    corpus_key,
    corpus_keys_of_id,
    corpus_of_folder,
    corpus_of_prefix,
    language_of,
)
from audioflan_tasks.catalogue.families import FAMILIES, FamilyRow
from audioflan_tasks.catalogue.lookup import ENTRY_POINTS, add, find, get, majors, resolve, tasks
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
    "FAMILIES",
    "PREFIX",
    "AnswerKind",
    "Category",
    "Domain",
    "FamilyRow",
    "InputPiece",
    "Kind",
    "Major",
    "SimulatedRecord",
    "TaskRow",
    "TextForm",
    "add",
    "corpus_key",
    "corpus_keys_of_id",
    "corpus_of_folder",
    "corpus_of_prefix",
    "find",
    "get",
    "language_of",
    "majors",
    "resolve",
    "snake",
    "tasks",
]
