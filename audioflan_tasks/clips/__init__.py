"""From an audio id to samples, whether they lie in a file or are made by a recipe."""

from __future__ import annotations

from audioflan_tasks.clips.clips import ClipReader
from audioflan_tasks.clips.recipes import Recipe, read_recipes

__all__ = ["ClipReader", "Recipe", "read_recipes"]
