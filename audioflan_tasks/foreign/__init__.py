"""Tasks that are not in the catalogue, as members of mixtures: text, from seqio or JSON lines.

A foreign task is no audio task: it has no row in the catalogue, no pool and no cluster. The engine
asks it for examples by (epoch, row), as it asks a corpus. What reads it registers here
(`registry`), so that nothing above has to know where the text comes from.
"""

from __future__ import annotations

from audioflan_tasks.foreign.protocol import (
    ForeignExample,
    ForeignReading,
    ForeignRows,
    ForeignTask,
    facts_of,
)
from audioflan_tasks.foreign.registry import find, get, is_foreign, names, text_tasks_of
from audioflan_tasks.foreign.text_tasks import TextTask, text_task

__all__ = [
    "ForeignExample",
    "ForeignReading",
    "ForeignRows",
    "ForeignTask",
    "TextTask",
    "facts_of",
    "find",
    "get",
    "is_foreign",
    "names",
    "text_task",
    "text_tasks_of",
]
