"""Records of the corpus: what one is, and how it is read, repaired and reported."""

from __future__ import annotations

from audioflan_tasks.records.instance import Instance, Piece, path_id
from audioflan_tasks.records.spans import audio_ids, canonical, join, pieces, span

__all__ = ["Instance", "Piece", "audio_ids", "canonical", "join", "path_id", "pieces", "span"]
