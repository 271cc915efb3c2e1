"""From an audio id to samples, whether they lie in a file or are made by a recipe."""

from __future__ import annotations

from audioflan_tasks.sounds.recipes import Recipe, read_recipes
from audioflan_tasks.sounds.sounds import Sounds

__all__ = ["Recipe", "Sounds", "read_recipes"]
