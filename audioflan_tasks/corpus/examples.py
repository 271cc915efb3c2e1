"""One instance to one training example: render, tokenize, splice, fit.

Plain NumPy. Every path (seqio, batches, exports) makes its examples here, so all of
them agree id for id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.config import settings
from audioflan_tasks.corpus.corpus import Corpus, tokenizer_options
from audioflan_tasks.corpus.shots import Shots, exemplars, with_shots
from audioflan_tasks.errors import MissingAudioError, SettingsError
from audioflan_tasks.preprocessors.crop import fit
from audioflan_tasks.preprocessors.render import RenderedExample, Segment, render
from audioflan_tasks.preprocessors.splice import SplicedExample, splice
from audioflan_tasks.preprocessors.variants import mode_of, swapped
from audioflan_tasks.records import Instance
from audioflan_tasks.tokens import AudioTextVocabulary, get_tokenizer, vocabulary

__all__ = [
    "Example",
    "ExampleMaker",
    "Facts",
    "Question",
    "provenance",
    "shared_vocabulary",
    "tokenizer_options",
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


class Facts(NamedTuple):
    """What an example says beside its ids; fields as of `Example`."""

    answer: str
    audio_ids: tuple[str, ...]
    shots: tuple[str, ...]
    provenance: Mapping[str, str]


class Question(NamedTuple):
    """An instance as it is asked, and the instances of the exemplars before it."""

    instance: Instance
    rendered: RenderedExample
    shots: tuple[Instance, ...]


class ExampleMaker:
    """Makes examples of one corpus with the tokenizer and vocabulary of the settings.

    `lengths` limits `inputs` and `targets` (ids, EOS included). What cannot be used is
    counted in `skipped` by reason.
    """

    def __init__(self, corpus: Corpus, lengths: Mapping[str, int] | None = None) -> None:
        self._corpus = corpus
        self.lengths = dict(lengths or {})
        wrong = {k: v for k, v in self.lengths.items() if k not in ("inputs", "targets") or v < 2}
        if wrong:
            raise SettingsError(
                f"sequence_length {wrong}: expected lengths of at least 2 for inputs and targets"
            )
        self.vocabulary = shared_vocabulary()
        self.tokenizer = get_tokenizer(settings.tokenizer, **tokenizer_options())
        self._codes = corpus.coder(self.tokenizer)
        self.skipped: Counter[str] = Counter()

    def read(self, instance: Instance, seed: int, epoch: int = 0) -> Question:
        """What is asked: the instance, or the inverse task's, rendered, after its exemplars."""
        own = catalogue.get(instance.task)
        asked = swapped(instance, own, settings.inversion, seed, epoch)
        rendered = self._rendered(asked, seed, epoch)
        if not settings.shots:
            return Question(asked, rendered, ())
        chosen = exemplars(
            self._corpus, asked, Shots(settings.shots, settings.shot_budget), seed, epoch,
            lambda i: self._length(i, seed, epoch),
        )  # fmt: skip
        solved = [self._rendered(i, seed, epoch) for i in chosen]
        return Question(asked, with_shots(rendered, solved), tuple(chosen))

    def __call__(self, instance: Instance, seed: int, epoch: int = 0) -> Example | None:
        """The example of an instance in one epoch, or None if it is skipped.

        Raises:
          MissingAudioError: audio is missing and the settings do not say to skip.
        """
        question = self.read(instance, seed, epoch)
        try:
            made = self._spliced(question)
        except MissingAudioError:
            if settings.missing_audio == "error":
                raise
            self.skipped["missing audio"] += 1
            return None
        if made is None:
            self.skipped["too long"] += 1
            return None
        inputs, targets = made
        asked, rendered, shots = question
        eos = np.array([self.vocabulary.eos_id], np.int32)
        row = catalogue.get(asked.task)
        swapped_from = "" if asked is instance else catalogue.get(instance.task).name
        facts = Facts(
            _answer(rendered), asked.audio_ids, tuple(i.uuid for i in shots),
            provenance(row, asked.uuid, rendered.template, asked.grade, swapped_from),
        )  # fmt: skip
        return Example(
            inputs.ids, np.concatenate([targets.ids, eos]),
            inputs.roles, np.concatenate([targets.roles, targets.roles[-1:]]), *facts,
        )  # fmt: skip

    def _rendered(self, instance: Instance, seed: int, epoch: int) -> RenderedExample:
        mode = mode_of(settings.instructions, instance, seed, epoch)
        row = catalogue.get(instance.task)
        # A swapped record has no words of its own.
        mode = mode if instance.instruction else "pool"
        return render(instance, row, seed, epoch=epoch, mode=mode, languages=settings.languages)

    def _length(self, instance: Instance, seed: int, epoch: int) -> int:
        """Ids of an exemplar with what separates it from the next."""
        one = with_shots(RenderedExample((), (), ""), [self._rendered(instance, seed, epoch)])
        return len(self.splice(one.inputs, dict.fromkeys(instance.audio_ids, instance)).ids)

    def _spliced(self, question: Question) -> tuple[SplicedExample, SplicedExample] | None:
        asked, rendered, shots = question
        named = {i: one for one in (*shots, asked) for i in one.audio_ids}
        inputs = self.splice(rendered.inputs, named)
        targets = self.splice(rendered.targets, named)
        room = self.lengths.get("targets")
        fitted_inputs = fit(inputs, self.lengths.get("inputs"), self.vocabulary)
        fitted_targets = fit(targets, None if room is None else room - 1, self.vocabulary)
        if fitted_inputs is None or fitted_targets is None:
            return None
        return fitted_inputs, fitted_targets

    def splice(self, segments: Sequence[Segment], named: Mapping[str, Instance]) -> SplicedExample:
        """Segments as ids; `named` gives for each audio id the record that it stands in."""
        return splice(segments, self.vocabulary, lambda i: self._codes(i, named[i]))


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


def _answer(rendered: RenderedExample) -> str:
    """The last audio id, whatever words stand around it; else the text after the lead-in."""
    heard = [s.value for s in rendered.targets if s.kind == "audio"]
    return (heard or [s.value for s in rendered.targets] or [""])[-1]


def shared_vocabulary() -> AudioTextVocabulary:
    """The vocabulary that the settings ask for; the same object for all tasks."""
    return vocabulary(
        settings.tokenizer, text=settings.text, layout=settings.layout, **tokenizer_options()
    )
