"""The normalised scale: 0 is the score of guessing without audio (chance), 100 is perfect.

Chance depends on the kind of answer:
- a label: a uniform draw from the options of the question;
- a number: the median of the training answers, the best constant under the mean absolute error;
- other text: the answer of a random other record;
- audio: the audio of a random other record;
- audio that is an improved version of the input (enhancement, separation): the better of the
  audio of a random other record and the unchanged input. Distances of log spectra rate an
  empty band worse than any sound: without the input, wrong audio would score 35 to 41 there.

Perfect is the best value of the metric or, if that is infinite, the score of the reference
itself. Values are clipped to -100 and 100, so that one extreme task does not decide a mean.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.evaluation.baselines import (
    baseline,
    candidates,
    copies,
    gold_answer,
    guess,
    most_common,
)
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.scorer import Scorer, infos_of
from audioflan_tasks.metrics import MetricInfo
from audioflan_tasks.seeds import seed_of

__all__ = ["Anchors", "anchors", "chance_answers", "normalise"]

_PER_EXAMPLE = 24  # guesses per example whose mean is taken, where the metric is a mean
# For other metrics whole sets of guesses are drawn until the standard error of the mean is
# below two points of the scale. The fewest and the most sets, for texts and for sounds,
# which are slow to compare:
_TEXTS, _SOUNDS = (16, 64), (3, 16)
_STANDARD_ERROR = 0.02
_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Anchors:
    """The values of a metric at 0 (chance) and at 100 (best) of the normalised scale."""

    chance: float
    best: float


def anchors(scorer: Scorer, seed: int) -> Anchors:
    """Anchors of a task's primary metric over its prompts."""
    info = infos_of(scorer.row)[0]
    best = info.best
    if not math.isfinite(best):
        best = scorer.read([gold_answer(p, 0) for p in scorer.prompts]).value(info)
    return Anchors(_chance(scorer, info, seed, best), best)


def normalise(value: Any, scale: Anchors) -> Any:
    """A value or an array of values on the normalised scale; NaN if chance is perfect already."""
    width = scale.best - scale.chance
    if abs(width) < _SMALLEST:
        return value * math.nan
    return np.clip(100.0 * (value - scale.chance) / width, -100.0, 100.0)


def chance_answers(scorer: Scorer, seed: int) -> list[list[Answer]]:
    """Guesses without audio, one list for each way of guessing; the best of them is chance.

    There are two ways if the unchanged input is a valid answer, else one.
    """
    prompts = scorer.prompts
    if scorer.row.answer_kind.best_constant == "median":
        return [[most_common(p, seed) for p in prompts]]
    ways = [[guess(p, seed) for p in prompts]]
    if copies(scorer.row):
        ways.append([baseline("copy").say(p, seed) for p in prompts])
    return ways


def _chance(scorer: Scorer, info: MetricInfo, seed: int, best: float) -> float:
    row = scorer.row
    by_constant = row.answer_kind.best_constant == "median"
    by_example = not by_constant and not row.answer_kind.is_audio
    if by_example and _is_mean(scorer, info, seed):
        return float(np.mean([_expected_value(p, info, seed) for p in scorer.prompts]))
    ways = chance_answers(scorer, seed)
    fixed_values = [scorer.read(answers).value(info) for answers in ways[1:]]
    if by_constant:
        return scorer.read(ways[0]).value(info)
    values = [_mean_of_guesses(scorer, info, seed, best), *fixed_values]
    return max(values) if info.better == "higher" else min(values)


def _mean_of_guesses(scorer: Scorer, info: MetricInfo, seed: int, best: float) -> float:
    """The mean of the metric over sets of guesses."""
    audio = scorer.row.answer_kind.is_audio
    fewest, largest = _SOUNDS if audio else _TEXTS
    values: list[float] = []
    singles: list[NDArray[np.float64]] = []
    while len(values) < largest:
        answers = chance_answers(scorer, seed_of("chance", seed, len(values)))[0]
        reading = scorer.read(answers)
        by_example = reading.singles(info) if audio else None
        values.append(reading.value(info) if by_example is None else float(np.nanmean(by_example)))
        singles += [] if by_example is None else [by_example]
        close = _STANDARD_ERROR * abs(best - float(np.mean(values)))
        if len(values) >= fewest and _standard_error(values, singles) <= close:
            break
    return float(np.mean(values))


def _standard_error(values: Sequence[float], singles: Sequence[NDArray[np.float64]]) -> float:
    """Standard error of the mean over sets of guesses.

    If single examples have values, it comes from these, since there are few sets.
    """
    if len(singles) < len(values):
        return float(np.std(values, ddof=1)) / math.sqrt(len(values))
    spread = np.var(np.array(singles), axis=0, ddof=1)  # NaN: a silent reference
    finite = spread[np.isfinite(spread)]
    return math.sqrt(float(finite.mean()) / (len(finite) * len(values))) if len(finite) else 0.0


def _expected_value(prompt: Prompt, info: MetricInfo, seed: int) -> float:
    """The mean of the metric of one example over all guesses, or over a sample of them."""
    choices = candidates(prompt) or [""]
    if len(choices) > _PER_EXAMPLE:
        choices = random.Random(seed_of("expected", seed, prompt.key)).sample(choices, _PER_EXAMPLE)
    scorer = Scorer(prompt.row, [prompt] * len(choices))
    reading = scorer.read([Answer(choice) for choice in choices])
    return float(np.mean([reading.value(info, [place]) for place in range(len(choices))]))


def _is_mean(scorer: Scorer, info: MetricInfo, seed: int) -> bool:
    """Whether the metric over all examples is the mean of its values for each."""
    reading = scorer.read([guess(p, seed) for p in scorer.prompts])
    return reading.singles(info, reading.value(info)) is not None
