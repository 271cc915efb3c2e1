"""Fact sheets of the metrics on intervals in time and of music information retrieval."""

from __future__ import annotations

import math

from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["TIME_METRICS"]

_NONE = "an answer without a value has no intervals; where that is right, it is a false alarm"

TIME_METRICS = (
    MetricInfo(
        "der", "intervals:der", "fraction", "lower", 0.0, math.inf, "text", "pyannote.metrics",
        "Diarization error rate, collar 0.25 s, overlap scored", "intervals", high=math.inf,
        on_empty=_NONE,
    ),
    MetricInfo(
        "jer", "intervals:jer", "fraction", "lower", 0.0, 1.0, "text", "pyannote.metrics",
        "Ryant et al. 2019, Jaccard error rate, no collar", "intervals", on_empty=_NONE,
    ),
    MetricInfo(
        "detection_error", "intervals:detection_error", "fraction", "lower", 0.0, math.inf,
        "text", "pyannote.metrics", "Missed and false time by active time", "intervals",
        high=math.inf, on_empty=_NONE,
    ),
    MetricInfo(
        "frame_f1", "intervals:frame_f1", "fraction", "higher", 1.0, 0.0, "text",
        "scikit-learn", "F1 of active 10 ms frames", "intervals", on_empty=_NONE,
    ),
    MetricInfo(
        "boundary_f1", "intervals:boundary_f1", "fraction", "higher", 1.0, 0.0, "text",
        "mir_eval", "F1 of starts and ends within 250 ms", "intervals", on_empty=_NONE,
    ),
    MetricInfo(
        "segment_f1", "intervals:segment_f1", "fraction", "higher", 1.0, 0.0, "text",
        "scikit-learn", "Mesaros et al. 2016, segment-based micro F1 in 1 s segments",
        "intervals", on_empty=_NONE,
    ),
    MetricInfo(
        "event_f1", "intervals:event_f1", "fraction", "higher", 1.0, 0.0, "text", "mir_eval",
        "Mesaros et al. 2016, event-based micro F1: onset collar 200 ms, offset 200 ms or half "
        "the length", "intervals", on_empty=_NONE,
    ),
    MetricInfo(
        "key_score", "music:key_score", "fraction", "higher", 1.0, 0.0, "text", "mir_eval",
        "MIREX weighted key score: fifth 0.5, relative 0.3, parallel 0.2", "key",
        chance="about 0.13",
    ),
    MetricInfo(
        "tempo_accuracy", "music:tempo_accuracy", "fraction", "higher", 1.0, 0.0, "text",
        "audioflan_tasks", "Gouyon et al. 2006, Accuracy 1 within 4 %; tempo_accuracy2 with "
        "metrical factors", "number",
    ),
    MetricInfo(
        "beat_f1", "music:beat_f1", "fraction", "higher", 1.0, 0.0, "text", "mir_eval",
        "Davies et al. 2009, F-measure within 70 ms, no trimmed start", "times",
    ),
    MetricInfo(
        "beat_cmlt", "music:beat_cmlt", "fraction", "higher", 1.0, 0.0, "text", "mir_eval",
        "Davies et al. 2009, correct metrical level, total", "times",
    ),
    MetricInfo(
        "beat_amlt", "music:beat_amlt", "fraction", "higher", 1.0, 0.0, "text", "mir_eval",
        "Davies et al. 2009, any metrical level, total", "times",
    ),
    MetricInfo(
        "chord_majmin", "music:chord_majmin", "fraction", "higher", 1.0, 0.0, "text",
        "mir_eval", "MIREX weighted chord symbol recall, majmin vocabulary", "chords",
    ),
    MetricInfo(
        "chord_root", "music:chord_root", "fraction", "higher", 1.0, 0.0, "text", "mir_eval",
        "MIREX weighted recall of chord roots", "chords",
    ),
    MetricInfo(
        "chord_sevenths", "music:chord_sevenths", "fraction", "higher", 1.0, 0.0, "text",
        "mir_eval", "MIREX weighted chord symbol recall, sevenths vocabulary", "chords",
    ),
    MetricInfo(
        "melody_accuracy", "music:melody_accuracy", "fraction", "higher", 1.0, 0.0, "text",
        "mir_eval", "Salamon et al. 2014, overall accuracy within 50 cents", "contour",
    ),
    MetricInfo(
        "melody_pitch_accuracy", "music:melody_pitch_accuracy", "fraction", "higher", 1.0, 0.0,
        "text", "mir_eval", "Salamon et al. 2014, raw pitch accuracy within 50 cents", "contour",
    ),
    MetricInfo(
        "melody_chroma_accuracy", "music:melody_chroma_accuracy", "fraction", "higher", 1.0, 0.0,
        "text", "mir_eval", "Salamon et al. 2014, raw chroma accuracy within 50 cents", "contour",
    ),
)  # fmt: skip
