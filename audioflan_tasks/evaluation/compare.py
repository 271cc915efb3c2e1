"""Comparison of runs with paired significance tests.

Runs are paired example by example. If a metric is the mean over examples, the p-value is
that of a sign-flip permutation test, else that of a paired bootstrap. Intervals are paired
bootstrap intervals. P-values over tasks are corrected by Holm's method.
References: Good 2005 (permutation tests), Koehn 2004 (paired bootstrap), Holm 1979.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.results import Results, TaskResult, read_results
from audioflan_tasks.evaluation.samples import Sample, read_samples
from audioflan_tasks.evaluation.scorer import infos_of, read_answers
from audioflan_tasks.evaluation.scoring.normalisation import Anchors, normalise
from audioflan_tasks.evaluation.scoring.statistics import replicates

__all__ = ["Comparison", "Difference", "compare", "holm"]

_RESAMPLES = 2000
_FLIPS = 5000


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

    `overall` is the mean gain over headline tasks. `left_out` has the other tasks with the
    reasons.
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


class _TaskComparison(msgspec.Struct, frozen=True):
    difference: Difference
    gain_replicates: Any  # the gain in each bootstrap resample, [resamples]


def _compare_runs(base: Path, other: Path, seed: int) -> Comparison:
    base_results, other_results = read_results(base), read_results(other)
    _check(base_results, other_results, base, other)
    by_name = {t.task: t for t in other_results.tasks}
    comparisons, left_out = [], {}
    for task in base_results.tasks:
        match = by_name.get(task.task)
        if match is None or task.primary is None or match.primary is None:
            left_out[task.task] = "not scored in both runs"
            continue
        samples = read_samples(base, task.task), read_samples(other, task.task)
        pairs = _pairs(*samples)
        if not pairs:
            left_out[task.task] = "no example in both runs (were samples logged?)"
            continue
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
    return Comparison(
        base=f"{base_results.model} ({base})", other=f"{other_results.model} ({other})", tasks=rows,
        left_out=left_out, **_overall([p for p in comparisons if p.difference.task in headline]),
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
    values = [(a.value, b.value) for a, b in pairs if a.value is not None and b.value is not None]
    # An example that the metric leaves out has no value in either run.
    num_unscored = sum(a.value is None and b.value is None for a, b in pairs)
    if values and len(values) + num_unscored == len(pairs):
        value_pairs = np.array(values, np.float64)
        base, new = value_pairs.mean(axis=0).tolist()
        differences = value_pairs[:, 1] - value_pairs[:, 0]
        sample = replicates(len(differences), _RESAMPLES, seed, singles=differences)
        p, test = _sign_flip(differences, seed), "sign-flip permutation"
    elif info.answers == "audio":
        return None
    else:
        base, new, sample = _recompute(base_result.task, pairs, seed)
        p, test = _from_bootstrap(sample), "paired bootstrap"
    scale = _scale(base_result, other_result)
    gains = sample * scale
    low, high = np.percentile(gains, [2.5, 97.5]).tolist()
    has_scale = bool(np.isfinite(scale))
    row = Difference(
        task=base_result.task, metric=info.name, base=base, other=new,
        gain=(new - base) * scale if has_scale else None, low=low if has_scale else None,
        high=high if has_scale else None, examples=len(pairs), test=test, p=p,
    )  # fmt: skip
    return _TaskComparison(row, gains)


def _recompute(
    task: str, pairs: Sequence[tuple[Sample, Sample]], seed: int
) -> tuple[float, float, NDArray[np.float64]]:
    """Values of both runs, and their difference in each resample, computed by the metric."""
    row = catalogue.get(task)
    info, first = infos_of(row)[0], [pair[0] for pair in pairs]
    readings = [
        read_answers(
            row, [s.target for s in first], [pair[side].resps for pair in pairs],
            [s.options for s in first], [s.arguments for s in first],
        )
        for side in (0, 1)
    ]  # fmt: skip

    def value(side: int, places: Sequence[int]) -> float:
        return readings[side].value(info, places)

    all_places = range(len(pairs))
    sample = replicates(
        len(pairs), _RESAMPLES, seed, recompute=lambda places: value(1, places) - value(0, places)
    )
    return value(0, all_places), value(1, all_places), sample


def _scale(base_result: TaskResult, other_result: TaskResult) -> float:
    """Points of the normalised scale per unit of the metric; NaN if there is no scale."""
    if base_result.chance is None or base_result.best is None or other_result.chance is None:
        return float("nan")
    scale = Anchors((base_result.chance + other_result.chance) / 2, base_result.best)
    width = scale.best - scale.chance
    return float("nan") if np.isnan(normalise(scale.best, scale)) else 100.0 / width


def _sign_flip(differences: NDArray[np.float64], seed: int) -> float:
    """Two-sided p-value: share of random signs that give a mean at least as far from 0."""
    if not differences.any():
        return 1.0
    statistic = abs(float(differences.sum()))
    count, n = 0, len(differences)
    flips: NDArray[np.float64]
    if n <= 12:  # all 2^n sign patterns: the test is exact
        signs = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        flips = np.abs((signs * 2 - 1) @ differences)
        return float((flips >= statistic - 1e-12).mean())
    generator = np.random.default_rng(seed)
    block = max(1, 4_000_000 // n)
    for start in range(0, _FLIPS, block):
        size = min(block, _FLIPS - start)
        random_signs = generator.choice((-1.0, 1.0), (size, n))
        count += int((np.abs(random_signs @ differences) >= statistic - 1e-12).sum())
    return (count + 1) / (_FLIPS + 1)


def _from_bootstrap(sample: NDArray[np.float64]) -> float:
    """Two-sided p-value: twice the smaller of the shares of resamples below and above 0."""
    distinct = len(np.unique(sample))
    tail = min(float((sample <= 0).mean()), float((sample >= 0).mean()))
    return min(1.0, max(2 * tail, 1 / max(1, distinct)))


def _overall(comparisons: Sequence[_TaskComparison]) -> dict[str, float | None]:
    gains = [p for p in comparisons if p.difference.gain is not None]
    if not gains:
        return dict.fromkeys(("overall", "overall_low", "overall_high", "overall_p"))
    sample = np.mean([p.gain_replicates for p in gains], axis=0)
    low, high = np.percentile(sample, [2.5, 97.5]).tolist()
    return {
        "overall": float(np.mean([p.difference.gain for p in gains])),
        "overall_low": low, "overall_high": high, "overall_p": _from_bootstrap(sample),
    }  # fmt: skip
