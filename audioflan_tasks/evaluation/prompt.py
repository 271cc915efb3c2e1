"""Prompts: one question to a model, with access to its audio.

A prompt does not depend on the model: adapters turn its segments into text, chat messages
or token ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX, TaskRow
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.render import Segment
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of

__all__ = ["Prompt", "chosen_rows", "make_prompts", "reference_of"]

Samples = NDArray[np.float32]
Treatment = Callable[[Samples, int], Samples]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to a model.

    `key` identifies it in the files of a run: task, split, row, variant. `shots` are the
    records of the few-shot examples among the segments, `example_options` the options with
    which the prompt was rendered. `replacements` maps an audio id to another one that is
    played instead, with its record (for shuffled audio); `treat` is a function that changes
    the samples (level, noise).
    """

    key: str
    row: TaskRow
    instance: Instance
    segments: tuple[Segment, ...]
    template: str
    corpus: Corpus = field(repr=False)
    example_options: ExampleOptions = field(repr=False)
    shots: tuple[Instance, ...] = ()
    replacements: Mapping[str, tuple[str, Instance]] = field(default_factory=dict)
    treat: Treatment | None = None
    treatment: str = ""

    @property
    def writes_audio(self) -> bool:
        """Whether the answer is audio."""
        return self.row.answer_kind.is_audio

    @property
    def options(self) -> tuple[str, ...]:
        """The labels to choose from: those of the record, else of the task; () if it is open."""
        return self.instance.options or self.row.labels

    @property
    def audio_ids(self) -> tuple[str, ...]:
        """Ids of the audio segments, in order and with repeats."""
        return tuple(s.value for s in self.segments if s.kind == "audio")

    @property
    def improved_place(self) -> int:
        """Index of the audio segment that the answer is an improved version of."""
        names = [piece.name for piece in self.row.inputs if piece.kind == "audio"]
        exemplar_clips = len(self.audio_ids) - len(names)  # they come before the question
        place = names.index(self.row.improves) if self.row.improves else 0
        return max(0, exemplar_clips) + place

    def text(self, audio: str = "<audio>") -> str:
        """The prompt as text, with `audio` in the place of each clip."""
        return "".join(audio if s.kind == "audio" else s.value for s in self.segments)

    def sound(self, audio_id: str, sample_rate: int) -> Samples:
        """Samples [n] of one of the audio ids as the model gets them."""
        instance = next((i for i in self.shots if audio_id in i.audio_ids), self.instance)
        clip_id, owner = self.replacements.get(audio_id, (audio_id, instance))
        samples = self.corpus.audio(clip_id, sample_rate, owner)
        return samples if self.treat is None else self.treat(samples, sample_rate)

    def sounds(self, sample_rate: int) -> list[Samples]:
        """Samples of every audio segment, in order."""
        return [self.sound(audio_id, sample_rate) for audio_id in self.audio_ids]

    def without_audio(self) -> Prompt:
        """The same prompt without its audio segments."""
        return replace(self, segments=tuple(s for s in self.segments if s.kind != "audio"))

    @property
    def digest(self) -> str:
        """A short hash of everything that the model gets, except the samples themselves."""
        parts = [
            f"{s.kind}\x1f{s.value}\x1f{self.replacements.get(s.value, ('',))[0]}"
            for s in self.segments
        ]
        text = "\x1e".join([self.row.id, self.treatment, *parts])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def reference_of(instance: Instance, row: TaskRow) -> str:
    """The gold answer: text, or the audio id if the answer is audio."""
    pieces = instance.output_pieces
    if row.answer_kind.is_audio:
        return next((p.value for p in pieces if p.kind == "audio"), "")
    only_text = len(pieces) == 1 and pieces[0].kind == "text"
    return pieces[0].value if only_text else instance.output.strip()


def chosen_rows(
    corpus: Corpus,
    row: TaskRow,
    split: str,
    *,
    limit: float | None,
    seed: int,
    keep: Callable[[Instance], bool],
) -> list[tuple[int, Instance]]:
    """The records of a split for which `keep` is true, with row numbers, in corpus order.

    A `limit` of 1 or more is a number of records, a limit below 1 a share of them. The choice
    depends on seed and uuid alone, and a larger limit contains all records of a smaller one.
    """
    rows = []
    for number in range(corpus.size(row.name, split)):
        instance = corpus.instance(row.name, split, number)
        if keep(instance):
            rows.append((number, instance))
    if limit is None:
        return rows
    max_rows = int(limit) if limit >= 1 else max(1, round(limit * len(rows)))
    shuffled_rows = sorted(rows, key=lambda r: seed_of("limit", seed, r[1].uuid or r[1].where))
    return sorted(shuffled_rows[:max_rows], key=lambda r: r[0])


def make_prompts(
    maker: ExampleMaker,
    corpus: Corpus,
    row: TaskRow,
    split: str,
    rows: Iterable[tuple[int, Instance]],
    seed: int,
    variant: str = "",
) -> Iterator[Prompt]:
    """A prompt for each record, with the instruction that training draws for the same seed."""
    mark = f"/{variant}" if variant else ""
    for number, instance in rows:
        question = maker.question(instance, seed)
        yield Prompt(
            key=f"{row.id}/{split}/{number}{mark}",
            row=row,
            instance=instance,
            segments=question.prompt.inputs,
            template=question.prompt.template,
            corpus=corpus,
            example_options=maker.options,
            shots=question.shots,
        )


def row_of(name: str) -> TaskRow:
    """The catalogue row of a task name or id."""
    return catalogue.get(name.removeprefix(PREFIX))
