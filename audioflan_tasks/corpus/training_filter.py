"""Which records of a corpus may be trained on: one value that every way into training takes.

Where records are held out (by corpus, origin, language or speaker, or because they say
`unseen: true`), their audio and their sentences are too: a record of another task with the same
clip or the same transcript is not trained on either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.corpus.corpus import Corpus
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.records import Instance
from audioflan_tasks.records.prose import prose_of, words
from audioflan_tasks.records.row_filter import RowFilter, open_values_of

__all__ = ["EVERY_ROW", "HeldContent", "TrainingFilter", "training_filter"]

EVERY_ROW = RowFilter()


@dataclass(frozen=True, slots=True)
class HeldContent:
    """Ids of the clips of held-out records with all that is made of them, and their sentences."""

    clips: frozenset[str] = frozenset()
    sentences: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.clips or self.sentences)

    def is_in(self, instance: Instance) -> bool:
        """Whether a record holds one of the clips or sentences."""
        return not self.clips.isdisjoint(instance.audio_ids) or not (
            self.sentences.isdisjoint(prose_of(instance))
        )

    def is_said_in(self, texts: Iterable[str]) -> bool:
        """Whether one of the texts is one of the sentences."""
        return bool(self.sentences) and any(
            " ".join(words(text)) in self.sentences for text in texts
        )


@dataclass(frozen=True, slots=True)
class TrainingFilter:
    """What may be trained on; make it with `training_filter`.

    `rows` is what is asked for. Held out are the `tasks` (names), the records that `held_out`
    keeps (none where it is empty), those that say `unseen: true` unless `rows` asks for them, and
    whatever has their `content`.
    """

    rows: RowFilter = EVERY_ROW
    held_out: RowFilter = EVERY_ROW
    tasks: frozenset[str] = frozenset()
    content: HeldContent = HeldContent()

    @property
    def reads_records(self) -> bool:
        """Whether the rows of a task cannot be told by their flag `unseen` alone."""
        return bool(self.rows or self.held_out or self.content)

    def keeps(self, instance: Instance) -> bool:
        """Whether a record may be trained on."""
        return self.rows.keeps(instance) and not self.holds_out(instance)

    def holds_out(self, instance: Instance) -> bool:
        """Whether a record is held out, whatever `rows` asks for."""
        return (
            PREFIX + instance.task in self.tasks
            or (instance.unseen and not self.rows.asks_for_unseen)
            or (bool(self.held_out) and self.held_out.keeps(instance))
            or (bool(self.content) and self.content.is_in(instance))
        )


def training_filter(
    corpus: Corpus,
    rows: RowFilter = EVERY_ROW,
    held_out: RowFilter = EVERY_ROW,
    tasks: frozenset[str] = frozenset(),
) -> TrainingFilter:
    """The filter over a corpus; all records are read once where some are held out.

    Args:
      rows: which records are asked for.
      held_out: the records that must not be trained on; empty for none.
      tasks: names of the tasks that must not be.

    Raises:
      MixtureError: a corpus, origin, language or speaker that is held out is that of no record.
    """
    is_needed = bool(held_out) or (_has_unseen(corpus) and not rows.asks_for_unseen)
    return TrainingFilter(
        rows, held_out, tasks, _content(corpus, held_out) if is_needed else HeldContent()
    )


def _has_unseen(corpus: Corpus) -> bool:
    return any(len(corpus.unseen_rows(*pair)) for pair in corpus.rows.pairs())


# Of an open corpus, by the filter of what is held out.
_contents: WeakKeyDictionary[Corpus, dict[RowFilter, HeldContent]] = WeakKeyDictionary()


def _content(corpus: Corpus, held_out: RowFilter) -> HeldContent:
    by_filter = _contents.setdefault(corpus, {})
    if held_out not in by_filter:
        by_filter[held_out] = _read_content(corpus, held_out)
    return by_filter[held_out]


def _read_content(corpus: Corpus, held_out: RowFilter) -> HeldContent:
    clips: set[str] = set()
    sentences: set[str] = set()
    for instance in _held_records(corpus, held_out):
        clips.update(instance.audio_ids)
        sentences.update(prose_of(instance))
    return HeldContent(_with_recipes(corpus, clips), frozenset(sentences))


def _held_records(corpus: Corpus, held_out: RowFilter) -> Iterator[Instance]:
    missing = set(held_out.open_values)
    for instance in corpus.instances():
        missing -= open_values_of(instance) if missing else set()
        if instance.unseen or (held_out and held_out.keeps(instance)):
            yield instance
    if missing:
        raise MixtureError(f"held out: {held_out.unmatched_text(corpus.instances())}")


def _with_recipes(corpus: Corpus, clips: set[str]) -> frozenset[str]:
    """Clips, what they are made of, and all simulated clips that are made of the same."""
    if not corpus.recipes:
        return frozenset(clips)
    bases_of = corpus.clip_reader.base_clips
    bases = bases_of(sorted(clips))
    made_of_them = (clip for clip in corpus.recipes if not bases.isdisjoint(bases_of((clip,))))
    return frozenset({*clips, *bases, *made_of_them})
