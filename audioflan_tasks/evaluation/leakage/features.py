"""What two records could share, as 64-bit keys."""

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

# Fields of `other` that say who is heard.
PEOPLE = ("speaker", "speaker_id", "speakers", "singer", "artist", "performer", "composer")


@dataclass
class Features:
    """Keys of one side. `clips` has a record for each base clip; `texts` each text once."""

    records: int = 0
    labels: list[str] = field(default_factory=list)
    tasks: set[str] = field(default_factory=set)
    audio: Keys = field(default_factory=Keys)
    text: Keys = field(default_factory=Keys)
    people: Keys = field(default_factory=Keys)
    instruction: Keys = field(default_factory=Keys)
    clips: dict[str, list[int]] = field(default_factory=dict)
    named: dict[str, Instance] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)


def features(side: Side, *, progress: Callable[[int], None] = lambda count: None) -> Features:
    """Reads a side once."""
    found = Features()
    rows = {row.id: row for row in catalogue.tasks()}
    for owner, instance in enumerate(side.instances()):
        found.records += 1
        found.labels.append(f"{instance.task}:{instance.uuid or instance.where}")
        found.tasks.add(instance.task)
        for clip in _clips(side.corpus, instance):
            found.audio.add(hash_of(clip), owner)
            found.clips.setdefault(clip, []).append(owner)
            found.named.setdefault(clip, instance)
        for text in _texts(instance, rows[instance.task]):
            found.text.add(hash_of(text), owner)
            found.texts.setdefault(text, owner)
        for person in _people(instance):
            found.people.add(hash_of(person), owner)
        if instance.instruction:
            found.instruction.add(hash_of(plain(instance.instruction)), owner)
        if owner % 1000 == 999:
            progress(1000)
    return found


def _clips(corpus: Corpus, instance: Instance) -> frozenset[str]:
    ids = instance.audio_ids
    return corpus.base_clips(instance) if corpus.recipes else frozenset(ids)


def _texts(instance: Instance, row: TaskRow) -> Iterator[str]:
    """Transcripts, captions, lyrics and descriptions as words; labels are too short to tell."""
    sides = [instance.output] if row.answer_kind.is_prose else []
    if "text" in row.reads:
        sides += [piece.value for piece in instance.input_pieces if piece.kind == "text"]
    for text in sides:
        found = words(text)
        if len(found) >= MIN_WORDS:
            yield " ".join(found)


def _people(instance: Instance) -> Iterator[str]:
    """Who is heard; a name counts within its source corpus, since `p225` is no name."""
    source = ",".join(sorted(instance.source))
    for name in PEOPLE:
        value = instance.other.get(name)
        for one in value if isinstance(value, list | tuple) else (value,):
            if one not in (None, ""):
                yield f"{source}\x1f{plain(str(one))}"
