"""Gold answers of other records, from which baselines guess."""

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

__all__ = ["AnswerPriors", "is_same_record", "priors_of"]

# Records that are read for their answers; enough for any label set.
_MOST_RECORDS = 5_000


@dataclass(frozen=True, slots=True)
class AnswerPriors:
    """Gold answers of a task, and the record of each."""

    golds: tuple[str, ...]
    owners: tuple[Instance, ...] = field(repr=False)

    def golds_beside(self, instance: Instance) -> list[str]:
        """The gold answers of all records except this one."""
        return [
            gold
            for gold, owner in zip(self.golds, self.owners, strict=True)
            if not is_same_record(owner, instance)
        ]


def is_same_record(instance: Instance, other: Instance) -> bool:
    """Whether two instances are of one record; a uuid may be that of several."""
    return (instance.uuid, instance.where) == (other.uuid, other.where)


@lru_cache(maxsize=256)
def priors_of(corpus: Corpus, task_id: str, split: str) -> AnswerPriors:
    """Gold answers of the training records; of the evaluated split if there are none."""
    row = catalogue.get(task_id)
    source = "train" if corpus.size(task_id, "train") else split
    size = corpus.size(task_id, source)
    places: Sequence[int] = range(size)
    if size > _MOST_RECORDS:
        places = random.Random(seed_of("supply", task_id)).sample(places, _MOST_RECORDS)
    records = [corpus.instance(task_id, source, position) for position in places]
    return AnswerPriors(tuple(reference_of(i, row) for i in records), tuple(records))
