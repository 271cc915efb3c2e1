"""Metrics of music information retrieval, computed by mir_eval 0.8 (Raffel et al. 2014).

Each is computed per example and averaged, as in MIREX. An answer without a value scores 0. Times
that lie exactly at a tolerance match: mir_eval compares floating-point differences, and misses
some of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.values import ROUNDING_S, Contour, Interval

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
_BEAT_S = 0.07
_CONTINUITY = 0.175
_POINT_S = 0.01
_MIREX_MODES = ("major", "minor")
# "other" stands for any mode, as in mir_eval.
_COMPARED_MODES = frozenset((*_MIREX_MODES, "other"))
_PARALLEL = 0.2


def key_score(batch: Batch) -> Mapping[str, float]:
    """Mean MIREX weighted key score (0 to 1)."""
    return {"key_score": _mean(batch, _key)}


def beat_f1(batch: Batch) -> Mapping[str, float]:
    """Mean F-measure of beats within 70 ms (0 to 1).

    mir_eval's usual trimming of the first 5 s is left out: excerpts here may be shorter. Where
    there are no beats, none is right.
    """
    return {"beat_f1": _mean(batch, lambda r, a: _beats(r, a, _beat_f))}


def beat_cmlt(batch: Batch) -> Mapping[str, float]:
    """Mean share of beats at the right tempo and phase, continuity not required (0 to 1).

    One beat has no tempo: there the F-measure counts.
    """
    return {"beat_cmlt": _mean(batch, lambda r, a: _beats(r, a, partial(_continuity, "CMLt")))}


def beat_amlt(batch: Batch) -> Mapping[str, float]:
    """As CMLt, with double and half tempo and the off-beat allowed (0 to 1)."""
    return {"beat_amlt": _mean(batch, lambda r, a: _beats(r, a, partial(_continuity, "AMLt")))}


def chord_majmin(batch: Batch) -> Mapping[str, float]:
    """Mean weighted chord symbol recall with major and minor chords (0 to 1)."""
    return _chord_scores(batch, "majmin")


def chord_root(batch: Batch) -> Mapping[str, float]:
    """Mean weighted recall of chord roots (0 to 1)."""
    return _chord_scores(batch, "root")


def chord_sevenths(batch: Batch) -> Mapping[str, float]:
    """Mean weighted chord symbol recall with seventh chords (0 to 1)."""
    return _chord_scores(batch, "sevenths")


def melody_accuracy(batch: Batch) -> Mapping[str, float]:
    """Mean overall accuracy of melody within 50 cents (0 to 1)."""
    return {"melody_accuracy": _mean(batch, partial(_melody, "Overall Accuracy"))}


def melody_pitch_accuracy(batch: Batch) -> Mapping[str, float]:
    """Mean raw pitch accuracy within 50 cents (0 to 1)."""
    return {"melody_pitch_accuracy": _mean(batch, partial(_melody, "Raw Pitch Accuracy"))}


def melody_chroma_accuracy(batch: Batch) -> Mapping[str, float]:
    """Mean raw chroma accuracy, octaves folded (0 to 1)."""
    return {"melody_chroma_accuracy": _mean(batch, partial(_melody, "Raw Chroma Accuracy"))}


def tempo_accuracy(batch: Batch) -> Mapping[str, float]:
    """Share of tempi within 4 % (Accuracy 1 of Gouyon et al. 2006; 0 to 1).

    `tempo_accuracy2` allows a factor of 2, 3, 1/2 and 1/3 as well.
    """
    factors = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)

    def near(reference: float, answer: float) -> float:
        return float(abs(answer - reference) <= _TEMPO_TOLERANCE * reference + ROUNDING_S)

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


def _key(reference: str, answer: str) -> float:
    """The score of one key; of modes beside major and minor mir_eval knows only that they are."""
    from mir_eval.key import weighted_score

    if "X" in (reference, answer) or reference == answer:
        return float(reference == answer)
    (tonic, mode), (answer_tonic, answer_mode) = reference.split(), answer.split()
    if mode != answer_mode and not {mode, answer_mode} & _COMPARED_MODES:
        return _PARALLEL if tonic == answer_tonic else 0.0
    keys = (f"{t} {m if m in _MIREX_MODES else 'other'}" for t, m in (
        (tonic, mode), (answer_tonic, answer_mode)))  # fmt: skip
    return float(weighted_score(*keys))


def _beats(
    reference: Sequence[float], answer: Sequence[float], score: Callable[[Any, Any], float]
) -> float:
    """The score of beats in order, each once; none for none is 1."""
    beats, answer_beats = np.unique(reference), np.unique(answer)
    return score(beats, answer_beats) if len(beats) or len(answer_beats) else 1.0


def _beat_f(reference: NDArray[np.float64], answer: NDArray[np.float64]) -> float:
    from mir_eval.beat import f_measure

    return float(f_measure(reference, answer, f_measure_threshold=_BEAT_S + ROUNDING_S))


def _continuity(name: str, reference: NDArray[np.float64], answer: NDArray[np.float64]) -> float:
    from mir_eval.beat import continuity

    if len(reference) < 2 or len(answer) < 2:
        return _beat_f(reference, answer) if len(reference) == 1 else 0.0
    names = ("CMLc", "CMLt", "AMLc", "AMLt")
    threshold = _CONTINUITY + ROUNDING_S
    scores = continuity(
        reference, answer,
        continuity_phase_threshold=threshold, continuity_period_threshold=threshold,
    )  # fmt: skip
    return float(dict(zip(names, scores, strict=True))[name])


def _chord_scores(batch: Batch, name: str) -> Mapping[str, float]:
    """The mean over excerpts in which something can be compared, and how many have nothing.

    There is no mean where no excerpt has anything.
    """
    pairs = zip(batch.references, batch.answers, strict=True)
    values = [value for r, a in pairs if (value := _chords(r, a, name)) is not None]
    left_out = {f"chord_{name}_left_out": float(len(batch.references) - len(values))}
    return {f"chord_{name}": sum(values) / len(values), **left_out} if values else left_out


def _chords(
    reference: Sequence[Interval], answer: Sequence[Interval] | None, name: str
) -> float | None:
    """Weighted recall of one excerpt; None where nothing of the reference is compared."""
    from mir_eval import chord

    spans, labels = _without_gaps(reference, f"chord_{name}")
    # An answer that cannot be read says something else everywhere.
    answer_spans, answer_labels = chord.util.adjust_intervals(
        *(_without_gaps(answer) if answer else (spans, ["X"] * len(labels))),
        spans.min(), spans.max(), "N", "N",
    )  # fmt: skip
    intervals, reference_labels, answer_labels = chord.util.merge_labeled_intervals(
        spans, labels, answer_spans, answer_labels
    )
    comparisons = getattr(chord, name)(reference_labels, answer_labels)
    durations = chord.util.intervals_to_durations(intervals)
    if not (comparisons >= 0).any():
        return None
    return float(chord.weighted_accuracy(comparisons, durations)) if answer else 0.0


def _without_gaps(intervals: Sequence[Interval], name: str = "") -> tuple[np.ndarray, list[str]]:
    """[n, 2] seconds and labels; between chords there is no chord, "N".

    Raises:
      MetricInputError: of the reference of the metric `name`, a label is no chord.
    """
    spans: list[list[float]] = []
    labels: list[str] = []
    for part in intervals:
        if spans and part.start > spans[-1][1]:
            spans.append([spans[-1][1], part.start])
            labels.append("N")
        start = spans[-1][1] if spans else part.start
        if part.end > start:
            spans.append([start, part.end])
            labels.append(_chord_or_x(part.label, name))
    return np.array(spans, np.float64), labels


@lru_cache(maxsize=4096)
def _chord_or_x(label: str, name: str = "") -> str:
    from mir_eval.chord import InvalidChordException, encode

    try:
        encode(label)
    except (InvalidChordException, ValueError):
        if name:
            raise MetricInputError(
                f"{name}: the reference chord {label[:60]!r} is not in Harte's syntax, such as "
                "'C:maj' or 'A:min7'; write X for a chord that is not to be compared"
            ) from None
        return "X"
    return label


def _melody(name: str, reference: Contour, answer: Contour) -> float:
    from mir_eval.melody import evaluate

    if not reference.hz.any() and name != "Overall Accuracy":
        return float(not answer.hz.any())  # no pitch to find
    return float(evaluate(*_held(reference), *_held(answer))[name])


def _held(contour: Contour) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times and Hz; a single point holds for 10 ms, since mir_eval interpolates between two."""
    if len(contour.times) > 1:
        return contour.times, contour.hz
    return np.append(contour.times, contour.times + _POINT_S), np.repeat(contour.hz, 2)
