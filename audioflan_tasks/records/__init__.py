"""Records of the corpus: what one is, and how it is read, repaired and reported."""

from __future__ import annotations

from audioflan_tasks.records.instance import Instance, Piece, path_id
from audioflan_tasks.records.repairs import Ledger, Problem, ProblemKind, Repair
from audioflan_tasks.records.spans import Markers, audio_ids, canonical, join, pieces, span
from audioflan_tasks.records.tree import iter_instances, read_file, record_files

__all__ = [
    "Instance",
    "Ledger",
    "Markers",
    "Piece",
    "Problem",
    "ProblemKind",
    "Repair",
    "audio_ids",
    "canonical",
    "iter_instances",
    "join",
    "path_id",
    "pieces",
    "read_file",
    "record_files",
    "span",
]
