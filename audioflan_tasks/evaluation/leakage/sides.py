"""Which records stand on a side of an audit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.selection import Selection, select
from audioflan_tasks.mixtures import Mix, Split
from audioflan_tasks.records import Instance

__all__ = ["Side", "side_of"]


class Side(NamedTuple):
    """Records of some tasks of a corpus in one split (None: all)."""

    name: str
    corpus: Corpus
    chosen: Selection
    split: str | None

    def instances(self) -> Iterator[Instance]:
        """The records, one at a time."""
        for task in self.chosen.tasks:
            for instance in self.corpus.instances(task, self.split):
                if self.chosen.keep(instance):
                    yield instance


def side_of(
    what: str | Path | Mix | Split | Corpus, *, training: bool, corpus: Corpus | None = None
) -> Side:
    """A side from what a user names.

    A corpus root or a JSONL file stands for all its records, a mixture or task for its
    records in the settings' corpus, either with `@SPLIT`; a mixture without it means train
    on the training side and test on the other. A `Split` stands for the side in question.

    Raises:
      EvaluationError: no such split.
      UnknownNameError: no such mixture or task.
    """
    if isinstance(what, Corpus):
        return Side(str(what.root), what, select("audioflan_all"), None)
    usual = "train" if training else "test"
    if isinstance(what, Mix | Split):
        chosen = select(what)
        if isinstance(what, Split) and training:
            chosen = Selection("seen", what.train.tasks, what.hold_out.for_training)
        return Side(chosen.name, corpus or open_corpus(), chosen, usual)
    name, _, split = str(what).partition("@")
    if split not in ("", "train", "validation", "test"):
        raise EvaluationError(f"{what}: expected @train, @validation or @test, not @{split}")
    if Path(name).expanduser().exists():
        opened = Corpus(Path(name).expanduser())
        return Side(str(what), opened, select("audioflan_all"), split or None)
    return Side(str(what), corpus or open_corpus(), select(name), split or usual)
