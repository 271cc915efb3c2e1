"""A few questions of each task for the report: the worst and some at random, with their audio."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.audio.flac import flac
from audioflan_tasks.errors import AudioError
from audioflan_tasks.evaluation.answers import Answer, Reply
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.samples import Sample
from audioflan_tasks.evaluation.scorer import REFERENCE_RATE
from audioflan_tasks.metrics import MetricInfo
from audioflan_tasks.preprocessors.render import Segment
from audioflan_tasks.seeds import seed_of

__all__ = ["AUDIO_BYTES", "AudioSpace", "EmbeddedClip", "SampleQuestion", "sample_questions"]

# Audio of one page. A page is a third longer, as its bytes are written as text.
AUDIO_BYTES = 24_000_000
_WORST, _RANDOM = 3, 3  # questions of a task
_SECONDS = 20  # of a clip


@dataclass(frozen=True, slots=True)
class EmbeddedClip:
    """The beginning of a clip as FLAC, and its length; where there is none, `note` says why."""

    flac: bytes = b""
    seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """A question with everything that a page shows of it; `reason` is "worst" or "random".

    `clips` are those of the question and the reference by audio id; `answer` is the audio that
    the model gave.
    """

    reason: str
    sample: Sample
    segments: tuple[Segment, ...]
    clips: Mapping[str, EmbeddedClip]
    answer: EmbeddedClip | None


class AudioSpace:
    """The bytes of audio that a page may still hold, in equal parts for all tasks.

    What a task leaves over is free for those after it.
    """

    def __init__(self, tasks: int, space: int = AUDIO_BYTES) -> None:
        self._part, self._free = space // max(1, tasks), 0

    def open_task(self) -> None:
        """The next task begins."""
        self._free += self._part

    def clip(self, samples: NDArray[np.float32], sample_rate: int) -> EmbeddedClip:
        """A clip of samples [n], without audio where the page is full."""
        seconds = len(samples) / sample_rate
        data = flac(samples[: _SECONDS * sample_rate], sample_rate) if self._free else b""
        if len(data) > self._free or not data:
            return EmbeddedClip(seconds=seconds, note="not in this page, which is full")
        self._free -= len(data)
        return EmbeddedClip(data, seconds, f"the first {_SECONDS} s" if seconds > _SECONDS else "")


def sample_questions(
    prompts: Sequence[Prompt],
    replies: Sequence[Reply | None],
    samples: Sequence[Sample],
    metric: MetricInfo,
    seed: int,
    space: AudioSpace,
) -> list[SampleQuestion]:
    """The three worst questions of a task by its first metric, and others at random up to six.

    Questions without an answer or with the best value are not among the worst. Where the metric
    has no value for single questions, all are drawn at random.
    """
    space.open_task()
    return [
        SampleQuestion(
            reason,
            samples[place],
            prompts[place].segments,
            dict(_clips(prompts[place], samples[place], space)),
            _answer_clip(replies[place], space),
        )
        for reason, place in _places(samples, metric, seed)
    ]


class _PlaceOfSample(NamedTuple):
    reason: str
    number: int


def _places(samples: Sequence[Sample], metric: MetricInfo, seed: int) -> list[_PlaceOfSample]:
    sign = 1 if metric.better == "higher" else -1
    values = [
        (sign * sample.value, number)
        for number, sample in enumerate(samples)
        if sample.value is not None and sample.value != metric.best
    ]
    worst = [number for _, number in sorted(values)[:_WORST]]
    others = [n for n in range(len(samples)) if n not in worst]
    others.sort(key=lambda n: seed_of("sample question", seed, samples[n].key))
    drawn = sorted(others[: _WORST + _RANDOM - len(worst)])
    return [_PlaceOfSample("worst", n) for n in worst] + [
        _PlaceOfSample("random", n) for n in drawn
    ]


def _clips(prompt: Prompt, sample: Sample, space: AudioSpace) -> Iterator[tuple[str, EmbeddedClip]]:
    for audio_id in dict.fromkeys(prompt.audio_ids):
        yield audio_id, _clip(prompt, audio_id, space)
    if prompt.writes_audio and sample.target and sample.target not in prompt.audio_ids:
        yield sample.target, _clip(prompt, sample.target, space)


def _clip(prompt: Prompt, audio_id: str, space: AudioSpace) -> EmbeddedClip:
    try:
        return space.clip(prompt.sound(audio_id, REFERENCE_RATE), REFERENCE_RATE)
    except AudioError as error:
        return EmbeddedClip(note=str(error))


def _answer_clip(reply: Reply | None, space: AudioSpace) -> EmbeddedClip | None:
    if not isinstance(reply, Answer) or reply.audio is None:
        return None
    samples = np.asarray(reply.audio.samples, np.float32).reshape(-1)
    try:
        return space.clip(samples, reply.audio.sample_rate) if len(samples) else None
    except AudioError as error:
        return EmbeddedClip(note=str(error))
