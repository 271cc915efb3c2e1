"""The scale from 0 to 100: 0 is the best score of all who do not listen (chance), 100 is perfect.

Those are a uniform draw from the options of the question, or the answer of a random other record,
and the baselines of `DEAF`: the most frequent answer or median, no answer, all options, the
longest one, the input, silence, noise, the mean of training answers. What they know is from the
training split; chance is their score on the questions that were answered.

Perfect is the best value of the metric or, if that is infinite, the score of the reference
itself. Worse than chance is 0 too, so that no answer is worse than none.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.evaluation.baselines import (
    BASELINES,
    DEAF,
    baseline,
    candidates,
    gold_answer,
    guess,
)
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.scorer import Scorer, infos_of
from audioflan_tasks.metrics import MetricInfo
from audioflan_tasks.seeds import seed_of

__all__ = ["Anchors", "anchors", "normalise", "on_line"]

_PER_EXAMPLE = 24  # guesses per example whose mean is taken, where the metric is a mean
# Guesses of which the mean is taken otherwise: of texts, and of sounds, which are slow to compare.
_TEXTS, _SOUNDS = 400, 24
_FEWEST_DRAWS, _MOST_DRAWS = 3, 30
# All sounds are compared on so many questions, the two best on all.
_SAMPLE = 24
_FINALISTS = 2
_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Anchors:
    """The values of a metric at 0 (chance) and at 100 (best) of the scale; who scores chance."""

    chance: float
    best: float
    chance_by: str = ""


def anchors(scorer: Scorer, seed: int) -> Anchors:
    """Anchors of a task's primary metric over its prompts."""
    info = infos_of(scorer.row)[0]
    best = info.best
    if not math.isfinite(best):
        best = scorer.read([gold_answer(p, 0) for p in scorer.prompts]).value(info)
    values = (_sound_values if scorer.row.answer_kind.is_audio else _text_values)(
        scorer, info, seed
    )
    name = _ranking(values, info)[0]
    return Anchors(values[name], best, name)


def on_line(value: Any, scale: Anchors) -> Any:
    """A value or an array of values on the scale without its limits; NaN if chance is perfect."""
    width = scale.best - scale.chance
    if abs(width) < _SMALLEST:
        return value * math.nan
    return 100.0 * (value - scale.chance) / width


def normalise(value: Any, scale: Anchors) -> Any:
    """A value or an array of values on the scale, 0 to 100; NaN if chance is perfect already."""
    return np.clip(on_line(value, scale), 0.0, 100.0)


def _ranking(values: Mapping[str, float], info: MetricInfo) -> list[str]:
    """Names from the best to the worst; of equally good ones the first stays first."""
    sign = -1.0 if info.better == "higher" else 1.0
    return sorted(values, key=lambda name: sign * values[name])


def _text_values(scorer: Scorer, info: MetricInfo, seed: int) -> dict[str, float]:
    values = {"random": _guessed(scorer, info, seed)}
    for name in _names(scorer):
        values[name] = _value(scorer, info, baseline(name, seed).say, seed)
    return {name: value for name, value in values.items() if math.isfinite(value)}


def _sound_values(scorer: Scorer, info: MetricInfo, seed: int) -> dict[str, float]:
    """Values of all on a sample of the questions, where these are many; of the best on all."""
    prompts = scorer.prompts
    places = np.linspace(0, len(prompts) - 1, min(len(prompts), _SAMPLE)).round().astype(int)
    sample = scorer if len(places) == len(prompts) else Scorer(
        scorer.row, [prompts[place] for place in places]
    )  # fmt: skip
    values = {"random": _mean_of_draws(sample, info, seed, _SOUNDS)}
    for name in _names(scorer):
        values[name] = _value(sample, info, baseline(name, seed).say, seed)
    if sample is scorer:
        return values
    names = _ranking(values, info)[:_FINALISTS]
    return {
        name: _value(scorer, info, BASELINES[name].say, seed_of("chance", seed, 0))
        for name in names
    }


def _names(scorer: Scorer) -> list[str]:
    return [name for name in DEAF if BASELINES[name].applies(scorer.row)]


def _value(
    scorer: Scorer, info: MetricInfo, say: Callable[[Prompt, int], Answer], seed: int
) -> float:
    values, _ = scorer.read([say(p, seed) for p in scorer.prompts]).measure(info)
    return values.get(info.name, math.nan)


def _guessed(scorer: Scorer, info: MetricInfo, seed: int) -> float:
    """The expected value of guesses: exact over each example's, where the metric is a mean."""
    reading = scorer.read([guess(p, seed) for p in scorer.prompts])
    _, sums = reading.measure(info)
    if sums is None or sums.singles is None:
        return _mean_of_draws(scorer, info, seed, _TEXTS)
    return float(np.nanmean([_expected_value(p, info, seed) for p in scorer.prompts]))


def _mean_of_draws(scorer: Scorer, info: MetricInfo, seed: int, guesses: int) -> float:
    """The mean of the metric over sets of guesses."""
    count = min(_MOST_DRAWS, max(_FEWEST_DRAWS, guesses // len(scorer.prompts)))
    seeds = [seed_of("chance", seed, draw) for draw in range(count)]
    return float(np.mean([_value(scorer, info, guess, draw_seed) for draw_seed in seeds]))


def _expected_value(prompt: Prompt, info: MetricInfo, seed: int) -> float:
    """The mean of the metric of one example over all guesses, or over a sample of them."""
    choices = candidates(prompt) or [""]
    if len(choices) > _PER_EXAMPLE:
        choices = random.Random(seed_of("expected", seed, prompt.key)).sample(choices, _PER_EXAMPLE)
    scorer = Scorer(prompt.row, [prompt] * len(choices))
    reading = scorer.read([Answer(choice) for choice in choices])
    return float(np.mean([reading.value(info, [place]) for place in range(len(choices))]))
