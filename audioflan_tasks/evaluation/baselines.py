"""Baselines: answers without a model, or answers of the model without the right audio.

`random` and `majority` use the gold answers of training records (of the other evaluated
records if a task has no training records), `copy` the input of the question. They and the others
of `DEAF` do not listen; the best of them is 0 of the scale. `roundtrip` is
the gold audio through the tokenizer and back: the upper bound of a model that writes tokens.
`oracle` is the gold answer itself and tests the scorer. `BlindModel` and `ShuffledModel` ask
the model.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.evaluation.answer_priors import priors_of
from audioflan_tasks.evaluation.answers import Answer, Reply
from audioflan_tasks.evaluation.gold_parsing import names_in, number
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.prompt import Prompt, reference_of
from audioflan_tasks.evaluation.scorer import REFERENCE_RATE
from audioflan_tasks.evaluation.sound_baselines import (
    copied_clip,
    mean_sound,
    noisy_clip,
    pink_noise,
    silence,
    white_noise,
)
from audioflan_tasks.metrics import AudioAnswer
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of
from audioflan_tasks.tokens import tokenizer_of

__all__ = [
    "BASELINES", "DEAF", "Baseline", "BlindModel", "ShuffledModel", "baseline",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline as a model: `say` answers a prompt, `applies` tells for which tasks it exists."""

    name: str
    say: Callable[[Prompt, int], Answer]
    applies: Callable[[TaskRow], bool]
    seed: int = 0
    hears: bool = False

    @property
    def settings(self) -> Mapping[str, Any]:
        """The seed of the answers."""
        return {"seed": self.seed}

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """The answer of the baseline to each prompt."""
        return [self.say(prompt, self.seed) for prompt in prompts]


# Names of an open set that `every_label` lists.
_MOST_NAMES = 40


def candidates(prompt: Prompt) -> list[str]:
    """The answers from which `random` draws uniformly; audio ids for audio answers."""
    row = prompt.row
    if row.answer_kind.choices == "one" and len(prompt.options) > 1:
        return list(dict.fromkeys(prompt.options))
    priors = priors_of(prompt.corpus, row.id, prompt.instance.split)
    golds = priors.golds_beside(prompt.instance)
    return list(dict.fromkeys(golds)) if row.answer_kind.is_class else golds


def _sound(prompt: Prompt, audio_id: str) -> AudioAnswer:
    priors = priors_of(prompt.corpus, prompt.row.id, prompt.instance.split)
    owner = next((i for i in priors.owners if audio_id in i.audio_ids), prompt.instance)
    return AudioAnswer(prompt.corpus.audio(audio_id, REFERENCE_RATE, owner), REFERENCE_RATE)


def guess(prompt: Prompt, seed: int) -> Answer:
    """A random label of the label set, or the answer of a random other record."""
    choices = candidates(prompt)
    if not choices:
        return Answer()
    draw = seed_of("random", seed, prompt.row.id, prompt.instance.uuid or prompt.key)
    choice = choices[draw % len(choices)]
    return Answer(audio=_sound(prompt, choice)) if prompt.writes_audio else Answer(choice)


def most_common(prompt: Prompt, seed: int) -> Answer:
    """The best constant answer: the most frequent one, or the median of numbers."""
    priors = priors_of(prompt.corpus, prompt.row.id, prompt.instance.split)
    golds = priors.golds_beside(prompt.instance)
    if not golds:
        return Answer()
    if prompt.row.answer_kind.best_constant == "median":
        values = sorted(v for g in golds if (v := number(g)) is not None)
        return Answer(f"{float(np.median(values)):g}" if values else "")
    # Ties go to the first in the alphabet, so that the order of records does not matter.
    counts = Counter(golds)
    return Answer(min(counts, key=lambda g: (-counts[g], g)))


def no_answer(prompt: Prompt, seed: int) -> Answer:
    """Nothing."""
    return Answer()


def every_label(prompt: Prompt, seed: int) -> Answer:
    """All options; without any, all that training answers name. Of intervals, each all the time."""
    kind, names = prompt.row.answer_kind, prompt.options
    if not names:
        priors = priors_of(prompt.corpus, prompt.row.id, prompt.instance.split)
        counts = Counter(name for gold in priors.golds for name in names_in(gold, kind))
        names = tuple(name for name, _ in counts.most_common(_MOST_NAMES))
    if kind.names != "intervals":
        return Answer(", ".join(names))
    clips = prompt.sounds(REFERENCE_RATE)[-1:]
    end = max((len(clip) / REFERENCE_RATE for clip in clips), default=1.0)
    return Answer("; ".join(f"0.00-{end:.2f} {name}".strip() for name in names or ("",)))


def longest_option(prompt: Prompt, seed: int) -> Answer:
    """The longest option, of equally long ones the first."""
    return Answer(max(prompt.options, key=len, default=""))


def copied_input(prompt: Prompt, seed: int) -> Answer:
    """The input that the task improves, or the first clip, unchanged."""
    return copied_clip(prompt, prompt.improved_place)


def copied_question(prompt: Prompt, seed: int) -> Answer:
    """The words of the prompt."""
    return Answer(prompt.text(""))


def copied_other(prompt: Prompt, seed: int) -> Answer:
    """The last clip of the prompt, unchanged."""
    return copied_clip(prompt, -1)


def round_trip(prompt: Prompt, seed: int) -> Answer:
    """The reference audio, encoded and decoded by the tokenizer."""
    tokenizer = tokenizer_of(prompt.example_options)
    audio_id = reference_of(prompt.instance, prompt.row)
    samples = prompt.corpus.audio(audio_id, tokenizer.sample_rate, prompt.instance)
    codes = tokenizer.encode(samples)
    return Answer(audio=AudioAnswer(tokenizer.decode(codes), tokenizer.sample_rate))


def gold_answer(prompt: Prompt, seed: int) -> Answer:
    """The reference itself."""
    text = reference_of(prompt.instance, prompt.row)
    if not prompt.writes_audio:
        return Answer(text)
    samples = prompt.corpus.audio(text, REFERENCE_RATE, prompt.instance)
    return Answer(audio=AudioAnswer(samples, REFERENCE_RATE))


def _text(row: TaskRow) -> bool:
    return not row.answer_kind.is_audio


def _audio(row: TaskRow) -> bool:
    return row.answer_kind.is_audio


def _any_task(row: TaskRow) -> bool:
    return True


def _labels(row: TaskRow) -> bool:
    return row.answer_kind.names != "none" or row.answer_kind.lists_options


def _one_label(row: TaskRow) -> bool:
    return row.answer_kind.choices == "one"


def _clips(row: TaskRow) -> int:
    """How many clips a question has to which the answer is audio."""
    return sum(piece.kind == "audio" for piece in row.inputs) if _audio(row) else 0


def _improves(row: TaskRow) -> bool:
    return bool(row.improves)


def _copied(row: TaskRow) -> bool:
    return _clips(row) > 0


BASELINES: Mapping[str, Baseline] = {
    b.name: b
    for b in (
        Baseline("random", guess, _any_task),
        Baseline("majority", most_common, _text),
        Baseline("empty", no_answer, _text),
        Baseline("every_label", every_label, _labels),
        Baseline("longest", longest_option, _one_label),
        Baseline("copy_question", copied_question, _text),
        Baseline("copy", copied_input, _copied),
        Baseline("copy_last", copied_other, lambda row: _clips(row) > 1),
        *(
            Baseline(f"noisy_copy_{db}", partial(noisy_clip, below_db=db), _improves)
            for db in (20, 30, 40)
        ),
        Baseline("silence", silence, _audio),
        Baseline("white_noise", white_noise, _audio),
        Baseline("pink_noise", pink_noise, _audio),
        Baseline("mean_sound", mean_sound, _audio),
        Baseline("roundtrip", round_trip, _audio),
        Baseline("oracle", gold_answer, _any_task),
    )
}


# Those that do not listen, beside `random`.
DEAF = tuple(name for name in BASELINES if name not in ("random", "roundtrip", "oracle"))


def baseline(name: str, seed: int = 0) -> Baseline:
    """The baseline of that name with a seed."""
    return replace(BASELINES[name], seed=seed)


@dataclass(frozen=True, slots=True)
class BlindModel:
    """A model that gets its prompts without audio."""

    model: Model
    hears: bool = False

    @property
    def name(self) -> str:
        """Name of the model and the change."""
        return f"{self.model.name}, blind"

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of the model."""
        return self.model.settings

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """Asks the model without any audio."""
        return self.model.answer([p.without_audio() for p in prompts])


@dataclass(frozen=True, slots=True)
class ShuffledModel:
    """A model that gets its prompts with the audio of another record."""

    model: Model
    seed: int = 0
    hears: bool = False

    @property
    def name(self) -> str:
        """Name of the model and the change."""
        return f"{self.model.name}, shuffled audio"

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of the model."""
        return self.model.settings

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """Asks the model with the audio of another record."""
        return self.model.answer([self.shuffle(p) for p in prompts])

    def shuffle(self, prompt: Prompt) -> Prompt:
        """The prompt with each clip replaced by that of another record of the split."""
        corpus, row, instance = prompt.corpus, prompt.row, prompt.instance
        size = corpus.size(row.id, instance.split)
        draw = random.Random(seed_of("shuffle", self.seed, row.id, instance.uuid or prompt.key))
        for position in draw.sample(range(size), min(size, 8)):
            other = corpus.instance(row.id, instance.split, position)
            own_clips, other_clips = _input_ids(instance), _input_ids(other)
            if len(own_clips) == len(other_clips) and not set(own_clips) & set(other_clips):
                pairs = zip(own_clips, other_clips, strict=True)
                return replace(prompt, replacements={m: (t, other) for m, t in pairs})
        return prompt


def _input_ids(instance: Instance) -> list[str]:
    return [p.value for p in instance.input_pieces if p.kind == "audio"]
