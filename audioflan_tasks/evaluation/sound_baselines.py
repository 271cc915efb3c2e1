"""Sounds that nobody listened for: silence, noise, the mean of the training answers.

Level, length and spectrum are those of training records. All are `Baseline.say` functions.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.answer_priors import priors_of
from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.scorer import REFERENCE_RATE
from audioflan_tasks.metrics import AudioAnswer
from audioflan_tasks.seeds import seed_of

__all__ = ["copied_clip", "mean_sound", "noisy_clip", "pink_noise", "silence", "white_noise"]

_MOST_CLIPS = 24
_FRAME = 1024
_QUIETEST = 1e-6
_LOWEST_HZ = 20.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Typical:
    """Of training answers: the median length and level, and the mean log spectrum (magnitudes)."""

    seconds: float
    level: float
    spectrum: Floats


def silence(prompt: Prompt, seed: int) -> Answer:
    """As long as the answers are, and silent."""
    return _answer(np.zeros(_length(prompt)))


def white_noise(prompt: Prompt, seed: int) -> Answer:
    """White noise at the level of training answers."""
    return _answer(_at_level(_white(prompt, seed), prompt))


def pink_noise(prompt: Prompt, seed: int) -> Answer:
    """Noise of equal power in each octave, at the level of training answers."""
    noise = _white(prompt, seed)
    hz = np.fft.rfftfreq(len(noise), 1 / REFERENCE_RATE)
    return _answer(_at_level(_shaped(noise, np.maximum(hz, _LOWEST_HZ) ** -0.5), prompt))


def mean_sound(prompt: Prompt, seed: int) -> Answer:
    """Noise with the mean log spectrum of the training answers."""
    spectrum = _typical_of(prompt).spectrum
    noise = _white(prompt, seed)
    places = np.linspace(0, len(spectrum) - 1, len(noise) // 2 + 1)
    return _answer(_shaped(noise, np.interp(places, np.arange(len(spectrum)), spectrum)))


def copied_clip(prompt: Prompt, place: int) -> Answer:
    """One of the clips of the prompt, unchanged."""
    return _answer(prompt.sound(prompt.audio_ids[place], REFERENCE_RATE))


def noisy_clip(prompt: Prompt, seed: int, below_db: float) -> Answer:
    """The clip that the task improves with white noise so many dB below it."""
    clip = prompt.sound(prompt.audio_ids[prompt.improved_place], REFERENCE_RATE)
    level = _level(clip) * 10 ** (-below_db / 20)
    return _answer(clip + level * _generator(prompt, seed).standard_normal(len(clip)))


def _answer(samples: NDArray[np.floating]) -> Answer:
    return Answer(audio=AudioAnswer(np.asarray(samples, np.float32), REFERENCE_RATE))


def _typical_of(prompt: Prompt) -> _Typical:
    return _typical(prompt.corpus, prompt.row.id, prompt.instance.split)


@lru_cache(maxsize=256)
def _typical(corpus: Corpus, task_id: str, split: str) -> _Typical:
    priors = priors_of(corpus, task_id, split)
    pairs = list(zip(priors.golds, priors.owners, strict=True))
    if len(pairs) > _MOST_CLIPS:
        pairs = random.Random(seed_of("typical", task_id)).sample(pairs, _MOST_CLIPS)
    clips = [corpus.audio(gold, REFERENCE_RATE, owner) for gold, owner in pairs if gold]
    clips = [clip for clip in clips if len(clip)] or [np.zeros(REFERENCE_RATE, np.float32)]
    logs = [np.log(np.maximum(_spectrum(clip), _QUIETEST)).mean(axis=0) for clip in clips]
    return _Typical(
        float(np.median([len(clip) for clip in clips])) / REFERENCE_RATE,
        float(np.median([_level(clip) for clip in clips])), np.exp(np.mean(logs, axis=0)),
    )  # fmt: skip


def _spectrum(clip: NDArray[np.floating]) -> Floats:
    """Magnitudes [frames, bins] at which white noise of level 1 has 1."""
    window = np.hanning(_FRAME)
    padded = np.pad(np.asarray(clip, np.float64), (0, max(0, _FRAME - len(clip))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[:: _FRAME // 2]
    spectrum = np.abs(np.fft.rfft(frames * window, axis=1))
    return np.asarray(spectrum / np.sqrt((window**2).sum()))


def _length(prompt: Prompt) -> int:
    """Samples of the last clip of the question, else of a typical answer."""
    if "audio" in prompt.row.reads and prompt.audio_ids:
        return max(1, len(prompt.sound(prompt.audio_ids[-1], REFERENCE_RATE)))
    return max(1, round(_typical_of(prompt).seconds * REFERENCE_RATE))


def _generator(prompt: Prompt, seed: int) -> np.random.Generator:
    return np.random.default_rng(seed_of("noise", seed, prompt.key))


def _white(prompt: Prompt, seed: int) -> Floats:
    return _generator(prompt, seed).standard_normal(_length(prompt))


def _shaped(noise: Floats, magnitudes: Floats) -> Floats:
    return np.asarray(np.fft.irfft(np.fft.rfft(noise) * magnitudes, len(noise)))


def _at_level(samples: Floats, prompt: Prompt) -> Floats:
    return samples * (_typical_of(prompt).level / max(_level(samples), _QUIETEST))


def _level(samples: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
