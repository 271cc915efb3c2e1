"""From answers to values: the tasks' own metrics, whole, in part, and example by example.

The only module of this package that calls the metrics. Audio is compared with the
reference at `REFERENCE_RATE`; a reference carries the unprocessed input where the task has
one. This is what the tasks' seqio postprocessors do, so that `seqio.Evaluator` gives the
same numbers (tests/evaluation/test_parity.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.evaluation.prompt import Prompt, reference_of
from audioflan_tasks.metrics import (
    AudioAnswer,
    Batch,
    MetricInfo,
    metrics_of,
    read_batch,
    source_piece,
)

__all__ = ["REFERENCE_RATE", "Reading", "Scorer", "infos_of", "read_answers"]

REFERENCE_RATE = 16_000

_NUM_PROBES = 3  # pairs on which a costly metric is tried for being a mean


def infos_of(row: TaskRow) -> list[MetricInfo]:
    """A task's metrics, primary first."""
    return metrics_of(row)


@dataclass(frozen=True)
class Scorer:
    """References of one task's prompts, in the form in which its metrics take them."""

    row: TaskRow
    prompts: Sequence[Prompt]

    @cached_property
    def golds(self) -> list[str]:
        """Gold answers as text, or audio ids."""
        return [reference_of(p.instance, self.row) for p in self.prompts]

    @cached_property
    def targets(self) -> list[Any]:
        """What metrics get as targets: text, or `AudioAnswer`."""
        if not self.row.answer_kind.is_audio:
            return list(self.golds)
        return [self._sound(p, gold) for p, gold in zip(self.prompts, self.golds, strict=True)]

    def read(self, answers: Sequence[Answer]) -> Reading:
        """The answers beside the references; one for each prompt."""
        audio = self.row.answer_kind.is_audio
        values = [answer.audio if audio else answer.text for answer in answers]
        options = [p.options for p in self.prompts]
        return read_answers(
            self.row, self.targets, values, options, [p.text() for p in self.prompts]
        )

    def _sound(self, prompt: Prompt, gold: str) -> AudioAnswer:
        samples = prompt.corpus.audio(gold, REFERENCE_RATE, prompt.instance)
        pieces = [p for p in self.row.inputs if p.kind == "audio"]
        audio_ids = [p.value for p in prompt.instance.input_pieces if p.kind == "audio"]
        by_name = dict(zip((p.name for p in pieces), audio_ids, strict=False))
        source_id = by_name.get(source_piece(self.row))
        if source_id is None:
            return AudioAnswer(samples, REFERENCE_RATE)
        source = prompt.corpus.audio(source_id, REFERENCE_RATE, prompt.instance)
        return AudioAnswer(samples, REFERENCE_RATE, source)


def read_answers(
    row: TaskRow,
    targets: Sequence[Any],
    answers: Sequence[Any],
    options: Sequence[Sequence[str]],
    prompts: Sequence[str],
) -> Reading:
    """References and answers as a task's reader takes them: text, or `AudioAnswer`s."""
    options = options if any(options) else ()
    return Reading(row, read_batch(targets, answers, row=row, options=options, prompts=prompts))


@dataclass(frozen=True)
class Reading:
    """Answers that were read once and can be scored over any part of the examples."""

    row: TaskRow
    batch: Batch

    def __len__(self) -> int:
        return len(self.batch.references)

    def values(self, info: MetricInfo, places: Sequence[int] | None = None) -> dict[str, float]:
        """All values that a metric gives over the examples at these places (None: all)."""
        if places is None:
            return info.compute(self.batch)
        part = replace(
            self.batch,
            references=[self.batch.references[i] for i in places],
            answers=[self.batch.answers[i] for i in places],
            parsed=[self.batch.parsed[i] for i in places],
        )
        return info.compute(part)

    def value(self, info: MetricInfo, places: Sequence[int] | None = None) -> float:
        """The metric itself."""
        return self.values(info, places)[info.name]

    def singles(self, info: MetricInfo, whole: float | None = None) -> NDArray[np.float64] | None:
        """The metric of each example alone, [n], or None where their mean is not the metric.

        `whole` is the metric over all examples; without it a few are tried, which is enough
        to tell a mean from a ratio of sums and spares a second pass over audio. NaN marks an
        example that the metric leaves out (a silent reference).
        """
        values = np.array([self._single(info, place) for place in range(len(self))])
        finite = np.flatnonzero(np.isfinite(values))
        if not len(finite) or np.isinf(values).any():
            return None
        samples = finite if whole is not None else finite[:_NUM_PROBES]
        total = whole
        if total is None:
            total = values[samples[0]] if len(samples) == 1 else self.value(info, samples.tolist())
        # Relative to the values: a mean of +30 and -30 dB is 0 with the rounding of 30.
        size = max(1e-3, float(np.abs(values[samples]).max()))
        is_mean = math.isclose(
            float(values[samples].mean()), total, rel_tol=1e-6, abs_tol=1e-6 * size
        )
        return values if is_mean else None

    def _single(self, info: MetricInfo, place: int) -> float:
        try:
            return self.value(info, [place])
        except MetricInputError:
            return math.nan

    @property
    def statuses(self) -> Counter[str]:
        """How many answers could be read, and why others could not."""
        return Counter(str(value.status) for value in self.batch.parsed)

    @property
    def unparsed(self) -> float:
        """Share of answers without a value."""
        return self.batch.unparsed
