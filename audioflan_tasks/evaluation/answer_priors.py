"""Gold answers that a guesser may draw from."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.prompt import reference_of
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of

__all__ = ["Supply", "supply_of"]

# Instances that are looked at for answers to draw from; enough for any label set.
_SUPPLY = 5_000


@dataclass(frozen=True)
class Supply:
    """Gold answers of a task that a guesser may draw from, with the records they are of."""

    golds: tuple[str, ...]
    owners: tuple[Instance, ...] = field(repr=False)

    def others(self, instance: Instance) -> list[int]:
        """Places of the answers that are not of this very record."""
        return [at for at, owner in enumerate(self.owners) if owner.uuid != instance.uuid]


@lru_cache(maxsize=256)
def supply_of(corpus: Corpus, task_id: str, split: str) -> Supply:
    """Gold answers of training records; of the measured split where there are none."""
    row = catalogue.get(task_id)
    source = "train" if corpus.size(task_id, "train") else split
    size = corpus.size(task_id, source)
    places: Sequence[int] = range(size)
    if size > _SUPPLY:
        places = random.Random(seed_of("supply", task_id)).sample(places, _SUPPLY)
    found = [corpus.instance(task_id, source, at) for at in places]
    return Supply(tuple(reference_of(i, row) for i in found), tuple(found))
