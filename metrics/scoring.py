"""Scores of a task's answers, with everything that makes two of them comparable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.batch import Batch, read_batch
from audioflan_tasks.metrics.judge_weights import open_judge
from audioflan_tasks.metrics.metric_info import MetricInfo
from audioflan_tasks.metrics.normalise import check_profile, version_of
from audioflan_tasks.metrics.parsing import READERS
from audioflan_tasks.metrics.registry import metric
from audioflan_tasks.metrics.task_metrics import metrics_of
from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.metrics.waveforms import RATE_RULE
from audioflan_tasks.runners import LocalRunner, Runner

__all__ = ["PARSER_VERSION", "Score", "score"]

PARSER_VERSION = "5"


@dataclass(frozen=True, slots=True)
class Score(Mapping[str, float]):
    """A mapping from metric names to values, `<metric>_unparsed` among them.

    `statuses` counts the answers by how they were read; `facts` has versions and
    settings of the computation; `parsed` has the value, status and reasoning of each answer.
    """

    values_by_name: Mapping[str, float]
    statuses: Mapping[str, int]
    facts: Mapping[str, str]
    parsed: Sequence[ParsedAnswer]

    def __getitem__(self, name: str) -> float:
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


def score(
    row: TaskRow,
    references: Sequence[Any],
    answers: Sequence[Any],
    *,
    options: Sequence[Any] = (),
    prompts: Sequence[str] = (),
    scores: Sequence[Any] | None = None,
    languages: Sequence[str] = (),
    metrics: Sequence[str] = (),
    normaliser: str = "",
    workers: int = 1,
    runner: Runner | None = None,
    progress: bool = False,
    weights: Mapping[str, Any] | None = None,
    texts: Sequence[str] = (),
    aliases: Mapping[str, str] = MappingProxyType({}),
) -> Score:
    """Scores answers to one task; answers that cannot be read score worst and are counted.

    `references` are texts in canonical form (a list of texts for several references of a caption or
    translation) or `AudioAnswer`s; `answers` texts as a model gave them, or `AudioAnswer`s, or
    None. `options` are the labels to choose from, for all or for each; `aliases` further names of
    them ({"cello": "string"}); `prompts` the texts given to the model; `scores` a number or a
    mapping from label to number for each answer; `texts` the text to be spoken, or the description.
    `metrics` default to the task's, with those on scores where there are any. `weights` has a
    folder or a `JudgeModel` for the metrics that a model computes. Costly metrics of audio are
    computed by `runner`, or by `workers` processes.

    Raises:
      MetricInputError: lengths differ, there is nothing to score, a reference is not in its
        form, or a requested metric lacks an input.
      UnknownNameError: a metric or normaliser profile of that name does not exist.
      MissingExtraError: a requested metric needs a package that is not installed.
    """
    for name, column in (
        ("prompts", prompts),
        ("scores", scores or ()),
        ("languages", languages),
        ("texts", texts),
    ):
        if len(column) not in (0, len(references)):
            raise MetricInputError(
                f"{row.id}: {len(column)} {name} for {len(references)} references; "
                "give one for each"
            )
    check_profile(normaliser)  # even where no metric of the task takes one
    infos = [metric(name) for name in metrics] or metrics_of(row, with_scores=scores is not None)
    with nullcontext(runner) if runner else LocalRunner(max(1, workers)) as metric_runner:
        batch = read_batch(
            references, answers, row=row, options=options, prompts=prompts, scores=scores,
            languages=languages, normaliser=normaliser, runner=metric_runner, progress=progress,
            texts=texts, aliases=aliases,
        )  # fmt: skip
        values: dict[str, float] = {}
        for info in infos:
            if info.lacks_source(batch) and not metrics:
                continue
            values.update(_values(info, batch, (weights or {}).get(info.name)))
    counts = Counter(str(p.status) for p in batch.parsed)
    statuses = {str(s): counts[s] for s in Status if counts[s]}
    return Score(values, statuses, _facts(infos, batch, normaliser), tuple(batch.parsed))


def _values(info: MetricInfo, batch: Batch, weights: Any) -> dict[str, float]:
    """The values of one metric. Its model, if any, is gone when this returns."""
    if "judge" not in info.needs:
        return info.compute(batch)
    with open_judge(info.name, weights) as judge:
        return info.compute(replace(batch, judge=judge))


def _facts(infos: Sequence[MetricInfo], batch: Batch, normaliser: str) -> dict[str, str]:
    labels = Counter(str(a) for a in batch.answers if isinstance(a, str))
    facts = {
        "answers": str(len(batch.answers)),
        "parser": PARSER_VERSION,
        "libraries": ", ".join(sorted({info.version for info in infos})),
    }
    if any(READERS[info.reads].is_text for info in infos):
        facts["normaliser"] = version_of(normaliser)
    if any(info.answers == "audio" for info in infos):
        facts["sample_rates"] = RATE_RULE
    for info in infos:
        facts |= info.facts(batch)
    empty = sum(isinstance(r, frozenset) and not r for r in batch.references)
    if empty:
        facts["empty_references"] = str(empty)
    if labels:
        label, count = labels.most_common(1)[0]
        facts["most_common_answer"] = f"{label} ({count / len(batch.answers):.1%})"
    return facts
