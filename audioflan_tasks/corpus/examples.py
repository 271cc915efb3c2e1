"""One instance to one training example: render, tokenize, splice, fit.

Plain NumPy. Every path (seqio, batches, exports) makes its examples here, so all of
them agree id for id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus.corpus import Corpus
from audioflan_tasks.corpus.shots import Shots, exemplars, with_shots
from audioflan_tasks.corpus.training_filter import TrainingFilter, training_filter
from audioflan_tasks.errors import AudioError, MissingAudioError, SettingsError, UnsafePathError
from audioflan_tasks.foreign.protocol import ForeignExample
from audioflan_tasks.foreign.protocol import facts_of as facts_of_foreign
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.crop import fit
from audioflan_tasks.preprocessors.render import RenderedExample, Segment
from audioflan_tasks.preprocessors.render import render as render_record
from audioflan_tasks.preprocessors.splice import ROLES, SplicedExample, splice
from audioflan_tasks.preprocessors.variants import mode_of, swapped
from audioflan_tasks.records import Instance
from audioflan_tasks.tokens import tokenizer_of, vocabulary_of

__all__ = [
    "Example",
    "ExampleMaker",
    "Facts",
    "Question",
    "facts_of",
    "provenance",
    "render",
]


@dataclass(frozen=True, slots=True)
class Example:
    """What a model is trained on, and where it comes from.

    `inputs` and `targets` are int32 ids [n]; roles are uint8 [n] (1 instruction, 2 input,
    3 answer). `targets` ends with EOS. `answer` is the gold answer as text, or the audio id
    where it is audio. `shots` are the uuids of solved examples before the question.
    """

    inputs: NDArray[np.int32]
    targets: NDArray[np.int32]
    input_roles: NDArray[np.uint8]
    target_roles: NDArray[np.uint8]
    answer: str
    audio_ids: tuple[str, ...]
    shots: tuple[str, ...]
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What an example says beside its ids; fields as of `Example`."""

    answer: str
    audio_ids: tuple[str, ...]
    shots: tuple[str, ...]
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """An instance as it is asked, its text and audio, and the instances of the exemplars in it."""

    instance: Instance
    prompt: RenderedExample
    shots: tuple[Instance, ...]


class ExampleMaker:
    """Makes examples of the records of one corpus.

    `lengths` limits `inputs` and `targets` (ids, EOS included). What cannot be used is
    counted in `skipped` by reason. Exemplars are records that `training` keeps, and no record is
    swapped into what it does not keep; None keeps all but records that say `unseen: true`.

    Raises:
      SettingsError: lengths of something else, or below 2.
    """

    def __init__(
        self,
        corpus: Corpus,
        options: ExampleOptions,
        lengths: Mapping[str, int] | None = None,
        training: TrainingFilter | None = None,
    ) -> None:
        self._corpus, self.options = corpus, options
        self.lengths = dict(lengths or {})
        wrong = {k: v for k, v in self.lengths.items() if k not in ("inputs", "targets") or v < 2}
        if wrong:
            raise SettingsError(
                f"sequence_length {wrong}: expected lengths of at least 2 for inputs and targets"
            )
        self.vocabulary = vocabulary_of(options)
        self.tokenizer = tokenizer_of(options)
        self._codes = corpus.coder(self.tokenizer)
        self._training_filter = training
        self.skipped: Counter[str] = Counter()

    def question(self, instance: Instance, seed: int, epoch: int = 0) -> Question:
        """What is asked: the instance, or the inverse task's, rendered, after its exemplars."""
        row, options = catalogue.get(instance.task), self.options
        record = swapped(instance, row, options.inversion, seed, epoch)
        if record is not instance and self._training.holds_out(record):
            record = instance
        prompt = self._rendered(record, seed, epoch)
        if not options.shots:
            return Question(record, prompt, ())
        exemplar_records = exemplars(
            self._corpus, record, Shots(options.shots, options.shot_budget), seed, epoch,
            lambda exemplar: self._length(exemplar, seed, epoch), self._training,
        )  # fmt: skip
        shots = [self._rendered(exemplar, seed, epoch) for exemplar in exemplar_records]
        return Question(record, with_shots(prompt, shots), tuple(exemplar_records))

    def example(self, instance: Instance, seed: int, epoch: int = 0) -> Example | None:
        """The example of an instance in one epoch, or None if it is skipped.

        Raises:
          AudioError: audio is missing or unreadable and the options do not say to skip.
        """
        try:
            question = self.question(instance, seed, epoch)
            sides = self._spliced(question)
        except AudioError as error:
            if self.options.missing_audio == "error":
                raise
            self.skipped[_kind_of_fault(error)] += 1
            return None
        if sides is None:
            self.skipped["too long"] += 1
            return None
        inputs, targets = sides
        facts = facts_of(question, instance)
        eos = np.array([self.vocabulary.eos_id], np.int32)
        return Example(
            inputs=inputs.ids,
            targets=np.concatenate([targets.ids, eos]),
            input_roles=inputs.roles,
            target_roles=np.append(targets.roles, np.uint8(ROLES["answer"])),
            answer=facts.answer,
            audio_ids=facts.audio_ids,
            shots=facts.shots,
            provenance=facts.provenance,
        )

    def foreign_example(self, task: str, example: ForeignExample | None) -> Example | None:
        """An example of a foreign task as ours are, or None if it is too long or not there.

        Nor is it where it holds a sentence of a record that is held out.
        """
        if example is None:
            self.skipped["no longer given"] += 1
            return None
        if self._training.content.is_said_in(example.texts):
            self.skipped["held out"] += 1
            return None
        sides = {"inputs": example.inputs, "targets": example.targets}
        if any(len(ids) > self.lengths.get(side, len(ids)) for side, ids in sides.items()):
            self.skipped["too long"] += 1
            return None
        return Example(
            inputs=example.inputs,
            targets=example.targets,
            input_roles=example.input_roles,
            target_roles=np.full(len(example.targets), ROLES["answer"], np.uint8),
            answer=example.answer,
            audio_ids=(),
            shots=(),
            provenance={
                **facts_of_foreign(task),
                "uuid": example.uuid,
                "template": "",
                "grade": "",
                "swapped_from": "",
            },
        )

    @property
    def _training(self) -> TrainingFilter:
        if self._training_filter is None:
            self._training_filter = training_filter(self._corpus)
        return self._training_filter

    def _rendered(self, instance: Instance, seed: int, epoch: int) -> RenderedExample:
        return _rendered(instance, catalogue.get(instance.task), seed, epoch, self.options)

    def _length(self, instance: Instance, seed: int, epoch: int) -> int:
        """Ids of an exemplar with what separates it from the next."""
        exemplar = with_shots(RenderedExample((), (), ""), [self._rendered(instance, seed, epoch)])
        return len(self.splice(exemplar.inputs, dict.fromkeys(instance.audio_ids, instance)).ids)

    def _spliced(self, question: Question) -> tuple[SplicedExample, SplicedExample] | None:
        asking_records = (*question.shots, question.instance)
        owners = {i: record for record in asking_records for i in record.audio_ids}
        inputs = self.splice(question.prompt.inputs, owners)
        targets = self.splice(question.prompt.targets, owners)
        room = self.lengths.get("targets")
        fitted_inputs = fit(inputs, self.lengths.get("inputs"), self.vocabulary)
        fitted_targets = fit(targets, None if room is None else room - 1, self.vocabulary)
        if fitted_inputs is None or fitted_targets is None:
            return None
        return fitted_inputs, fitted_targets

    def splice(self, segments: Sequence[Segment], owners: Mapping[str, Instance]) -> SplicedExample:
        """Segments as ids; `owners` gives for each audio id the record that it stands in."""
        return splice(segments, self.vocabulary, lambda i: self._codes(i, owners[i]))


def render(
    instance: Instance,
    row: TaskRow | None = None,
    seed: int = 0,
    *,
    epoch: int = 0,
    options: ExampleOptions | None = None,
) -> RenderedExample:
    """An instance as text and audio ids, as examples have it, without exemplars.

    Args:
      row: of the task; None takes the catalogue's.
      options: of these `instructions` and `languages` count; None takes the settings.

    Raises:
      SettingsError: an option cannot be used.
      TemplateError: the task's pool breaks the schema.
    """
    row = row or catalogue.get(instance.task)
    return _rendered(instance, row, seed, epoch, options_or_settings(options))


def _rendered(
    instance: Instance, row: TaskRow, seed: int, epoch: int, options: ExampleOptions
) -> RenderedExample:
    mode = mode_of(options.instructions, instance, seed, epoch)
    return render_record(
        instance, row, seed, epoch=epoch,
        # A swapped record has no words of its own.
        mode=mode if instance.instruction else "pool", languages=options.wordings,
    )  # fmt: skip


def facts_of(question: Question, instance: Instance) -> Facts:
    """What the example of a question says beside its ids; `instance` is the record as read."""
    record, prompt = question.instance, question.prompt
    swapped_from = "" if record is instance else catalogue.get(instance.task).name
    return Facts(
        answer=_answer(prompt),
        audio_ids=record.audio_ids,
        shots=tuple(shot.uuid for shot in question.shots),
        provenance=provenance(
            catalogue.get(record.task), record.uuid, prompt.template, record.grade, swapped_from
        ),
    )


def provenance(
    row: TaskRow, uuid: str, template: str, grade: str, swapped_from: str = ""
) -> dict[str, str]:
    """What is told of an example of a task."""
    return {
        **_of_task(row),
        "uuid": uuid,
        "template": template,
        "grade": grade,
        "swapped_from": swapped_from,
    }


@lru_cache(maxsize=1024)
def _of_task(row: TaskRow) -> dict[str, str]:
    return {
        "task": row.name,
        "domain": row.domain,
        "major": row.major,
        "paper_category": row.paper_category,
    }


def _kind_of_fault(error: AudioError) -> str:
    if isinstance(error, UnsafePathError):
        return "unsafe path of audio"
    return "missing audio" if isinstance(error, MissingAudioError) else "unreadable audio"


def _answer(prompt: RenderedExample) -> str:
    """The last audio id, whatever words stand around it; else the text after the lead-in."""
    audio_ids = [s.value for s in prompt.targets if s.kind == "audio"]
    return (audio_ids or [s.value for s in prompt.targets] or [""])[-1]
