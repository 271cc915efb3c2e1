"""Fact sheets of the metrics on intervals in time and of music information retrieval."""

from __future__ import annotations

import math

from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["TIME_METRICS"]

# mir_eval compares differences of floats, and misses some pairs at the very tolerance.
_AT = "a pair exactly at the tolerance matches, unlike some in mir_eval"
_LEFT_OUT = "what it cannot compare (X, and other qualities) is left out and counted"
_NONE = "an answer without a value has no intervals; where that is right, it is a false alarm"

TIME_METRICS = (
    MetricInfo(
        name="der",
        home="intervals:der",
        sums="intervals:der_sums",
        unit="fraction",
        better="lower",
        best=0.0,
        worst=math.inf,
        high=math.inf,
        reads="intervals",
        library="pyannote.metrics",
        extra="metrics",
        module="pyannote.metrics",
        reference=(
            "Diarization error rate, collar 0.25 s, overlap scored; overlapping turns of one "
            "speaker are one, as in md-eval"
        ),
        on_empty=_NONE,
    ),
    MetricInfo(
        name="jer",
        home="intervals:jer",
        sums="intervals:jer_sums",
        unit="fraction",
        better="lower",
        best=0.0,
        worst=1.0,
        reads="intervals",
        library="pyannote.metrics",
        extra="metrics",
        module="pyannote.metrics",
        reference=(
            "Ryant et al. 2019, Jaccard error rate, no collar; one speaker's overlapping turns are "
            "one"
        ),
        on_empty=_NONE,
    ),
    MetricInfo(
        name="detection_error",
        home="intervals:detection_error",
        sums="intervals:detection_sums",
        unit="fraction",
        better="lower",
        best=0.0,
        worst=math.inf,
        high=math.inf,
        reads="intervals",
        library="pyannote.metrics",
        extra="metrics",
        module="pyannote.metrics",
        reference="Missed and false time by active time",
        on_empty=_NONE,
    ),
    MetricInfo(
        name="frame_f1",
        home="intervals:frame_f1",
        sums="intervals:frame_sums",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="intervals",
        library="scikit-learn",
        reference="F1 of active 10 ms frames",
        on_empty=_NONE,
    ),
    MetricInfo(
        name="boundary_f1",
        home="intervals:boundary_f1",
        sums="intervals:boundary_sums",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="intervals",
        library="mir_eval",
        reference=f"F1 of starts and ends within 250 ms; {_AT}",
        on_empty=_NONE,
    ),
    MetricInfo(
        name="segment_f1",
        home="intervals:segment_f1",
        sums="intervals:segment_sums",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="intervals",
        library="scikit-learn",
        reference=(
            "Mesaros et al. 2016, segment-based micro F1 in 1 s segments; names compare as labels"
        ),
        on_empty=_NONE,
    ),
    MetricInfo(
        name="event_f1",
        home="intervals:event_f1",
        sums="intervals:event_sums",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="intervals",
        library="mir_eval",
        reference=(
            "Mesaros et al. 2016, event-based micro F1: onset collar 200 ms, offset 200 ms "
            "or half the length, ends included; names compare as labels"
        ),
        on_empty=_NONE,
    ),
    MetricInfo(
        name="key_score",
        home="music:key_score",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="key",
        library="mir_eval",
        reference=(
            "MIREX weighted key score: fifth 0.5, relative 0.3, parallel 0.2; other modes and X as "
            "mir_eval has them, but two different modes are not one"
        ),
        chance="about 0.13",
    ),
    MetricInfo(
        name="tempo_accuracy",
        home="music:tempo_accuracy",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="number",
        library="audioflan_tasks",
        reference=(
            "Gouyon et al. 2006, Accuracy 1 within 4 %; tempo_accuracy2 with metrical factors"
        ),
    ),
    MetricInfo(
        name="beat_f1",
        home="music:beat_f1",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="times",
        library="mir_eval",
        reference=f"Davies et al. 2009, F-measure within 70 ms, no trimmed start; {_AT}",
    ),
    MetricInfo(
        name="beat_cmlt",
        home="music:beat_cmlt",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="times",
        library="mir_eval",
        reference=f"Davies et al. 2009, correct metrical level, total, within 17.5 %; {_AT}",
    ),
    MetricInfo(
        name="beat_amlt",
        home="music:beat_amlt",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="times",
        library="mir_eval",
        reference=f"Davies et al. 2009, any metrical level, total, within 17.5 %; {_AT}",
    ),
    MetricInfo(
        name="chord_majmin",
        home="music:chord_majmin",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="chords",
        library="mir_eval",
        reference=f"MIREX weighted chord symbol recall, majmin vocabulary; {_LEFT_OUT}",
    ),
    MetricInfo(
        name="chord_root",
        home="music:chord_root",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="chords",
        library="mir_eval",
        reference=f"MIREX weighted recall of chord roots; {_LEFT_OUT}",
    ),
    MetricInfo(
        name="chord_sevenths",
        home="music:chord_sevenths",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="chords",
        library="mir_eval",
        reference=f"MIREX weighted chord symbol recall, sevenths vocabulary; {_LEFT_OUT}",
    ),
    MetricInfo(
        name="melody_accuracy",
        home="music:melody_accuracy",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="contour",
        library="mir_eval",
        reference="Salamon et al. 2014, overall accuracy within 50 cents",
    ),
    MetricInfo(
        name="melody_pitch_accuracy",
        home="music:melody_pitch_accuracy",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="contour",
        library="mir_eval",
        reference="Salamon et al. 2014, raw pitch accuracy within 50 cents",
    ),
    MetricInfo(
        name="melody_chroma_accuracy",
        home="music:melody_chroma_accuracy",
        unit="fraction",
        better="higher",
        best=1.0,
        worst=0.0,
        reads="contour",
        library="mir_eval",
        reference="Salamon et al. 2014, raw chroma accuracy within 50 cents",
    ),
)
