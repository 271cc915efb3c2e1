"""From recordings to questions: the makers of each task.

A maker says which facts a recording must have. Questions about one recording are made as it
streams by; questions about two need the recordings of a split together. Clips that are mixed,
damaged or cut are simulations of `preprocessors.simulate`, which are run when they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from audioflan_tasks.recipes.makers.excerpts import EXCERPT_MAKERS
from audioflan_tasks.recipes.makers.maker import Maker
from audioflan_tasks.recipes.makers.mixing import MIXING_MAKERS
from audioflan_tasks.recipes.makers.mixtures import MIXTURE_MAKERS
from audioflan_tasks.recipes.makers.pairs import PAIR_MAKERS
from audioflan_tasks.recipes.makers.restorations import RESTORATION_MAKERS
from audioflan_tasks.recipes.makers.singles import SINGLE_MAKERS
from audioflan_tasks.recipes.makers.sounds import SOUND_MAKERS

__all__ = ["MAKERS", "Maker", "makers_of"]

MAKERS: tuple[Maker, ...] = (
    *SINGLE_MAKERS, *PAIR_MAKERS, *EXCERPT_MAKERS, *SOUND_MAKERS, *RESTORATION_MAKERS,
    *MIXTURE_MAKERS, *MIXING_MAKERS,
)  # fmt: skip


def makers_of(task: str) -> tuple[Maker, ...]:
    """The makers of a task by its id: one for each kind of recording that it can be made of."""
    return _BY_TASK.get(task, ())


_BY_TASK: Mapping[str, tuple[Maker, ...]] = MappingProxyType(
    {
        task: tuple(maker for maker in MAKERS if maker.task == task)
        for task in dict.fromkeys(maker.task for maker in MAKERS)
    }
)
