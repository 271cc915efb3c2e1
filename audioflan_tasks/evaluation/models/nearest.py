"""Nearest neighbour: the answer of the training record with the most similar spectra.

The model is weak, but its answers depend on the audio. It shows the effect of `blind` and
`shuffled`, and the score of a comparison of spectra alone (k nearest neighbours with k = 1;
Cover & Hart 1967).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.answer_priors import is_same_record, priors_of
from audioflan_tasks.evaluation.answers import Answer, Reply
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.scorer import REFERENCE_RATE
from audioflan_tasks.metrics import AudioAnswer
from audioflan_tasks.metrics.cepstral import bands_of
from audioflan_tasks.records import Instance

__all__ = ["NearestModel"]

_MAX_RECORDS = 500  # training records that are compared
_OPTION_PENALTY = 1e9  # added if the answer is not an option; larger than any distance
_TEXT_WEIGHT = 10.0  # distance of two texts without a common word


@dataclass(frozen=True, slots=True)
class _TrainingPoints:
    """Training records: spectra [records, numbers], their spread, words of the input, answers."""

    sounds: NDArray[np.float64]
    scale: NDArray[np.float64]
    words: list[frozenset[str]]
    golds: list[str]
    owners: list[Instance]


class NearestModel:
    """A nearest-neighbour model on mean and spread of mel bands and the words of the input.

    Its records are those of the question's task. Where `trained_on` names the tasks that it may
    know and that is none of them, they are those of the named tasks with answers of the same form.
    """

    name = "nearest"
    hears = True

    def __init__(self, trained_on: Iterable[str] = ()) -> None:
        self._trained_on = frozenset(trained_on)
        counts = {"trained_on": len(self._trained_on)} if self._trained_on else {}
        self.settings: Mapping[str, Any] = {"bands": 20, **counts}

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """The answer of the nearest record; of equally near records the first."""
        return [self._nearest(prompt) for prompt in prompts]

    def _nearest(self, prompt: Prompt) -> Answer:
        tasks = _known_tasks(prompt.row, self._trained_on)
        training = _training_points(prompt.corpus, tasks, prompt.instance.split)
        if not training.golds:
            return Answer()
        words = _words(prompt.instance)
        distances = np.array(
            [_TEXT_WEIGHT * _word_distance(words, other) for other in training.words]
        )
        point = _question_point(prompt)
        if len(point) == training.sounds.shape[1]:
            distances += np.linalg.norm((training.sounds - point) / training.scale, axis=1)
        # The record of the question itself is excluded: it is among the points if the task
        # has no training records. Answers that are not among the options come last.
        is_question = np.array([is_same_record(o, prompt.instance) for o in training.owners])
        options = set(prompt.instance.options)
        not_an_option = np.array([bool(options) and gold not in options for gold in training.golds])
        best = int(
            np.argmin(np.where(is_question, np.inf, distances + _OPTION_PENALTY * not_an_option))
        )
        gold, owner = training.golds[best], training.owners[best]
        if not prompt.writes_audio:
            return Answer(gold)
        samples = prompt.corpus.audio(gold, REFERENCE_RATE, owner)
        return Answer(audio=AudioAnswer(samples, REFERENCE_RATE))


@lru_cache(maxsize=1024)
def _known_tasks(row: TaskRow, trained_on: frozenset[str]) -> tuple[str, ...]:
    """Ids of the tasks whose records answer questions of a task."""
    if not trained_on or row.name in trained_on:
        return (row.id,)
    return tuple(
        other.id
        for other in catalogue.tasks()
        if other.name in trained_on
        and other.answer_kind == row.answer_kind
        and other.reads.count("audio") == row.reads.count("audio")
    )


@lru_cache(maxsize=128)
def _training_points(corpus: Corpus, task_ids: tuple[str, ...], split: str) -> _TrainingPoints:
    owners: list[Instance] = []
    golds: list[str] = []
    points: list[NDArray[np.float64]] = []
    for task_id in task_ids:
        priors = priors_of(corpus, task_id, split)
        count = _MAX_RECORDS // len(task_ids)
        owners += priors.owners[:count]
        golds += priors.golds[:count]
        points += [
            _training_point(corpus, task_id, split, place)
            for place in range(len(priors.owners[:count]))
        ]
    size = max(map(len, points), default=0)
    rows = [p if len(p) == size else np.full(size, np.inf) for p in points]
    sounds = np.array(rows).reshape(len(rows), size)
    finite = sounds[np.isfinite(sounds).all(axis=1)]
    scale = np.maximum(finite.std(axis=0), 1e-3) if len(finite) else np.ones(size)
    return _TrainingPoints(sounds, scale, [_words(owner) for owner in owners], golds, owners)


@lru_cache(maxsize=16_384)
def _training_point(corpus: Corpus, task_id: str, split: str, place: int) -> NDArray[np.float64]:
    """The point of a training record, which is in the training tasks of many folds."""
    owner = priors_of(corpus, task_id, split).owners[place]
    return _point([corpus.audio(a, REFERENCE_RATE, owner) for a in _audio_ids(owner)])


def _audio_ids(instance: Instance) -> list[str]:
    return [p.value for p in instance.input_pieces if p.kind == "audio"]


def _words(instance: Instance) -> frozenset[str]:
    texts = (p.value for p in instance.input_pieces if p.kind == "text")
    return frozenset(" ".join(texts).casefold().split())


def _word_distance(first: frozenset[str], second: frozenset[str]) -> float:
    """Jaccard distance of two sets of words; 0 if both are empty."""
    return 1.0 - len(first & second) / len(first | second) if first | second else 0.0


def _question_point(prompt: Prompt) -> NDArray[np.float64]:
    """The point of the question's clips, without those of few-shot examples."""
    count = len(_audio_ids(prompt.instance))
    question_ids = prompt.audio_ids[-count:] if count else ()
    return _point([prompt.sound(audio_id, REFERENCE_RATE) for audio_id in question_ids])


def _point(clips: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Mean and standard deviation over time of the mel bands of each clip, [40 x clips]."""
    bands = [bands_of(clip, REFERENCE_RATE) for clip in clips]
    return np.concatenate([np.r_[b.mean(axis=0), b.std(axis=0)] for b in bands] or [np.zeros(0)])
