"""The metrics of a task's answers: over all examples, over some, and for single examples.

This is the only module of this package that calls the metrics. Audio is compared with the
reference at `REFERENCE_RATE`; the reference carries the unprocessed input if the task has
one. The seqio postprocessors of the tasks do the same, so that `seqio.Evaluator` gives the
same numbers (tests/evaluation/test_parity.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.evaluation.endings import with_endings
from audioflan_tasks.evaluation.prompt import Prompt, reference_of
from audioflan_tasks.metrics import (
    AudioAnswer,
    Batch,
    MetricInfo,
    Sums,
    metric,
    metrics_of,
    read_batch,
    source_piece,
)
from audioflan_tasks.metrics.sums import mean, of_groups

__all__ = [
    "REFERENCE_RATE", "Reading", "Scorer", "check_libraries", "infos_of", "read_answers"
]  # fmt: skip

REFERENCE_RATE = 16_000

_NUM_PROBES = 3  # examples on which a costly metric is tested for being a mean
_NUM_SILENT = 16  # examples of audio that say what silence scores
# Groups of examples without which a metric is computed again, where it is no function of sums.
_GROUPS = 40


def infos_of(row: TaskRow, more: Sequence[str] = ()) -> list[MetricInfo]:
    """A task's metrics, primary first, and those of `more` that read its answers."""
    infos = metrics_of(row)
    more_infos = (metric(name) for name in dict.fromkeys(more) if name not in row.metrics)
    return [*infos, *(info for info in more_infos if info.fits(row) and not info.needs)]


def check_libraries(rows: Iterable[TaskRow], more: Sequence[str] = ()) -> None:
    """Nothing, if the libraries of all metrics of these tasks are there.

    Raises:
      MissingExtraError: one is not; it is better known before a model is asked.
    """
    for row in rows:
        for info in infos_of(row, more):
            info.check_installed()


@dataclass(frozen=True)
class Scorer:
    """The references of one task's prompts, in the form that its metrics take."""

    row: TaskRow
    prompts: Sequence[Prompt]

    @cached_property
    def golds(self) -> list[str]:
        """Gold answers: texts, or audio ids."""
        return [reference_of(p.instance, self.row) for p in self.prompts]

    @cached_property
    def targets(self) -> list[Any]:
        """The targets of the metrics: texts, or `AudioAnswer`s."""
        if not self.row.answer_kind.is_audio:
            return list(self.golds)
        return [self._sound(p, gold) for p, gold in zip(self.prompts, self.golds, strict=True)]

    def read(self, answers: Sequence[Answer]) -> Reading:
        """The answers, one for each prompt, parsed for the metrics."""
        audio = self.row.answer_kind.is_audio
        values = [answer.audio if audio else answer.text for answer in answers]
        options = [p.options for p in self.prompts]
        reading = read_answers(
            self.row, self.targets, values, options, [p.text() for p in self.prompts]
        )
        return reading if audio else replace(reading, batch=with_endings(reading.batch, answers))

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
    """References and answers (texts or `AudioAnswer`s) parsed by the reader of the task."""
    options = options if any(options) else ()
    return Reading(row, read_batch(targets, answers, row=row, options=options, prompts=prompts))


@dataclass(frozen=True, slots=True)
class Reading:
    """Answers that are parsed once and can then be scored over any of the examples."""

    row: TaskRow
    batch: Batch

    def __len__(self) -> int:
        return len(self.batch.references)

    def values(self, info: MetricInfo, places: Sequence[int] | None = None) -> dict[str, float]:
        """All values of a metric over the examples of these indices (None: all examples)."""
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
        """The value that has the name of the metric, over the examples of these indices.

        NaN where the metric compares none of them.
        """
        return self.values(info, places).get(info.name, math.nan)

    def unanswered(self, info: MetricInfo) -> float:
        """The value if no question had an answer; the best where there is none."""
        silent = Reading(self.row, replace(self.batch, answers=[None] * len(self)))
        count = min(len(self), _NUM_SILENT) if info.answers == "audio" else len(self)
        value = silent._value_or_nan(info, range(count))
        return value if math.isfinite(value) else info.best

    def measure(self, info: MetricInfo) -> tuple[dict[str, float], Sums | None]:
        """All values of a metric, and its sums; None where it compares none of the examples."""
        # A second pass over audio would cost much.
        singles = self.singles(info) if info.answers == "audio" and not info.sums else None
        if singles is not None:
            sums = mean(singles)
            return {info.name: sums.whole}, sums
        values = self.values(info)
        return values, self.sums(info, values[info.name]) if info.name in values else None

    def sums(self, info: MetricInfo, whole: float) -> Sums:
        """The metric as a function of sums over the examples; `whole` is its value.

        Without such sums, and where it is no mean, the parts are those of groups of examples:
        how much each moves the metric (the pseudo-values of the jackknife).
        """
        sums = info.sums_of(self.batch)
        if sums is not None:
            return sums
        singles = self.singles(info, whole)
        if singles is not None:
            return mean(singles)
        groups = np.arange(len(self)) % min(len(self), _GROUPS)
        without = [
            self._value_or_nan(info, np.flatnonzero(groups != group).tolist())
            for group in range(groups.max() + 1)
        ]
        return of_groups(whole + groups.max() * (np.nanmean(without) - np.array(without)))

    def singles(self, info: MetricInfo, whole: float | None = None) -> NDArray[np.float64] | None:
        """The metric of each single example, [n]; None if their mean is not the metric.

        `whole` is the metric over all examples. Without it the mean is checked on a few
        examples, which is enough to tell a mean from a ratio of sums and avoids a second pass
        over audio. NaN stands for an example that the metric leaves out (a silent reference).
        """
        values = np.array([self._value_or_nan(info, [place]) for place in range(len(self))])
        finite = np.flatnonzero(np.isfinite(values))
        if not len(finite) or np.isinf(values).any():
            return None
        samples = finite if whole is not None else finite[:_NUM_PROBES]
        total = whole
        if total is None:
            total = values[samples[0]] if len(samples) == 1 else self.value(info, samples.tolist())
        # The tolerance is relative to the values: a mean of +30 and -30 dB is 0, with the
        # rounding error of 30.
        size = max(1e-3, float(np.abs(values[samples]).max()))
        is_mean = math.isclose(
            float(values[samples].mean()), total, rel_tol=1e-6, abs_tol=1e-6 * size
        )
        return values if is_mean else None

    def _value_or_nan(self, info: MetricInfo, places: Sequence[int]) -> float:
        try:
            return self.value(info, places)
        except MetricInputError:
            return math.nan

    @property
    def statuses(self) -> Counter[str]:
        """Number of answers by parsing status."""
        return Counter(str(value.status) for value in self.batch.parsed)

    @property
    def unparsed(self) -> float:
        """Share of answers that could not be parsed, from 0 to 1."""
        return self.batch.unparsed
