"""The score of one task's answers on the scale from chance to perfect."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.evaluation.answers import Answer, Failure, Reply
from audioflan_tasks.evaluation.gold_parsing import plain
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.results import BaselineResult, MetricResult, TaskResult
from audioflan_tasks.evaluation.scorer import Reading, Scorer, infos_of
from audioflan_tasks.evaluation.scoring.normalisation import Anchors, anchors, normalise
from audioflan_tasks.evaluation.scoring.statistics import interval, least_detectable
from audioflan_tasks.metrics import MetricInfo, Sums

__all__ = ["TaskScore", "baseline_result", "score_task"]

# A model is reported for giving one answer if the answer has at least this share of the
# questions, and exceeds the share of the most frequent gold answer by more than this.
_ONE_ANSWER = 0.5
_ONE_ANSWER_EXCESS = 0.25
_MIN_ANSWERS = 8
_NO_SCALE = "who does not listen is perfect on these questions: no scale, not in the headline"
_MESSAGE = 120  # characters of a failure's message in a result


@dataclass(frozen=True, slots=True)
class TaskScore:
    """The result of a task, with values for later steps.

    `singles` are the primary metric of each answered example by key; {} if the metric is not a
    mean. `anchors` are those of the answered prompts, `statuses` say by key how each answer was
    read.
    """

    result: TaskResult
    singles: Mapping[str, float]
    anchors: Anchors | None
    statuses: Mapping[str, str] = field(default_factory=dict)


def score_task(
    row: TaskRow,
    prompts: Sequence[Prompt],
    replies: Sequence[Reply | None],
    *,
    seed: int,
    metrics: Sequence[str] = (),
) -> TaskScore:
    """Scores the answers of a task; transport errors are counted and left out.

    `metrics` are computed beside the task's, where they read its answers.
    """
    errors = Counter(r.kind for r in replies if isinstance(r, Failure))
    errors += Counter("not asked" for r in replies if r is None)
    pairs = [(p, r) for p, r in zip(prompts, replies, strict=True) if isinstance(r, Answer)]
    grades = Counter(p.instance.grade for p in prompts if p.instance.grade)
    base = TaskResult(
        task=row.name, domain=row.domain, major=row.major, category=row.paper_category,
        status="incomplete" if errors else "scored", examples=len(prompts),
        answered=len(pairs), errors=dict(errors), grades=dict(sorted(grades.items())),
        reason=_reason(errors, replies), prompt=prompts[0].text() if prompts else "",
    )  # fmt: skip
    if not pairs:
        failure = _replace(base, status="failed", reason=base.reason or "nothing was answered")
        return TaskScore(failure, {}, None)
    answered_prompts, answers = [p for p, _ in pairs], [a for _, a in pairs]
    scorer = Scorer(row, answered_prompts)
    reading = scorer.read(answers)
    infos = infos_of(row, metrics)
    values, extra, singles = _metrics(reading, infos)
    task_anchors = anchors(scorer, seed)
    first = values[0]
    value, *ends = normalise(np.array([first.value, first.low, first.high]), task_anchors).tolist()
    low, high = sorted(ends)
    result = _replace(
        base, metrics=values, extra=extra, chance=task_anchors.chance, best=task_anchors.best,
        chance_by=task_anchors.chance_by,
        headline=not errors and "W" not in grades and math.isfinite(value),
        reason=base.reason or ("" if math.isfinite(value) else _NO_SCALE),
        normalised=_finite(value), normalised_low=_finite(low), normalised_high=_finite(high),
        least_detectable=_finite(least_detectable((low, high))),
        statuses=dict(reading.statuses), unparsed=reading.unparsed,
        **_commonest(row, scorer.golds, answers),
    )  # fmt: skip
    by_example = [] if singles is None else singles.tolist()
    by_key = {
        p.key: v for p, v in zip(answered_prompts, by_example, strict=False) if math.isfinite(v)
    }
    parsed = zip(answered_prompts, reading.batch.parsed, strict=True)
    statuses = {p.key: str(value.status) for p, value in parsed}
    return TaskScore(result, by_key, task_anchors, statuses)


def baseline_result(
    score: TaskScore, prompts: Sequence[Prompt], replies: Sequence[Reply | None], note: str = ""
) -> BaselineResult | None:
    """The primary metric of a baseline, normalised by the anchors of the model's score."""
    pairs = [(p, r) for p, r in zip(prompts, replies, strict=True) if isinstance(r, Answer)]
    if not pairs or score.anchors is None:
        return None
    scorer = Scorer(pairs[0][0].row, [p for p, _ in pairs])
    value = scorer.read([a for _, a in pairs]).value(infos_of(scorer.row)[0])
    scale = _finite(float(normalise(value, score.anchors)))
    return BaselineResult(value=value, normalised=scale, note=note)


def _metrics(
    reading: Reading, infos: Sequence[MetricInfo]
) -> tuple[list[MetricResult], dict[str, float], NDArray[np.float64] | None]:
    """All metrics with intervals; other values; the singles of the primary metric."""
    rows: list[MetricResult] = []
    extra: dict[str, float] = {}
    primary: NDArray[np.float64] | None = None
    for place, info in enumerate(infos):
        values, sums = reading.measure(info)
        if sums is not None:
            rows.append(_metric(info, values[info.name], sums, reading))
            primary = sums.singles if place == 0 else primary
        elif place == 0:
            raise MetricInputError(f"{info.name}: compares none of the references")
        extra |= {k: v for k, v in values.items() if k != info.name}
    return rows, extra, primary


def _metric(info: MetricInfo, value: float, sums: Sums, reading: Reading) -> MetricResult:
    is_bounded = math.isfinite(info.low) and math.isfinite(info.high)
    unanswered = info.worst if is_bounded else reading.unanswered(info)
    spread = interval(sums, (info.low, info.high), unanswered)
    return MetricResult(
        name=info.name, value=value, stderr=spread.stderr, low=spread.low, high=spread.high,
        better=info.better, best=info.best if math.isfinite(info.best) else None,
        unit=info.unit, library=info.library, singles=sums.singles is not None,
        unanswered=unanswered,
    )  # fmt: skip


def _commonest(row: TaskRow, golds: Sequence[str], answers: Sequence[Answer]) -> dict[str, Any]:
    """The most frequent answer, its share, and the share of questions for which it is right."""
    if row.answer_kind.is_audio:
        return {}
    counts = Counter(plain(a.text) for a in answers)
    # Ties go to the first in the alphabet.
    top = min(counts, key=lambda text: (-counts[text], text))
    share = counts[top] / len(answers)
    right = sum(plain(g) == top for g in golds) / len(golds)
    usual = Counter(plain(g) for g in golds).most_common(1)[0][1] / len(golds)
    is_one_answer = (
        len(answers) >= _MIN_ANSWERS and share >= _ONE_ANSWER and share > usual + _ONE_ANSWER_EXCESS
    )
    return {
        "top_answer": top[:80], "top_share": share, "top_gold_share": right,
        "one_answer": is_one_answer,
    }  # fmt: skip


def _reason(errors: Mapping[str, int], replies: Sequence[Reply | None]) -> str:
    """How many questions have no answer, and what was said of the first of each kind."""
    messages = {r.kind: r.message for r in reversed(replies) if isinstance(r, Failure)}
    return ", ".join(
        f"{n} x {kind}" + (f" ({messages[kind][:_MESSAGE]})" if kind in messages else "")
        for kind, n in sorted(errors.items())
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _replace(result: TaskResult, **changes: Any) -> TaskResult:
    return msgspec.structs.replace(result, **changes)
