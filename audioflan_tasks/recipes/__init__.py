"""Corpora in: recordings with their facts, the questions that follow, the release's layout."""

from __future__ import annotations

from audioflan_tasks.recipes.importing import ForeignCorpus
from audioflan_tasks.recipes.recording import Recording, TimedLabel

__all__ = ["ForeignCorpus", "Recording", "TimedLabel"]
