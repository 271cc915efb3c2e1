"""A corpus: its records, its audio, the audio simulated from it, and their codes."""

from __future__ import annotations

from audioflan_tasks.clips.recipes import Recipe
from audioflan_tasks.corpus.corpus import Corpus, open_corpus

__all__ = ["Corpus", "Recipe", "open_corpus"]
