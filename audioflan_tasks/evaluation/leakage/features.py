"""Everything that two records may have in common, as 64-bit keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.gold_parsing import plain
from audioflan_tasks.evaluation.leakage.joins import Keys, hash_of
from audioflan_tasks.evaluation.leakage.sides import Side
from audioflan_tasks.evaluation.leakage.texts import MIN_WORDS, words
from audioflan_tasks.records import Instance

__all__ = ["PEOPLE", "Features", "features"]

# Fields of `other` that name the person in a recording.
PEOPLE = ("speaker", "speaker_id", "speakers", "singer", "artist", "performer", "composer")


@dataclass(frozen=True, slots=True)
class Features:
    """Keys of the records of one side.

    `clips` has for each base clip the numbers of its records, `clip_records` one of these
    records. `texts` has for each text the number of the first record with it.
    """

    labels: list[str] = field(default_factory=list)
    tasks: set[str] = field(default_factory=set)
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
    rows = {row.id: row for row in catalogue.tasks()}
    for owner, instance in enumerate(side.instances()):
        side_features.labels.append(f"{instance.task}:{instance.uuid or instance.where}")
        side_features.tasks.add(instance.task)
        for clip in _clips(side.corpus, instance):
            side_features.audio.add(hash_of(clip), owner)
            side_features.clips.setdefault(clip, []).append(owner)
            side_features.clip_records.setdefault(clip, instance)
        for text in _texts(instance, rows[instance.task]):
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


def _texts(instance: Instance, row: TaskRow) -> Iterator[str]:
    """Transcripts, captions, lyrics and descriptions as words; labels are too short to compare."""
    sides = [instance.output] if row.answer_kind.is_prose else []
    if "text" in row.reads:
        sides += [piece.value for piece in instance.input_pieces if piece.kind == "text"]
    for text in sides:
        text_words = words(text)
        if len(text_words) >= MIN_WORDS:
            yield " ".join(text_words)


def _people(instance: Instance) -> Iterator[str]:
    """The people in a recording, each with its corpus: ids such as `p225` are not unique."""
    source = instance.corpus or ",".join(sorted(instance.source))
    for name in PEOPLE:
        value = instance.other.get(name)
        for person in value if isinstance(value, list | tuple) else (value,):
            if person not in (None, ""):
                yield f"{source}\x1f{plain(str(person))}"
