"""Runs side by side: is the difference more than chance?

Runs are paired example by example. Where a metric is the mean over examples the p-value is
that of a sign-flip permutation test, elsewhere that of a paired bootstrap; intervals are
paired bootstrap intervals. P-values over tasks are corrected by Holm's method.
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

    `gain` is the difference on the normalised scale, positive where `other` is better.
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
    """Two runs over the tasks that both scored. `overall` is the mean gain over headline tasks."""

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


def compare(base: str | Path, others: Sequence[str | Path], *, seed: int = 0) -> list[Comparison]:
    """Compares every other run with the first.

    Raises:
      EvaluationError: a folder has no results, or two runs asked different records.
    """
    if not others:
        raise EvaluationError("give two runs or more: a base and what is compared with it")
    return [_compared(Path(base), Path(other), seed) for other in others]


def holm(values: Sequence[float]) -> list[float]:
    """P-values corrected for their number (Holm 1979)."""
    order = np.argsort(values)
    highest, found = 0.0, [0.0] * len(values)
    for rank, place in enumerate(order.tolist()):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        found[place] = highest
    return found


class _Paired(msgspec.Struct, frozen=True):
    difference: Difference
    drawn: Any  # gains on the normalised scale over resamples, [resamples]


def _compared(base: Path, other: Path, seed: int) -> Comparison:
    left, right = read_results(base), read_results(other)
    _check(left, right, base, other)
    by_name = {t.task: t for t in right.tasks}
    found, left_out = [], {}
    for task in left.tasks:
        match = by_name.get(task.task)
        if match is None or task.primary is None or match.primary is None:
            left_out[task.task] = "not scored in both runs"
            continue
        samples = read_samples(base, task.task), read_samples(other, task.task)
        pairs = _pairs(*samples)
        if not pairs:
            left_out[task.task] = "no example in both runs (were samples logged?)"
            continue
        paired = _paired(task, match, pairs, seed)
        if paired is None:
            left_out[task.task] = "audio answers, and the metric is no mean over examples"
        else:
            found.append(paired)
    corrected = holm([p.difference.p for p in found])
    rows = [
        msgspec.structs.replace(p.difference, p_holm=c)
        for p, c in zip(found, corrected, strict=True)
    ]
    headline = {t.task for t in left.tasks if t.headline and by_name.get(t.task, t).headline}
    return Comparison(
        base=f"{left.model} ({base})", other=f"{right.model} ({other})", tasks=rows,
        left_out=left_out, **_overall([p for p in found if p.difference.task in headline]),
    )  # fmt: skip


def _check(left: Results, right: Results, base: Path, other: Path) -> None:
    fixed = ("split", "num_fewshot", "instructions", "languages")
    for key in fixed:
        if left.config.get(key) != right.config.get(key):
            raise EvaluationError(
                f"{base} has {key}={left.config.get(key)!r}, {other} has "
                f"{right.config.get(key)!r}: they were not asked the same"
            )


def _pairs(one: Sequence[Sample], other: Sequence[Sample]) -> list[tuple[Sample, Sample]]:
    """Examples that both runs answered.

    Raises:
      EvaluationError: one key stands for two records.
    """
    by_key = {s.key: s for s in other if not s.error}
    pairs = [(s, by_key[s.key]) for s in one if s.key in by_key and not s.error]
    for a, b in pairs:
        if (a.uuid, a.target) != (b.uuid, b.target):
            raise EvaluationError(
                f"{a.key} is {a.uuid!r} in one run and {b.uuid!r} in the other: the corpora differ"
            )
    return pairs


def _paired(
    one: TaskResult, other: TaskResult, pairs: Sequence[tuple[Sample, Sample]], seed: int
) -> _Paired | None:
    info = infos_of(catalogue.get(one.task))[0]
    values = [(a.value, b.value) for a, b in pairs if a.value is not None and b.value is not None]
    # An example that the metric leaves out has no value in either run.
    neither = sum(a.value is None and b.value is None for a, b in pairs)
    if values and len(values) + neither == len(pairs):
        both = np.array(values, np.float64)
        base, new = both.mean(axis=0).tolist()
        sample = replicates(len(both), _RESAMPLES, seed, singles=both[:, 1] - both[:, 0])
        p, test = _sign_flip(both[:, 1] - both[:, 0], seed), "sign-flip permutation"
    elif info.answers == "audio":
        return None
    else:
        base, new, sample = _recomputed(one.task, pairs, seed)
        p, test = _from_bootstrap(sample), "paired bootstrap"
    scale = _scale(one, other)
    gains = sample * scale
    low, high = np.percentile(gains, [2.5, 97.5]).tolist()
    known = bool(np.isfinite(scale))
    row = Difference(
        task=one.task, metric=info.name, base=base, other=new,
        gain=(new - base) * scale if known else None, low=low if known else None,
        high=high if known else None, examples=len(pairs), test=test, p=p,
    )  # fmt: skip
    return _Paired(row, gains)


def _recomputed(
    task: str, pairs: Sequence[tuple[Sample, Sample]], seed: int
) -> tuple[float, float, NDArray[np.float64]]:
    """Values of both runs and their difference over resamples, through the metric itself."""
    row = catalogue.get(task)
    info, first = infos_of(row)[0], [pair[0] for pair in pairs]
    read = [
        read_answers(
            row, [s.target for s in first], [pair[side].resps for pair in pairs],
            [s.options for s in first], [s.arguments for s in first],
        )
        for side in (0, 1)
    ]  # fmt: skip

    def value(side: int, at: Sequence[int]) -> float:
        return read[side].value(info, at)

    everything = range(len(pairs))
    sample = replicates(
        len(pairs), _RESAMPLES, seed, recompute=lambda at: value(1, at) - value(0, at)
    )
    return value(0, everything), value(1, everything), sample


def _scale(one: TaskResult, other: TaskResult) -> float:
    """Points of the normalised scale per unit of the metric; NaN where there is no scale."""
    if one.chance is None or one.best is None or other.chance is None:
        return float("nan")
    at = Anchors((one.chance + other.chance) / 2, one.best)
    width = at.best - at.chance
    return float("nan") if np.isnan(normalise(at.best, at)) else 100.0 / width


def _sign_flip(differences: NDArray[np.float64], seed: int) -> float:
    """Two-sided p-value: how often random signs give a mean as far from 0."""
    if not differences.any():
        return 1.0
    seen = abs(float(differences.sum()))
    count, n = 0, len(differences)
    flips: NDArray[np.float64]
    if n <= 12:  # all 2^n sign patterns: the test is exact
        signs = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        flips = np.abs((signs * 2 - 1) @ differences)
        return float((flips >= seen - 1e-12).mean())
    generator = np.random.default_rng(seed)
    block = max(1, 4_000_000 // n)
    for start in range(0, _FLIPS, block):
        size = min(block, _FLIPS - start)
        drawn = generator.choice((-1.0, 1.0), (size, n))
        count += int((np.abs(drawn @ differences) >= seen - 1e-12).sum())
    return (count + 1) / (_FLIPS + 1)


def _from_bootstrap(sample: NDArray[np.float64]) -> float:
    """Twice the smaller share of resamples on one side of 0."""
    distinct = len(np.unique(sample))
    tail = min(float((sample <= 0).mean()), float((sample >= 0).mean()))
    return min(1.0, max(2 * tail, 1 / max(1, distinct)))


def _overall(paired: Sequence[_Paired]) -> dict[str, float | None]:
    gains = [p for p in paired if p.difference.gain is not None]
    if not gains:
        return dict.fromkeys(("overall", "overall_low", "overall_high", "overall_p"))
    sample = np.mean([p.drawn for p in gains], axis=0)
    low, high = np.percentile(sample, [2.5, 97.5]).tolist()
    return {
        "overall": float(np.mean([p.difference.gain for p in gains])),
        "overall_low": low, "overall_high": high, "overall_p": _from_bootstrap(sample),
    }  # fmt: skip
