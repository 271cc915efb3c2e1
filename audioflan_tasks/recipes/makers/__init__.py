"""From recordings to questions: one maker for each task that needs no signal processing.

A maker says which facts a recording must have. Questions about one recording are made as it
streams by; questions about two need the recordings of a split together.
"""

from __future__ import annotations

from audioflan_tasks.recipes.makers.maker import Maker
from audioflan_tasks.recipes.makers.mixtures import MIXTURE_MAKERS
from audioflan_tasks.recipes.makers.pairs import PAIR_MAKERS
from audioflan_tasks.recipes.makers.singles import SINGLE_MAKERS

__all__ = ["MAKERS", "Maker"]

# By task id, in no order that counts.
MAKERS = {maker.task: maker for maker in (*SINGLE_MAKERS, *PAIR_MAKERS, *MIXTURE_MAKERS)}
