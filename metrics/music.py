"""Metrics of music information retrieval, computed by mir_eval 0.8 (Raffel et al. 2014).

Each is computed per example and averaged, as in MIREX. An answer that cannot be read
scores 0.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.answers import contour, intervals, label, times

__all__ = ["beat_f1", "chord_majmin", "key_score", "melody_accuracy"]

T = TypeVar("T")

_KEY = re.compile(r"\b([a-g])\s*(#|♯|b|♭|sharp|flat)?\s*(major|minor|maj|min)\b")


def key_score(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Mean MIREX weighted key score (0 to 1)."""
    from mir_eval.key import weighted_score

    return {"key_score": _mean("key_score", targets, predictions, _key, weighted_score)}


def beat_f1(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Mean F-measure of beats within 70 ms (0 to 1).

    mir_eval's usual trimming of the first 5 s is left out: excerpts here may be shorter.
    """
    from mir_eval.beat import f_measure

    def score(wanted: tuple[float, ...], said: tuple[float, ...]) -> float:
        return float(f_measure(np.array(wanted), np.array(sorted(set(said)))))

    return {"beat_f1": _mean("beat_f1", targets, predictions, times, score)}


def chord_majmin(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Mean weighted chord symbol recall with major and minor chords (0 to 1)."""
    from mir_eval.chord import evaluate

    def score(wanted: _Chords, said: _Chords) -> float:
        return float(evaluate(*wanted, *said)["majmin"])

    return {"chord_majmin": _mean("chord_majmin", targets, predictions, _chords, score)}


def melody_accuracy(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Mean overall accuracy of melody within 50 cents (0 to 1)."""
    from mir_eval.melody import evaluate

    def score(wanted: _Contour, said: _Contour) -> float:
        if len(wanted[0]) < 2 or len(said[0]) < 2:
            return 0.0  # mir_eval interpolates between points
        return float(evaluate(*wanted, *said)["Overall Accuracy"])

    return {"melody_accuracy": _mean("melody_accuracy", targets, predictions, contour, score)}


_Chords = tuple[np.ndarray, list[str]]
_Contour = tuple[np.ndarray, np.ndarray]


def _mean(
    name: str,
    targets: Sequence[str],
    predictions: Sequence[str],
    parse: Callable[[str], T | None],
    score: Callable[[T, T], float],
) -> float:
    total = 0.0
    for target, prediction in zip(targets, predictions, strict=True):
        wanted, said = parse(target), parse(prediction)
        if wanted is None:
            raise MetricInputError(f"{name}: target {target!r} is not in the canonical form")
        total += 0.0 if said is None else float(score(wanted, said))
    return total / len(targets)


def _key(text: str) -> str | None:
    found = _KEY.search(label(text))
    if found is None:
        return None
    accidental = {"#": "#", "♯": "#", "sharp": "#", "b": "b", "♭": "b", "flat": "b"}
    mode = "major" if found[3].startswith("maj") else "minor"
    return f"{found[1]}{accidental.get(found[2] or '', '')} {mode}"


def _chords(text: str) -> _Chords | None:
    from mir_eval.chord import InvalidChordException, encode

    parsed = intervals(text)
    if not parsed or any(part.end <= part.start for part in parsed):
        return None
    if any(a.end > b.start + 1e-6 for a, b in itertools.pairwise(parsed)):
        return None
    try:
        for part in parsed:
            encode(part.label)
    except (InvalidChordException, ValueError):
        return None
    return np.array([[p.start, p.end] for p in parsed]), [p.label for p in parsed]
