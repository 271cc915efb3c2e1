"""Comparison of runs with paired significance tests.

Runs are paired example by example; the p-values are those of exchanges of their answers
(`scoring.paired`), corrected over the tasks by Holm's method (Holm 1979). Gains are differences
of the scores that results show: on the scale from 0 to 100, with its limits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from audioflan_tasks import catalogue
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.results import Results, TaskResult, read_results
from audioflan_tasks.evaluation.samples import Sample, read_samples
from audioflan_tasks.evaluation.scorer import infos_of, read_answers
from audioflan_tasks.evaluation.scoring.normalisation import Anchors, normalise
from audioflan_tasks.evaluation.scoring.paired import Exchange, exchange_of, mean_gain_p, paired_p
from audioflan_tasks.evaluation.scoring.statistics import (
    correlation,
    difference_bounds,
    interval,
    mean_bounds,
)
from audioflan_tasks.metrics import MetricInfo, Sums
from audioflan_tasks.metrics.sums import mean
from audioflan_tasks.seeds import seed_of

__all__ = ["Comparison", "Difference", "compare", "holm"]


_NOT_IN_BOTH = "not scored in both runs"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One task in two runs: `other` minus `base`, with a 95 % interval.

    `gain` is the difference on the normalised scale, positive if `other` is better.
    """

    task: str
    metric: str
    base: float
    other: float
    gain: float | None
    low: float | None
    high: float | None
    examples: int
    test: str
    p: float
    p_holm: float = 1.0


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two runs over the tasks that both have scored.

    `overall` is the mean gain over headline tasks. `left_out` says by task what was not compared,
    the whole task or some of its questions, and why.
    """

    base: str
    other: str
    tasks: list[Difference]
    overall: float | None
    overall_low: float | None
    overall_high: float | None
    overall_p: float | None
    left_out: dict[str, str]

    @property
    def significant(self) -> list[Difference]:
        """Tasks that differ at the 5 % level after correction."""
        return [d for d in self.tasks if d.p_holm < 0.05]


def compare(
    base: str | Path, other_runs: Sequence[str | Path], *, seed: int = 0
) -> list[Comparison]:
    """Compares the run in folder `base` with each of the other runs.

    Raises:
      EvaluationError: a folder has no results, or two runs used different records or options.
    """
    if not other_runs:
        raise EvaluationError("give two runs or more: a base and what is compared with it")
    return [_compare_runs(Path(base), Path(other), seed) for other in other_runs]


def holm(values: Sequence[float]) -> list[float]:
    """P-values corrected for multiple tests (Holm 1979), in the same order."""
    order = np.argsort(values)
    highest, corrected_values = 0.0, [0.0] * len(values)
    for rank, place in enumerate(order.tolist()):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        corrected_values[place] = highest
    return corrected_values


@dataclass(frozen=True, slots=True)
class _TaskComparison:
    difference: Difference
    exchange: Exchange
    scale: Anchors | None


def _compare_runs(base: Path, other: Path, seed: int) -> Comparison:
    base_results, other_results = read_results(base), read_results(other)
    _check(base_results, other_results, base, other)
    by_name = {t.task: t for t in other_results.tasks}
    comparisons = []
    left_out = dict.fromkeys(by_name, _NOT_IN_BOTH)
    for task in base_results.tasks:
        left_out.pop(task.task, None)
        match = by_name.get(task.task)
        if match is None or task.primary is None or match.primary is None:
            left_out[task.task] = _NOT_IN_BOTH
            continue
        samples = read_samples(base, task.task), read_samples(other, task.task)
        pairs = _pairs(*samples)
        if not pairs:
            left_out[task.task] = "no example in both runs (were samples logged?)"
            continue
        unpaired = sum(map(len, samples)) - 2 * len(pairs)
        if unpaired:
            left_out[task.task] = f"{unpaired} answers to questions that one run alone answered"
        comparison = _compare_task(task, match, pairs, seed)
        if comparison is None:
            left_out[task.task] = "audio answers, and the metric is no mean over examples"
        else:
            comparisons.append(comparison)
    p_values = holm([p.difference.p for p in comparisons])
    rows = [
        msgspec.structs.replace(p.difference, p_holm=c)
        for p, c in zip(comparisons, p_values, strict=True)
    ]
    headline = {
        t.task for t in base_results.tasks if t.headline and by_name.get(t.task, t).headline
    }
    overall = _overall([p for p in comparisons if p.difference.task in headline], seed)
    return Comparison(
        base=f"{base_results.model} ({base})", other=f"{other_results.model} ({other})", tasks=rows,
        left_out=left_out, **overall,
    )  # fmt: skip


def _check(base_results: Results, other_results: Results, base: Path, other: Path) -> None:
    keys = ("split", "num_fewshot", "instructions", "languages")
    for key in keys:
        if base_results.config.get(key) != other_results.config.get(key):
            raise EvaluationError(
                f"{base} has {key}={base_results.config.get(key)!r}, {other} has "
                f"{other_results.config.get(key)!r}: they were not asked the same"
            )


def _pairs(
    base_samples: Sequence[Sample], other_samples: Sequence[Sample]
) -> list[tuple[Sample, Sample]]:
    """The samples of examples that both runs answered.

    Raises:
      EvaluationError: the runs have different records under the same key.
    """
    by_key = {s.key: s for s in other_samples if not s.error}
    pairs = [(s, by_key[s.key]) for s in base_samples if s.key in by_key and not s.error]
    for a, b in pairs:
        if (a.uuid, a.target) != (b.uuid, b.target):
            raise EvaluationError(
                f"{a.key} is {a.uuid!r} in one run and {b.uuid!r} in the other: the corpora differ"
            )
    return pairs


def _compare_task(
    base_result: TaskResult,
    other_result: TaskResult,
    pairs: Sequence[tuple[Sample, Sample]],
    seed: int,
) -> _TaskComparison | None:
    info = infos_of(catalogue.get(base_result.task))[0]
    sums = _sums(base_result.task, info, pairs)
    if sums is None:
        return None
    exchange = exchange_of(*sums)
    p, test = paired_p(exchange, seed_of("paired", seed, base_result.task))
    scale = _scale(base_result, other_result)
    low, high = (None, None) if scale is None else _gain_bounds(sums, info, scale, base_result)
    base, other = (side.whole for side in sums)
    row = Difference(
        task=base_result.task, metric=info.name, base=base, other=other,
        gain=None if scale is None else float(normalise(other, scale) - normalise(base, scale)),
        low=low, high=high, examples=len(pairs), test=test, p=p,
    )  # fmt: skip
    return _TaskComparison(row, exchange, scale)


def _sums(
    task: str, info: MetricInfo, pairs: Sequence[tuple[Sample, Sample]]
) -> tuple[Sums, Sums] | None:
    """The first metric of both runs; None where the samples do not say it."""
    values = [(a.value, b.value) for a, b in pairs]
    # An example that the metric leaves out has no value in either run.
    if any(None not in pair for pair in values) and all(
        (a is None) == (b is None) for a, b in values
    ):
        base, other = np.array(values, np.float64).T
        return mean(base), mean(other)
    if info.answers == "audio":
        return None
    base_sums, other_sums = (_read_again(task, info, pairs, side) for side in (0, 1))
    return base_sums, other_sums


def _read_again(
    task: str, info: MetricInfo, pairs: Sequence[tuple[Sample, Sample]], side: int
) -> Sums:
    """The metric of the answers of one run, as texts."""
    first = [pair[0] for pair in pairs]
    reading = read_answers(
        catalogue.get(task), [s.target for s in first], [pair[side].resps for pair in pairs],
        [s.options for s in first], [s.arguments for s in first],
    )  # fmt: skip
    return reading.sums(info, reading.value(info))


def _gain_bounds(
    sums: tuple[Sums, Sums], info: MetricInfo, scale: Anchors, result: TaskResult
) -> tuple[float, float]:
    """The 95 % interval of the gain on the scale."""
    first = result.primary
    unanswered = math.nan if first is None else first.unanswered
    spreads = []
    for side in sums:
        _, *ends = interval(side, (info.low, info.high), unanswered)
        value, *scaled = normalise(np.array([side.whole, *ends]), scale).tolist()
        spreads.append((value, *sorted(scaled)))
    return difference_bounds(spreads[0], spreads[1], correlation(*sums))


def _scale(base_result: TaskResult, other_result: TaskResult) -> Anchors | None:
    """The scale of both runs; None if there is none."""
    if base_result.chance is None or base_result.best is None or other_result.chance is None:
        return None
    scale = Anchors((base_result.chance + other_result.chance) / 2, base_result.best)
    return None if math.isnan(normalise(scale.best, scale)) else scale


def _overall(comparisons: Sequence[_TaskComparison], seed: int) -> dict[str, float | None]:
    """The mean gain over tasks, with its interval and p-value."""
    scaled = [c for c in comparisons if c.scale is not None]
    if not scaled:
        return dict.fromkeys(("overall", "overall_low", "overall_high", "overall_p"))
    rows = [c.difference for c in scaled]
    gains = [(d.gain or 0.0, d.low or 0.0, d.high or 0.0) for d in rows]
    low, high = mean_bounds(gains)
    pairs = [(c.exchange, c.scale) for c in scaled if c.scale is not None]
    return {
        "overall": float(np.mean([gain for gain, *_ in gains])), "overall_low": low,
        "overall_high": high, "overall_p": mean_gain_p(pairs, seed_of("overall", seed)),
    }  # fmt: skip
