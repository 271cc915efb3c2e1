"""Robustness: how much a score changes when prompts or audio change in ways that should not matter.

Each variation asks every question again and is scored like the run itself. Variations are
another order of the options, another instruction of the task's pool (twice), audio 20 dB quieter,
and audio with noise at 20 dB SNR. The spread over them is reported with the score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from audioflan_tasks.evaluation.answers import AnswerFile
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.prompt import Prompt, Samples
from audioflan_tasks.evaluation.runner import ask
from audioflan_tasks.evaluation.scoring.task import TaskScore, baseline_result
from audioflan_tasks.preprocessors.render import RenderedExample, render
from audioflan_tasks.seeds import seed_of

__all__ = ["VARIATIONS", "robustness"]

_TRIES = 3000
_QUIETER_DB = -20.0
_NOISE_DB = 20.0


def _reorder_options(prompt: Prompt, seed: int) -> Prompt | None:
    """The prompt with the options in another order; instruction and style stay the same."""
    if "+" not in prompt.template:
        return None
    input_segments = prompt.segments[1:]  # the labels of the input must stay the same too
    return _render_variant(
        prompt, seed, lambda r: r.template == prompt.template and r.inputs[1:] == input_segments
    )


def _paraphrase(prompt: Prompt, seed: int) -> Prompt | None:
    """The prompt with another instruction of the pool."""
    instruction = prompt.template.partition("+")[0]
    return _render_variant(prompt, seed, lambda r: r.template.partition("+")[0] != instruction)


def _paraphrase_again(prompt: Prompt, seed: int) -> Prompt | None:
    """Another draw of an instruction."""
    return _paraphrase(prompt, seed_of("again", seed))


def _render_variant(
    prompt: Prompt, seed: int, fits: Callable[[RenderedExample], bool]
) -> Prompt | None:
    """The first of many renderings that fits and differs from the prompt; None if none does."""
    if prompt.template == "keep" or prompt.shots:
        return None
    for attempt in range(_TRIES):
        variation_seed = seed_of("variation", seed, prompt.key, attempt)
        variant = render(
            prompt.instance, prompt.row, variation_seed,
            languages=prompt.example_options.wordings,
        )  # fmt: skip
        if fits(variant) and variant.inputs != prompt.segments:
            return replace(prompt, segments=variant.inputs, template=variant.template)
    return None


def _lower_level(prompt: Prompt, seed: int) -> Prompt | None:
    """The prompt with audio 20 dB quieter."""
    if not prompt.audio_ids:
        return None
    gain = np.float32(10 ** (_QUIETER_DB / 20))
    return replace(prompt, treat=lambda x, rate: x * gain, treatment="level-20dB")


def _add_noise(prompt: Prompt, seed: int) -> Prompt | None:
    """The prompt with white noise 20 dB below the level of the clip."""
    if not prompt.audio_ids:
        return None

    def noise(samples: Samples, rate: int) -> Samples:
        generator = np.random.default_rng(seed_of("noise", seed, prompt.key))
        level = float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
        white_noise = generator.standard_normal(len(samples)) * level * 10 ** (-_NOISE_DB / 20)
        return (samples + white_noise).astype(np.float32)

    return replace(prompt, treat=noise, treatment="noise20dB")


VARIATIONS: Mapping[str, Callable[[Prompt, int], Prompt | None]] = {
    "options": _reorder_options,
    "paraphrase": _paraphrase,
    "paraphrase_2": _paraphrase_again,
    "level": _lower_level,
    "noise": _add_noise,
}


def robustness(
    names: Iterable[str],
    model: Model,
    prompts: Sequence[Prompt],
    folder: Path,
    score: TaskScore,
    *,
    seed: int,
    batch_size: int,
    workers: int,
) -> dict[str, Any]:
    """The primary metric under each variation, and the spread of these and the run's own value.

    Only questions that a variation changes are asked. `value` is over these questions; `own`
    is the run's value over the same questions, None if the metric is not a mean.
    """
    values: dict[str, Any] = {}
    for name in names:
        variants = [VARIATIONS[name](p, seed) for p in prompts]
        questions = [replace(p, key=f"{p.key}/{name}") for p in variants if p is not None]
        if not questions or not model.hears:
            continue
        with AnswerFile(folder / name, prompts[0].row.id) as file:
            ask(model, questions, file, batch_size=batch_size, workers=workers)
            replies = [file.reply(p.key) for p in questions]
        result = baseline_result(score, questions, replies)
        if result is not None:
            keys = [p.key for p, c in zip(prompts, variants, strict=True) if c is not None]
            values[name] = {
                "value": result.value, "normalised": result.normalised, "questions": len(questions),
                "own": _own_value(score, keys),
            }  # fmt: skip
    normalised_values = [v["normalised"] for v in values.values() if v["normalised"] is not None]
    if normalised_values and score.result.normalised is not None:
        normalised_values.append(score.result.normalised)
        values["spread"] = {
            "low": min(normalised_values), "high": max(normalised_values),
            "sd": float(np.std(normalised_values)),
        }  # fmt: skip
    return values


def _own_value(score: TaskScore, keys: Sequence[str]) -> float | None:
    values = [score.singles[k] for k in keys if k in score.singles]
    return float(np.mean(values)) if len(values) == len(keys) else None
