"""From a record to the text and audio of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import ExampleMaker, Question, facts_of
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.chain.chain_run import (
    ChainRun,
    CorpusLike,
    corpus_for,
    options_for,
)
from audioflan_tasks.preprocessors.chain.element_map import FeatureSpec, map_elements
from audioflan_tasks.preprocessors.chain.reading import (
    CODES,
    code_features,
    code_specs,
    codes_by_id,
)
from audioflan_tasks.preprocessors.chain.record_features import RECORD, instance_of
from audioflan_tasks.preprocessors.chain.step import Dataset, Step
from audioflan_tasks.preprocessors.render import RenderedExample, Segment

__all__ = ["ANSWER", "PROVENANCE", "SEGMENTS", "apply_template", "provenance_specs"]

# Name and rank of each provenance feature; all are UTF-8 strings.
PROVENANCE: Mapping[str, int] = {
    "task": 0,
    "uuid": 0,
    "domain": 0,
    "major": 0,
    "paper_category": 0,
    "audio_ids": 1,
    "template": 0,
    "grade": 0,
    "swapped_from": 0,
    "shots": 1,
    "tags": 0,
}

# Names of the features that hold the segments of both sides, in order; those of the answer are
# the targets, the others the inputs.
SEGMENTS = ("segments", "segment_kinds", "segment_roles")

ANSWER = "targets_pretokenized"


def apply_template(
    task: str | None = None,
    *,
    options: ExampleOptions | None = None,
    corpus: CorpusLike | None = None,
) -> Step:
    """A record to the text and audio that a model reads and writes.

    The draw depends on seed, task, uuid and epoch. In an `AudioFlanTask` the seed is that of the
    dataset; in another task seqio draws one for each element (`seqio.map_over_dataset`), so that
    each epoch asks anew. The epoch is the feature `epoch`, else 0.

    Args:
      task: name or id of what is asked; None takes the record's `task`.
      options: of these `instructions`, `languages`, `inversion`, `shots` and `shot_budget` count;
        None takes those of the dataset, else the settings.
      corpus: where exemplars come from; None takes the task's, else that of the settings.

    Reads: the fields of a record, `epoch`, and with few-shot the codes, to which it adds those of
      the exemplars.
    Writes: `segments` [n] (a text, or an audio id), `segment_kinds` [n] (text, audio),
      `segment_roles` [n] (instruction, input, answer); `targets_pretokenized`, the gold answer as
      text or as audio id; provenance. The fields of the record go.

    Raises:
      UnknownNameError: no such task.
    """
    return Step(_apply_template, task=task, options=options, corpus=corpus)


def _apply_template(
    dataset: Dataset,
    *,
    task: str | None,
    options: ExampleOptions | None,
    corpus: CorpusLike | None,
    run: ChainRun | None = None,
) -> Dataset:
    own_options, own_corpus = options_for(run, options), corpus_for(run, corpus)
    seed = None if run is None else run.seed
    asker = _Asker(own_corpus, own_options, task, seed)
    return map_elements(
        dataset, asker.features,
        reads={*RECORD, "epoch", *(CODES if own_options.shots else ())},
        writes=asker.writes, drops={*RECORD, "epoch"}, is_seeded=seed is None,
    )  # fmt: skip


class _Asker:
    """Makes the features of `apply_template`."""

    def __init__(
        self, corpus: Corpus, options: ExampleOptions, task: str | None, seed: int | None
    ) -> None:
        self._maker = ExampleMaker(corpus, options)
        self._task = None if task is None else catalogue.get(task).id
        self._seed, self._has_shots = seed, bool(options.shots)
        self._coder = corpus.coder(self._maker.tokenizer)
        self._codebooks = len(self._maker.tokenizer.codebook_sizes)

    @property
    def writes(self) -> dict[str, FeatureSpec]:
        """What `features` gives."""
        return {
            **{feature: FeatureSpec("string", (None,)) for feature in SEGMENTS},
            **provenance_specs(),
            ANSWER: FeatureSpec("string"),
            **(code_specs(self._codebooks) if self._has_shots else {}),
        }

    def features(self, features: Mapping[str, Any]) -> dict[str, Any]:
        """Segments, answer and provenance of a record, and with few-shot all codes."""
        instance = instance_of(features, self._task)
        seed = _number(features["seed"]) if self._seed is None else self._seed
        question = self._maker.question(instance, seed, int(features.get("epoch", 0)))
        facts = facts_of(question, instance)
        return {
            **_segment_features(question.prompt),
            **facts.provenance,
            "audio_ids": facts.audio_ids,
            "shots": facts.shots,
            "tags": "",
            ANSWER: facts.answer,
            **(self._all_codes(features, question) if self._has_shots else {}),
        }

    def _all_codes(self, features: Mapping[str, Any], question: Question) -> dict[str, Any]:
        """The codes that the record has, and those of its exemplars."""
        clips = codes_by_id(features)
        owners = {i: record for record in question.shots for i in record.audio_ids}
        for segment in question.prompt.inputs:
            if segment.kind == "audio" and segment.value in owners:
                clips[segment.value] = self._coder(segment.value, owners[segment.value])
        return code_features(clips, self._codebooks)


def provenance_specs() -> dict[str, FeatureSpec]:
    """The features of provenance."""
    return {name: FeatureSpec("string", (None,) * rank) for name, rank in PROVENANCE.items()}


def _segment_features(prompt: RenderedExample) -> dict[str, list[str]]:
    segments = [part for s in (*prompt.inputs, *prompt.targets) for part in _parts(s)]
    return {
        "segments": [segment.value for segment in segments],
        "segment_kinds": [segment.kind for segment in segments],
        "segment_roles": [segment.role for segment in segments],
    }


def _parts(segment: Segment) -> Iterator[Segment]:
    """A segment, or the parts of it that are encoded one by one."""
    if not segment.parts:
        yield segment
    for part in segment.parts:
        yield Segment(segment.kind, part, segment.role)


def _number(seed: NDArray[np.int64]) -> int:
    """The two numbers of a seed of seqio as one."""
    first, second = seed.tolist()
    return int(first) << 32 | int(second)
