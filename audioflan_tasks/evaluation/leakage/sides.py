"""The two sides of an audit: the training records and the evaluation records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.corpus.training_filter import training_filter
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.selection import Selection, is_fold, select, split_named
from audioflan_tasks.mixtures import Mix, Split, mixture_named
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.records import Instance
from audioflan_tasks.remote import is_address

__all__ = ["Side", "side_of"]


@dataclass(frozen=True, slots=True)
class Side:
    """The selected records of a corpus in one split (None: in all splits).

    On the training side these are the records that a stream of the mixture draws from.
    """

    name: str
    corpus: Corpus
    selection: Selection
    split: str | None
    options: ExampleOptions | None = None

    def tasks_of(self, instance: Instance) -> set[str]:
        """Ids of the tasks as which a record is trained on: its own, and those it is swapped to."""
        swaps = self.options is not None and self.options.inversion > 0
        return {instance.task, *(catalogue.get(instance.task).swaps if swaps else ())}

    def instances(self) -> Iterator[Instance]:
        """The records, one at a time; exemplars stand among them, which are of the train split."""
        has_shots = self.options is not None and self.options.shots > 0
        splits = dict.fromkeys((self.split, "train" if has_shots and self.split else self.split))
        for task in self.selection.tasks:
            for split in splits:
                for instance in self.corpus.instances(task, split):
                    if self.selection.keep(instance):
                        yield instance


def side_of(
    source: str | Path | Mix | Split | Corpus,
    *,
    training: bool,
    corpus: Corpus | None = None,
    options: ExampleOptions | None = None,
) -> Side:
    """The side that a user names.

    A corpus root or a JSONL file stands for all its records, a mixture or task for its
    records in `corpus` (default the corpus of the settings). Both may end in `@SPLIT`;
    without it a mixture or task means train on the training side and test on the evaluation
    side. Of a `Split` the training tasks or the held-out tasks are taken. The training side of a
    mixture has what its streams have, with the exemplars and swaps of the `options`.

    Raises:
      EvaluationError: no such split.
      UnknownNameError: no such mixture or task.
    """
    if isinstance(source, Corpus):
        return Side(source.address, source, select("audioflan_all"), None)
    default_split = "train" if training else "test"
    if isinstance(source, Mix | Split):
        side_corpus = corpus or open_corpus()
        if training:
            name = f"seen: {source.hold_out.name}" if isinstance(source, Split) else ""
            mix = source.train if isinstance(source, Split) else source
            name = name or select(mix).name
            return _training_side(name, mix, side_corpus, default_split, options)
        selection = select(source)
        if selection.refuse_unmatched is not None:
            selection.refuse_unmatched(side_corpus.instances())
        return Side(selection.name, side_corpus, selection, default_split)
    name, _, split = str(source).partition("@")
    if split not in ("", "train", "validation", "test"):
        raise EvaluationError(f"{source}: expected @train, @validation or @test, not @{split}")
    if is_address(name) or Path(name).expanduser().exists():
        source_corpus = Corpus(name)
        return Side(str(source), source_corpus, select("audioflan_all"), split or None)
    if training:
        mix = split_named(name).train if is_fold(name) else mixture_named(name)
        side_corpus = corpus or open_corpus()
        return _training_side(str(source), mix, side_corpus, split or default_split, options)
    return Side(str(source), corpus or open_corpus(), select(name), split or default_split)


def _training_side(
    name: str, mix: Mix, corpus: Corpus, split: str, options: ExampleOptions | None
) -> Side:
    """What a mixture trains on, with the filter that its streams have."""
    fold = mix.hold_out
    training = training_filter(corpus, mix.rows, fold.records, fold.refused)
    return Side(name, corpus, Selection(name, mix.tasks, training.keeps), split, options)
