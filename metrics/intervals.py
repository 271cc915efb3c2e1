"""Metrics on intervals in time: diarization, activity and sound events.

References: pyannote.metrics 4 (diarization error rate), Mesaros, Heittola & Virtanen 2016
(segment-based measures), scikit-learn 1.x (F1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.answers import Interval, intervals, label

__all__ = ["der", "frame_f1", "segment_f1"]

_FRAME_S = 0.01
_SEGMENT_S = 1.0


def der(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Diarization error rate over the split, collar 0.25 s around each boundary, overlap scored.

    Answers without intervals miss all speech.
    """
    from pyannote.core import Annotation, Segment
    from pyannote.metrics.diarization import DiarizationErrorRate

    def annotation(parsed: Sequence[Interval]) -> Annotation:
        result = Annotation()
        for track, part in enumerate(parsed):
            if part.end > part.start:
                result[Segment(part.start, part.end), track] = label(part.label)
        return result

    rate = DiarizationErrorRate(collar=0.5, skip_overlap=False)  # 0.25 s on either side
    for wanted, said in _pairs("der", targets, predictions):
        end = max((i.end for i in (*wanted, *said)), default=0.0)
        rate(annotation(wanted), annotation(said), uem=_uem(end))
    return {"der": abs(rate)}


def frame_f1(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """F1 of active 10 ms frames over the split.

    Active is inside an interval; where intervals carry labels, inside one labelled speech.
    """
    from sklearn.metrics import f1_score

    truth, guess = [], []
    for wanted, said in _pairs("frame_f1", targets, predictions):
        frames = _count(wanted, said, _FRAME_S)
        truth.append(_active(wanted, frames))
        guess.append(_active(said, frames))
    return {"frame_f1": f1_score(np.concatenate(truth), np.concatenate(guess), zero_division=1.0)}


def segment_f1(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Micro F1 over (1 s segment, label) pairs of the split."""
    from sklearn.metrics import f1_score

    pairs = _pairs("segment_f1", targets, predictions)
    names = sorted({label(i.label) for pair in pairs for part in pair for i in part})
    truth, guess = [], []
    for wanted, said in pairs:
        segments = _count(wanted, said, _SEGMENT_S)
        truth.append(_grid(wanted, segments, names))
        guess.append(_grid(said, segments, names))
    score = f1_score(
        np.concatenate(truth).ravel(), np.concatenate(guess).ravel(), zero_division=1.0
    )
    return {"segment_f1": score}


def _pairs(
    name: str, targets: Sequence[str], predictions: Sequence[str]
) -> list[tuple[tuple[Interval, ...], tuple[Interval, ...]]]:
    wanted = [intervals(t) for t in targets]
    if None in wanted:
        raise MetricInputError(
            f"{name}: target {targets[wanted.index(None)]!r} is not a list of intervals "
            "such as '0.10-1.20 speech; 1.50-2.00 speech'"
        )
    return [(w or (), intervals(p) or ()) for w, p in zip(wanted, predictions, strict=True)]


def _uem(end: float) -> object:
    from pyannote.core import Segment, Timeline

    return Timeline([Segment(0.0, end)])


def _count(wanted: Sequence[Interval], said: Sequence[Interval], step: float) -> int:
    end = max((i.end for i in (*wanted, *said)), default=0.0)
    return max(1, int(np.ceil(end / step - 1e-9)))


def _active(parsed: Sequence[Interval], frames: int) -> NDArray[np.bool_]:
    active = np.zeros(frames, np.bool_)
    for part in parsed:
        if label(part.label) in ("", "speech"):
            active[round(part.start / _FRAME_S) : round(part.end / _FRAME_S)] = True
    return active


def _grid(parsed: Sequence[Interval], segments: int, names: Sequence[str]) -> NDArray[np.bool_]:
    grid = np.zeros((segments, len(names)), np.bool_)
    for part in parsed:
        first, last = int(part.start // _SEGMENT_S), int(np.ceil(part.end / _SEGMENT_S))
        grid[first:last, names.index(label(part.label))] = True
    return grid
