"""Metrics on intervals in time: diarization, activity and sound events.

References: pyannote.metrics 4 (diarization and detection error rate), Ryant et al. 2019
(Jaccard error rate), Mesaros, Heittola & Virtanen 2016 (segment- and event-based measures),
mir_eval 0.8 (matching of events), scikit-learn 1.x (F1). An answer without a value has no
intervals. Names of events and speakers compare as labels do, intervals that say the same count
once, and times exactly at a tolerance match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.sums import Sums, ratio
from audioflan_tasks.metrics.values import ROUNDING_S, Interval
from audioflan_tasks.vocabularies import label_key

__all__ = [
    "boundary_f1", "boundary_sums", "der", "der_sums", "detection_error", "detection_sums",
    "event_f1", "event_sums", "frame_f1", "frame_sums", "jer", "jer_sums", "segment_f1",
    "segment_sums",
]  # fmt: skip

_FRAME_S = 0.01
_SEGMENT_S = 1.0
_COLLAR_S = 0.2
_BOUNDARY_S = 0.25
# Labels under which nobody speaks; everything else in an activity answer counts as speech.
_QUIET = frozenset(
    map(label_key, ("nonspeech", "no speech", "silence", "noise", "music", "background", "pause",
              "background noise", "inactive", "静音", "非语音", "噪声"))
)  # fmt: skip
_key = lru_cache(maxsize=4096)(label_key)
_Pairs = list[tuple[tuple[Interval, ...], tuple[Interval, ...]]]


def der(batch: Batch) -> Mapping[str, float]:
    """Diarization error rate over the split, collar 0.25 s around each boundary, overlap scored."""
    return {"der": der_sums(batch).whole}


def der_sums(batch: Batch) -> Sums:
    """Seconds of error and of speech in each example."""
    from pyannote.metrics.diarization import DiarizationErrorRate

    return _error_sums(
        DiarizationErrorRate(collar=2 * _BOUNDARY_S, skip_overlap=False), _turns(batch)
    )


def jer(batch: Batch) -> Mapping[str, float]:
    """Jaccard error rate over the speakers of the split, no collar (0 to 1)."""
    return {"jer": jer_sums(batch).whole}


def jer_sums(batch: Batch) -> Sums:
    """Errors of speakers, and speakers, in each example."""
    from pyannote.metrics.diarization import JaccardErrorRate

    rate = JaccardErrorRate(collar=0.0, skip_overlap=False)  # type: ignore[no-untyped-call]
    turns = _turns(batch)
    counts = [
        rate.compute_components(_annotation(r), _annotation(a), uem=_uem(r, a)) for r, a in turns
    ]
    # Where nobody speaks at all, any speaker of an answer is wrong.
    return ratio(
        [(c["speaker error"], c["speaker count"]) for c in counts],
        when_none=float(any(map(any, turns))),
    )


def detection_error(batch: Batch) -> Mapping[str, float]:
    """Detection error rate of activity over the split: missed and false time by active time."""
    return {"detection_error": detection_sums(batch).whole}


def detection_sums(batch: Batch) -> Sums:
    """Seconds missed or false, and active seconds, of each example."""
    from pyannote.metrics.detection import DetectionErrorRate

    pairs = [
        (_as_speech(reference), _as_speech(answer), _uem(reference, answer))
        for reference, answer in _pairs(batch)
    ]
    rate = DetectionErrorRate(collar=0.0, skip_overlap=False)
    return ratio([_errors_and_total(rate, *pair) for pair in pairs])


def _as_speech(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    return tuple(replace(i, label="speech") for i in intervals if _speaks(i))


def _error_sums(rate: Any, pairs: _Pairs) -> Sums:
    return ratio([_errors_and_total(rate, r, a, _uem(r, a)) for r, a in pairs])


def _errors_and_total(
    rate: Any, reference: Sequence[Interval], answer: Sequence[Interval], uem: object
) -> tuple[float, float]:
    """Seconds of all kinds of errors of a pair, and the seconds that they are a share of."""
    seconds = rate.compute_components(_annotation(reference), _annotation(answer), uem=uem)
    kinds = ("confusion", "missed detection", "false alarm", "miss")
    return sum(seconds.get(kind, 0.0) for kind in kinds), seconds["total"]


def frame_f1(batch: Batch) -> Mapping[str, float]:
    """F1 of active 10 ms frames over the split.

    Active is inside an interval, unless its label says that nobody speaks.
    """
    return {"frame_f1": frame_sums(batch).whole}


def frame_sums(batch: Batch) -> Sums:
    """Twice the frames that both have active, and the active frames of both, in each example."""
    parts = []
    for reference, answer in _pairs(batch):
        frames = _count(reference, answer, _FRAME_S)
        parts.append(_hits_and_total(_active(reference, frames), _active(answer, frames)))
    return ratio(parts, when_none=1.0)


def _hits_and_total(truth: NDArray[np.bool_], guess: NDArray[np.bool_]) -> tuple[int, int]:
    return 2 * int((truth & guess).sum()), int(truth.sum()) + int(guess.sum())


def boundary_f1(batch: Batch) -> Mapping[str, float]:
    """F1 of the starts and ends of active intervals within 250 ms, over the split."""
    return {"boundary_f1": boundary_sums(batch).whole}


def boundary_sums(batch: Batch) -> Sums:
    """Twice the edges that match, and the edges of both, in each example."""
    from mir_eval.util import match_events

    parts = []
    for reference, answer in _pairs(batch):
        hits = total = 0
        for edge in ("start", "end"):
            answer_edges, reference_edges = _edges(answer, edge), _edges(reference, edge)
            hits += len(match_events(reference_edges, answer_edges, _BOUNDARY_S + ROUNDING_S))
            total += len(answer_edges) + len(reference_edges)
        parts.append((2 * hits, total))
    return ratio(parts, when_none=1.0)


def segment_f1(batch: Batch) -> Mapping[str, float]:
    """Micro F1 over (1 s segment, label) pairs of the split."""
    return {"segment_f1": segment_sums(batch).whole}


def segment_sums(batch: Batch) -> Sums:
    """Twice the segments with a label in both, and those of both, in each example."""
    parts = []
    for reference, answer in _pairs(batch):
        segments = _count(reference, answer, _SEGMENT_S)
        names = sorted({i.label for part in (reference, answer) for i in part})
        grids = (_grid(part, segments, names) for part in (reference, answer))
        parts.append(_hits_and_total(*grids))
    return ratio(parts, when_none=1.0)


def event_f1(batch: Batch) -> Mapping[str, float]:
    """Micro F1 of events over the split: right label, onset within 200 ms, offset within
    200 ms or half the reference's length, whichever is more.
    """
    return {"event_f1": event_sums(batch).whole}


def event_sums(batch: Batch) -> Sums:
    """Twice the events that match, and the events of both, in each example."""
    parts = []
    for reference, answer in _pairs(batch):
        hits = 0
        for name in {i.label for i in reference}:
            answer_events, reference_events = (
                [i for i in part if i.label == name] for part in (answer, reference)
            )
            hits += _match_count(reference_events, answer_events)
        parts.append((2 * hits, len(answer) + len(reference)))
    return ratio(parts, when_none=1.0)


def _match_count(reference: Sequence[Interval], answer: Sequence[Interval]) -> int:
    """How many events of one label match, each used once (a maximum matching)."""
    from mir_eval.util import _bipartite_match

    graph: dict[int, list[int]] = {}
    for n, answer_event in enumerate(answer):
        for m, reference_event in enumerate(reference):
            offset = max(_COLLAR_S, 0.5 * (reference_event.end - reference_event.start))
            onset_matches = (
                abs(answer_event.start - reference_event.start) <= _COLLAR_S + ROUNDING_S
            )
            if onset_matches and abs(answer_event.end - reference_event.end) <= offset + ROUNDING_S:
                graph.setdefault(n, []).append(m)
    return len(_bipartite_match(graph))


def _pairs(batch: Batch) -> _Pairs:
    """References and answers; intervals that say the same count once, whatever their spelling."""
    pairs = []
    names: dict[str, str] = {}
    for reference, answer in zip(batch.references, batch.answers, strict=True):
        # Where there is nothing to find, an answer that cannot be read must not be right.
        wrong_answer = () if reference else (Interval(0.0, _SEGMENT_S, ""),)
        answer_parts = wrong_answer if answer is None else _distinct(answer, names)
        pairs.append((_distinct(reference, names), answer_parts))
    return pairs


def _distinct(intervals: Sequence[Interval], names: dict[str, str]) -> tuple[Interval, ...]:
    """Each interval once, its label in the first spelling of the batch (`names`, by key)."""
    labels = [names.setdefault(_key(i.label), i.label) for i in intervals]
    parts = [
        part if part.label == label else replace(part, label=label)
        for part, label in zip(intervals, labels, strict=True)
    ]
    return tuple(dict.fromkeys(parts) if len(parts) > 1 else parts)


def _turns(batch: Batch) -> _Pairs:
    """As `_pairs`, with overlapping turns of one speaker as one turn."""
    return [(_joined(reference), _joined(answer)) for reference, answer in _pairs(batch)]


def _joined(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    turns: list[Interval] = []
    last: dict[str, int] = {}
    for part in sorted(intervals):
        place = last.get(part.label, -1)
        if place >= 0 and part.start < turns[place].end:
            turns[place] = replace(turns[place], end=max(part.end, turns[place].end))
        else:
            last[part.label] = len(turns)
            turns.append(part)
    return tuple(turns)


def _annotation(intervals: Sequence[Interval]) -> object:
    from pyannote.core import Annotation, Segment

    result = Annotation()
    for track, part in enumerate(intervals):
        if part.end > part.start:
            result[Segment(part.start, part.end), track] = part.label
    return result


def _uem(reference: Sequence[Interval], answer: Sequence[Interval]) -> object:
    from pyannote.core import Segment, Timeline

    return Timeline([Segment(0.0, max((i.end for i in (*reference, *answer)), default=0.0))])


def _count(reference: Sequence[Interval], answer: Sequence[Interval], step: float) -> int:
    """Steps up to the end; an answer may run past the reference, but not a thousand times."""
    end = max((i.end for i in reference), default=0.0)
    last = max((i.end for i in answer), default=0.0)
    return max(1, int(np.ceil(min(max(end, last), 1000 * max(end, 1.0)) / step - 1e-9)))


def _speaks(part: Interval) -> bool:
    return _key(part.label) not in _QUIET


def _edges(intervals: Sequence[Interval], edge: str) -> NDArray[np.float64]:
    return np.array(sorted(getattr(i, edge) for i in intervals if _speaks(i)), np.float64)


def _active(intervals: Sequence[Interval], frames: int) -> NDArray[np.bool_]:
    active = np.zeros(frames, np.bool_)
    for part in intervals:
        if _speaks(part):
            active[round(part.start / _FRAME_S) : round(part.end / _FRAME_S)] = True
    return active


def _grid(intervals: Sequence[Interval], segments: int, names: Sequence[str]) -> NDArray[np.bool_]:
    grid = np.zeros((segments, len(names)), np.bool_)
    for part in intervals:
        # A microsecond over a border is rounding, not a sound.
        first = int((part.start + ROUNDING_S) // _SEGMENT_S)
        last = int(np.ceil(part.end / _SEGMENT_S - ROUNDING_S))
        grid[first:last, names.index(part.label)] = True
    return grid
