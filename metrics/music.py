"""Metrics of music information retrieval, computed by mir_eval 0.8 (Raffel et al. 2014).

Each is computed per example and averaged, as in MIREX. An answer without a value scores 0.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.values import Contour, Interval

__all__ = [
    "beat_amlt",
    "beat_cmlt",
    "beat_f1",
    "chord_majmin",
    "chord_root",
    "chord_sevenths",
    "key_score",
    "melody_accuracy",
    "melody_chroma_accuracy",
    "melody_pitch_accuracy",
    "tempo_accuracy",
]

_TEMPO_TOLERANCE = 0.04


def key_score(batch: Batch) -> Mapping[str, float]:
    """Mean MIREX weighted key score (0 to 1)."""
    from mir_eval.key import weighted_score

    return {"key_score": _mean(batch, weighted_score)}


def beat_f1(batch: Batch) -> Mapping[str, float]:
    """Mean F-measure of beats within 70 ms (0 to 1).

    mir_eval's usual trimming of the first 5 s is left out: excerpts here may be shorter.
    """
    from mir_eval.beat import f_measure

    return {"beat_f1": _mean(batch, lambda r, a: f_measure(np.array(r), np.array(a)))}


def beat_cmlt(batch: Batch) -> Mapping[str, float]:
    """Mean share of beats at the right tempo and phase, continuity not required (0 to 1)."""
    return {"beat_cmlt": _mean(batch, lambda r, a: _continuity(r, a, "CMLt"))}


def beat_amlt(batch: Batch) -> Mapping[str, float]:
    """As CMLt, with double and half tempo and the off-beat allowed (0 to 1)."""
    return {"beat_amlt": _mean(batch, lambda r, a: _continuity(r, a, "AMLt"))}


def chord_majmin(batch: Batch) -> Mapping[str, float]:
    """Mean weighted chord symbol recall with major and minor chords (0 to 1)."""
    return {"chord_majmin": _mean(batch, lambda r, a: _chords(r, a, "majmin"))}


def chord_root(batch: Batch) -> Mapping[str, float]:
    """Mean weighted recall of chord roots (0 to 1)."""
    return {"chord_root": _mean(batch, lambda r, a: _chords(r, a, "root"))}


def chord_sevenths(batch: Batch) -> Mapping[str, float]:
    """Mean weighted chord symbol recall with seventh chords (0 to 1)."""
    return {"chord_sevenths": _mean(batch, lambda r, a: _chords(r, a, "sevenths"))}


def melody_accuracy(batch: Batch) -> Mapping[str, float]:
    """Mean overall accuracy of melody within 50 cents (0 to 1)."""
    return {"melody_accuracy": _mean(batch, lambda r, a: _melody(r, a, "Overall Accuracy"))}


def melody_pitch_accuracy(batch: Batch) -> Mapping[str, float]:
    """Mean raw pitch accuracy within 50 cents (0 to 1)."""
    return {"melody_pitch_accuracy": _mean(batch, lambda r, a: _melody(r, a, "Raw Pitch Accuracy"))}


def melody_chroma_accuracy(batch: Batch) -> Mapping[str, float]:
    """Mean raw chroma accuracy, octaves folded (0 to 1)."""
    return {
        "melody_chroma_accuracy": _mean(batch, lambda r, a: _melody(r, a, "Raw Chroma Accuracy"))
    }


def tempo_accuracy(batch: Batch) -> Mapping[str, float]:
    """Share of tempi within 4 % (Accuracy 1 of Gouyon et al. 2006; 0 to 1).

    `tempo_accuracy2` allows a factor of 2, 3, 1/2 and 1/3 as well.
    """
    factors = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)

    def near(reference: float, answer: float) -> float:
        return float(abs(answer - reference) <= _TEMPO_TOLERANCE * reference)

    return {
        "tempo_accuracy": _mean(batch, near),
        "tempo_accuracy2": _mean(batch, lambda r, a: max(near(f * r, a) for f in factors)),
    }


def _mean(batch: Batch, score: Callable[[Any, Any], float]) -> float:
    total = 0.0
    with warnings.catch_warnings():
        # mir_eval warns of empty input and of frames without voice; both have their score.
        warnings.simplefilter("ignore")
        for reference, answer in zip(batch.references, batch.answers, strict=True):
            total += 0.0 if answer is None else float(score(reference, answer))
    return total / len(batch.references)


def _continuity(reference: Sequence[float], answer: Sequence[float], name: str) -> float:
    from mir_eval.beat import continuity

    if len(reference) < 2 or len(answer) < 2:
        return 0.0
    names = ("CMLc", "CMLt", "AMLc", "AMLt")
    scores = continuity(np.array(reference), np.array(answer))
    return float(dict(zip(names, scores, strict=True))[name])


def _chords(reference: Sequence[Interval], answer: Sequence[Interval], name: str) -> float:
    from mir_eval import chord

    spans, labels = _without_gaps(reference)
    if "X" in labels:
        raise MetricInputError(
            f"chord_{name}: a reference chord is not in Harte's syntax: {reference}"
        )
    answer_spans, answer_labels = chord.util.adjust_intervals(
        *_without_gaps(answer), spans.min(), spans.max(), "N", "N"
    )
    intervals, reference_labels, answer_labels = chord.util.merge_labeled_intervals(
        spans, labels, answer_spans, answer_labels
    )
    comparisons = getattr(chord, name)(reference_labels, answer_labels)
    durations = chord.util.intervals_to_durations(intervals)
    if not (comparisons >= 0).any():
        return 0.0
    return float(chord.weighted_accuracy(comparisons, durations))


def _without_gaps(intervals: Sequence[Interval]) -> tuple[np.ndarray, list[str]]:
    """[n, 2] seconds and labels; between chords there is no chord, "N"."""
    spans: list[list[float]] = []
    labels: list[str] = []
    for part in intervals:
        if spans and part.start > spans[-1][1]:
            spans.append([spans[-1][1], part.start])
            labels.append("N")
        start = spans[-1][1] if spans else part.start
        if part.end > start:
            spans.append([start, part.end])
            labels.append(_chord_or_x(part.label))
    return np.array(spans, np.float64), labels


def _chord_or_x(label: str) -> str:
    from mir_eval.chord import InvalidChordException, encode

    try:
        encode(label)
    except (InvalidChordException, ValueError):
        return "X"
    return label


def _melody(reference: Contour, answer: Contour, name: str) -> float:
    from mir_eval.melody import evaluate

    if len(reference.times) < 2 or len(answer.times) < 2:
        return 0.0  # mir_eval interpolates between points
    return float(evaluate(reference.times, reference.hz, answer.times, answer.hz)[name])
