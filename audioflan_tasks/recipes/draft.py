"""A question before it is a record: the values of its pieces and its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.pool_instruction import pool_instruction
from audioflan_tasks.recipes.recording import Recording, audio_key
from audioflan_tasks.recipes.simulated_clip import (
    Clip,
    SimulatedClip,
    recordings_in,
    simulations_in,
)
from audioflan_tasks.records.instance import Instance, Split
from audioflan_tasks.records.spans import span
from audioflan_tasks.seeds import seed_of

__all__ = ["Draft", "instance_of"]

# Labels of pieces as appendix A.4 of the paper has them; others are the catalogue's own names.
_LABELS = MappingProxyType(
    {"audio_1": "audio_sample1", "audio_2": "audio_sample2", "prompt": "speaker_audio"}
)
# Facts that hold-outs and audits look for in a record.
_KEPT_FACTS = ("speaker", "language", "artist")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A question of a task: one value for each of the task's input pieces, in order.

    `instruction` stands for itself; "" takes one of the task's pool. `variant` tells questions
    apart that have the same clips. A clip may be one that a simulation makes when it is read.
    `unseen` ones are never trained on.
    """

    task: str
    values: tuple[Clip | str, ...]
    answer: Clip | str
    slots: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    instruction: str = ""
    variant: str = ""
    unseen: bool = False
    other: Mapping[str, Any] = field(default_factory=dict)

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips that it names, each once."""
        clips = [value for value in (*self.values, self.answer) if not isinstance(value, str)]
        return tuple({clip.id: clip for clip in clips}.values())

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """The recordings that these are or are made of, each once."""
        recordings = (each for clip in self.clips for each in recordings_in(clip))
        return tuple({recording.id: recording for recording in recordings}.values())

    @property
    def simulations(self) -> Iterator[SimulatedClip]:
        """The simulations that it needs, those that others need first."""
        for clip in self.clips:
            yield from simulations_in(clip)


def instance_of(draft: Draft, corpus: str, split: Split) -> Instance:
    """The record of a question; its uuid depends on the clips, the task and the variant only."""
    row = catalogue.get(draft.task)
    recordings = draft.recordings
    key = "|".join((corpus, row.id, draft.variant, *(clip.id for clip in draft.clips)))
    uuid = hashlib.sha256(key.encode()).hexdigest()[:24]
    return Instance(
        instruction=draft.instruction
        or pool_instruction(row.id, draft.slots, lambda n: seed_of("instruction", uuid) % n),
        input=_input(draft, row, corpus),
        output=_shown(draft.answer, corpus),
        uuid=uuid,
        split=split,
        task=row.id,
        minor=row.minor,
        major=row.major,
        paper_category=row.paper_category,
        unseen=draft.unseen,
        domain=row.domain,
        source=tuple(dict.fromkeys(clip.origin for clip in recordings if clip.origin)),
        other=_facts(draft, recordings),
    )


def _input(draft: Draft, row: catalogue.TaskRow, corpus: str) -> str:
    if len(row.inputs) == 1:
        return _shown(draft.values[0], corpus)
    return "\n".join(
        f"{_LABELS.get(piece.name, piece.name)}: {_shown(value, corpus)}"
        for piece, value in zip(row.inputs, draft.values, strict=True)
    )


def _shown(value: Clip | str, corpus: str) -> str:
    return value if isinstance(value, str) else span(audio_key(corpus, value.id))


def _facts(draft: Draft, recordings: tuple[Recording, ...]) -> dict[str, Any]:
    facts: dict[str, Any] = dict(draft.other)
    for clip in draft.clips:
        if isinstance(clip, SimulatedClip):
            facts.setdefault("simulated", {"kind": clip.kind, "params": dict(clip.params)})
    for name in _KEPT_FACTS:
        values = list(dict.fromkeys(getattr(clip, name) for clip in recordings))
        if values and all(values):
            facts[name] = values if name == "speaker" else values[0]
    licences = sorted({clip.licence for clip in recordings if clip.licence})
    optional = {
        "slots": dict(draft.slots),
        "options": list(draft.options),
        "licence": " + ".join(licences),
    }
    return facts | {name: value for name, value in optional.items() if value}
