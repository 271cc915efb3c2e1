"""Corpora in: recordings with their facts, the questions that follow, the release's layout."""

from __future__ import annotations

from audioflan_tasks.recipes.cards import CorpusCard, card, cards
from audioflan_tasks.recipes.importing import foreign_corpus
from audioflan_tasks.recipes.recording import Recording, TimedLabel
from audioflan_tasks.recipes.source import SourceCorpus, known_corpus

__all__ = [
    "CorpusCard",
    "Recording",
    "SourceCorpus",
    "TimedLabel",
    "card",
    "cards",
    "foreign_corpus",
    "known_corpus",
]
