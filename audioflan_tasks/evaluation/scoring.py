"""From answers to values: the tasks' own metrics, whole, in part, and example by example.

The only module that knows how `metrics` wants to be asked. Text answers lose the lead-ins of
their task's pool; audio is compared with the reference at `REFERENCE_RATE`. This is what
the tasks' seqio postprocessors do, so that `seqio.Evaluator` gives the same numbers
(tests/evaluation/test_parity.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.evaluation.canonical import plain
from audioflan_tasks.evaluation.prompt import Prompt, reference_of
from audioflan_tasks.metrics import AudioAnswer, MetricInfo, metric
from audioflan_tasks.preprocessors.templates import strip_lead_in

__all__ = ["REFERENCE_RATE", "Reading", "Scorer", "infos_of"]

REFERENCE_RATE = 16_000

_PROBED = 3  # pairs on which a costly metric is tried for being a mean


def infos_of(row: TaskRow) -> list[MetricInfo]:
    """A task's metrics, primary first."""
    return [metric(name) for name in row.metrics]


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
        if self.row.answer != "audio":
            return list(self.golds)
        return [
            AudioAnswer(p.corpus.audio(gold, REFERENCE_RATE, p.instance), REFERENCE_RATE)
            for p, gold in zip(self.prompts, self.golds, strict=True)
        ]

    def read(self, answers: Sequence[Answer]) -> Reading:
        """The answers beside the references; one for each prompt."""
        return Reading(self, [self._said(answer) for answer in answers])

    def _said(self, answer: Answer) -> Any:
        if self.row.answer == "audio":
            return answer.audio
        return strip_lead_in(self.row.id, answer.text)


@dataclass(frozen=True)
class Reading:
    """Answers that were read once and can be scored over any part of the examples."""

    scorer: Scorer
    said: Sequence[Any]

    def values(self, info: MetricInfo, at: Sequence[int] | None = None) -> dict[str, float]:
        """All values that a metric gives over the examples at these places (None: all)."""
        targets = self.scorer.targets
        if at is None:
            return dict(info.function()(targets, self.said))
        return dict(info.function()([targets[i] for i in at], [self.said[i] for i in at]))

    def value(self, info: MetricInfo, at: Sequence[int] | None = None) -> float:
        """The metric itself."""
        return self.values(info, at)[info.name]

    def singles(self, info: MetricInfo, whole: float | None = None) -> NDArray[np.float64] | None:
        """The metric of each example alone, [n], or None where their mean is not the metric.

        `whole` is the metric over all examples; without it a few are tried, which is enough
        to tell a mean from a ratio of sums and spares a second pass over audio.
        """
        try:
            values = np.array([self.value(info, [at]) for at in range(len(self.said))])
        except MetricInputError:
            return None
        if not np.isfinite(values).all():
            return None
        few = len(values) if whole is not None else min(_PROBED, len(values))
        total = whole if whole is not None else self.value(info, range(few))
        same = math.isclose(float(values[:few].mean()), total, rel_tol=1e-6, abs_tol=1e-9)
        return values if same else None

    @property
    def statuses(self) -> Counter[str]:
        """How many answers could be read, and why others could not."""
        return Counter(
            _status(p, said) for p, said in zip(self.scorer.prompts, self.said, strict=True)
        )


def _status(prompt: Prompt, said: Any) -> str:
    if prompt.writes_audio:
        return "empty" if said is None or not len(said.samples) else "ok"
    if not said.strip():
        return "empty"
    if prompt.row.answer == "label" and prompt.options:
        known = {plain(option) for option in prompt.options}
        gold = plain(reference_of(prompt.instance, prompt.row))
        return "ok" if gold not in known or plain(said) in known else "out_of_set"
    return "ok"
