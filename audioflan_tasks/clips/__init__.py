"""From an audio id to samples, from a file or from a recipe."""

from __future__ import annotations

from audioflan_tasks.clips.clips import ClipReader
from audioflan_tasks.clips.recipes import Recipe, read_recipes

__all__ = ["ClipReader", "Recipe", "read_recipes"]
