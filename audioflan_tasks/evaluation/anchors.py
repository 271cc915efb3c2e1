"""The normalised scale: 0 is what guessing gives, 100 what the metric calls perfect.

Guessing is, per task: a uniform draw from the labels where there is a set, the median
where answers are numbers, the unchanged input where audio is to be enhanced or separated,
and the answer of a random other record elsewhere. Perfect is the metric's best value, or,
where that is infinite (decibels), what the reference itself scores. Values are limited to
-100 and 100: one runaway task must not decide a mean.
"""

from __future__ import annotations

import math
import random
from typing import Any, NamedTuple

import numpy as np

from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.evaluation.baselines import (
    baseline,
    candidates,
    copies,
    gold,
    guess,
    most_common,
)
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.scoring import Scorer, infos_of
from audioflan_tasks.metrics import MetricInfo
from audioflan_tasks.seeds import seed_of

__all__ = ["Anchors", "anchors", "chance_answer", "normalised"]

_PER_EXAMPLE = 24  # guesses per example whose mean is taken, where the metric is a mean
_DRAWS = 24  # whole sets of guesses, where it is not
_SMALLEST = 1e-6


class Anchors(NamedTuple):
    """A metric's value for guessing and for perfection."""

    chance: float
    best: float


def anchors(scorer: Scorer, seed: int) -> Anchors:
    """Anchors of a task's primary metric over its prompts."""
    info = infos_of(scorer.row)[0]
    best = info.best
    if not math.isfinite(best):
        best = scorer.read([gold(p, 0) for p in scorer.prompts]).value(info)
    return Anchors(_chance(scorer, info, seed), best)


def normalised(value: Any, at: Anchors) -> Any:
    """A value, or an array of them, on the scale; NaN where guessing is perfect already."""
    width = at.best - at.chance
    if abs(width) < _SMALLEST:
        return value * math.nan
    return np.clip(100.0 * (value - at.chance) / width, -100.0, 100.0)


def chance_answer(prompt: Prompt, seed: int) -> Answer:
    """One guess, as the chance anchor understands guessing."""
    if copies(prompt.row):
        return baseline("copy").say(prompt, seed)
    if prompt.row.answer == "number":
        return most_common(prompt, seed)
    return guess(prompt, seed)


def _chance(scorer: Scorer, info: MetricInfo, seed: int) -> float:
    row = scorer.row
    if copies(row) or row.answer in ("number", "audio"):
        return scorer.read([chance_answer(p, seed) for p in scorer.prompts]).value(info)
    if _is_mean(scorer, info, seed):
        return float(np.mean([_expected(p, info, seed) for p in scorer.prompts]))
    draws = []
    for draw in range(_DRAWS):
        drawn = seed_of("chance", seed, draw)
        draws.append(scorer.read([guess(p, drawn) for p in scorer.prompts]).value(info))
    return float(np.mean(draws))


def _expected(prompt: Prompt, info: MetricInfo, seed: int) -> float:
    """The mean over guesses of the metric for one example."""
    choices = candidates(prompt) or [""]
    if len(choices) > _PER_EXAMPLE:
        choices = random.Random(seed_of("expected", seed, prompt.key)).sample(choices, _PER_EXAMPLE)
    scorer = Scorer(prompt.row, [prompt] * len(choices))
    said = scorer.read([Answer(choice) for choice in choices])
    return float(np.mean([said.value(info, [at]) for at in range(len(choices))]))


def _is_mean(scorer: Scorer, info: MetricInfo, seed: int) -> bool:
    """Whether the metric over all examples is the mean of its values for each."""
    said = scorer.read([guess(p, seed) for p in scorer.prompts])
    return said.singles(info, said.value(info)) is not None
