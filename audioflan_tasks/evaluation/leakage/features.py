"""Everything that two records may have in common, as 64-bit keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.gold_parsing import plain
from audioflan_tasks.evaluation.leakage.joins import Keys, hash_of
from audioflan_tasks.evaluation.leakage.sides import Side
from audioflan_tasks.evaluation.leakage.texts import FEWEST_WORDS
from audioflan_tasks.records import Instance
from audioflan_tasks.records.people import people_of
from audioflan_tasks.records.prose import prose_of

__all__ = ["Features", "features"]


@dataclass(frozen=True, slots=True)
class Features:
    """Keys of the records of one side.

    `clips` has for each base clip the numbers of its records, `clip_records` one of these
    records. `texts` has for each text the number of the first record with it.
    """

    labels: list[str] = field(default_factory=list)
    tasks: set[str] = field(default_factory=set)
    corpora: Keys = field(default_factory=Keys)
    audio: Keys = field(default_factory=Keys)
    text: Keys = field(default_factory=Keys)
    people: Keys = field(default_factory=Keys)
    instruction: Keys = field(default_factory=Keys)
    clips: dict[str, list[int]] = field(default_factory=dict)
    clip_records: dict[str, Instance] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """How many records there are."""
        return len(self.labels)


def features(side: Side, *, progress: Callable[[int], None] = lambda count: None) -> Features:
    """Reads the records of a side once."""
    side_features = Features()
    for owner, instance in enumerate(side.instances()):
        side_features.labels.append(f"{instance.task}:{instance.uuid or instance.where}")
        side_features.tasks.update(side.tasks_of(instance))
        if instance.corpus:
            side_features.corpora.add(hash_of(catalogue.corpus_key(instance.corpus)), owner)
        for clip in _clips(side.corpus, instance):
            side_features.audio.add(hash_of(clip), owner)
            side_features.clips.setdefault(clip, []).append(owner)
            side_features.clip_records.setdefault(clip, instance)
        for text in prose_of(instance, FEWEST_WORDS):
            side_features.text.add(hash_of(text), owner)
            side_features.texts.setdefault(text, owner)
        for person in _people(instance):
            side_features.people.add(hash_of(person), owner)
        if instance.instruction:
            side_features.instruction.add(hash_of(plain(instance.instruction)), owner)
        if owner % 1000 == 999:
            progress(1000)
    return side_features


def _clips(corpus: Corpus, instance: Instance) -> frozenset[str]:
    ids = instance.audio_ids
    return corpus.base_clips(instance) if corpus.recipes else frozenset(ids)


def _people(instance: Instance) -> Iterator[str]:
    """The people in a recording, each with its corpus: ids such as `p225` are not unique."""
    source = catalogue.corpus_key(instance.corpus) or ",".join(sorted(instance.source))
    for person in people_of(instance):
        yield f"{source}\x1f{plain(person)}"
