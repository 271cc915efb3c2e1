"""One fact sheet for each metric: what it measures, its unit, range and direction."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

from audioflan_tasks.errors import MetricInputError, UnknownNameError

__all__ = ["METRICS", "MetricFn", "MetricInfo", "metric"]

MetricFn = Callable[[Sequence[Any], Sequence[Any]], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What a metric says about itself.

    `home` is `module:function` in this folder. `worst` is the value of answers that
    cannot be parsed, in the same unit.
    """

    name: str
    home: str
    unit: str
    better: Literal["higher", "lower"]
    best: float
    worst: float
    answers: Literal["text", "audio"]
    library: str
    reference: str

    def function(self) -> MetricFn:
        """The seqio metric function (targets, predictions) -> {name: value}.

        Raises (when called):
          MetricInputError: the lengths differ or there is nothing to score.
        """
        module, name = self.home.split(":")
        found: MetricFn = getattr(
            importlib.import_module(f"audioflan_tasks.metrics.{module}"), name
        )

        @wraps(found)
        def checked(targets: Sequence[Any], predictions: Sequence[Any]) -> Mapping[str, float]:
            _check(self.name, targets, predictions)
            return {key: float(value) for key, value in found(targets, predictions).items()}

        return checked


_ROWS = (
    MetricInfo("wer", "text:wer", "fraction", "lower", 0.0, math.inf, "text", "jiwer",
               "Word error rate over the split: errors and reference words are summed first"),
    MetricInfo("per", "text:per", "fraction", "lower", 0.0, math.inf, "text", "jiwer",
               "Phone error rate: edit distance over space-separated phones"),
    MetricInfo("item_error_rate", "text:item_error_rate", "fraction", "lower", 0.0, math.inf,
               "text", "jiwer", "Edit distance over the items of an ordered list"),
    MetricInfo("bleu", "text:bleu", "points", "higher", 100.0, 0.0, "text", "sacrebleu",
               "Papineni et al. 2002 as standardised by Post 2018, corpus level"),
    MetricInfo("chrf", "text:chrf", "points", "higher", 100.0, 0.0, "text", "sacrebleu",
               "Popovic 2015, chrF2"),
    MetricInfo("rouge_l", "text:rouge_l", "fraction", "higher", 1.0, 0.0, "text", "rouge-score",
               "Lin 2004, mean F-measure with stemming"),
    MetricInfo("accuracy", "labels:accuracy", "fraction", "higher", 1.0, 0.0, "text",
               "scikit-learn", "Share of answers that are the label"),
    MetricInfo("macro_f1", "labels:macro_f1", "fraction", "higher", 1.0, 0.0, "text",
               "scikit-learn", "Mean F1 over the labels that occur in the references"),
    MetricInfo("set_f1", "labels:set_f1", "fraction", "higher", 1.0, 0.0, "text",
               "scikit-learn", "F1 of the label set of each example, averaged over examples"),
    MetricInfo("note_accuracy", "labels:note_accuracy", "fraction", "higher", 1.0, 0.0, "text",
               "scikit-learn", "Share of notes with the right MIDI number; Db4 equals C#4"),
    MetricInfo("mae", "numbers:mae", "as the label", "lower", 0.0, math.inf, "text",
               "scikit-learn", "Mean absolute error of parsed numbers, with the parsed share"),
    MetricInfo("der", "intervals:der", "fraction", "lower", 0.0, math.inf, "text",
               "pyannote.metrics", "Diarization error rate, collar 0.25 s, overlap scored"),
    MetricInfo("frame_f1", "intervals:frame_f1", "fraction", "higher", 1.0, 0.0, "text",
               "scikit-learn", "F1 of 10 ms frames of the first label or of activity"),
    MetricInfo("segment_f1", "intervals:segment_f1", "fraction", "higher", 1.0, 0.0, "text",
               "scikit-learn", "Mesaros et al. 2016, segment-based micro F1 in 1 s segments"),
    MetricInfo("chord_majmin", "music:chord_majmin", "fraction", "higher", 1.0, 0.0, "text",
               "mir_eval", "MIREX weighted chord symbol recall, majmin vocabulary"),
    MetricInfo("key_score", "music:key_score", "fraction", "higher", 1.0, 0.0, "text",
               "mir_eval", "MIREX weighted key score: fifth 0.5, relative 0.3, parallel 0.2"),
    MetricInfo("beat_f1", "music:beat_f1", "fraction", "higher", 1.0, 0.0, "text",
               "mir_eval", "Davies et al. 2009, F-measure within 70 ms, no trimmed start"),
    MetricInfo("melody_accuracy", "music:melody_accuracy", "fraction", "higher", 1.0, 0.0, "text",
               "mir_eval", "Salamon et al. 2014, overall accuracy within 50 cents"),
    MetricInfo("si_sdr", "signal:si_sdr", "dB", "higher", math.inf, -math.inf, "audio",
               "fast_bss_eval", "Le Roux et al. 2019, scale-invariant SDR, limited to +-60 dB"),
    MetricInfo("stoi", "signal:stoi", "fraction", "higher", 1.0, 0.0, "audio", "pystoi",
               "Taal et al. 2011, short-time objective intelligibility at 10 kHz"),
    MetricInfo("mcd", "signal:mcd", "dB", "lower", 0.0, math.inf, "audio",
               "mel-cepstral-distance", "Kubichek 1993, mel-cepstral distance after DTW"),
)  # fmt: skip

METRICS: Mapping[str, MetricInfo] = {row.name: row for row in _ROWS}


def metric(name: str) -> MetricInfo:
    """The metric of that name.

    Raises:
      UnknownNameError: with the nearest names.
    """
    if name not in METRICS:
        raise UnknownNameError("metric", name, METRICS)
    return METRICS[name]


def _check(name: str, targets: Sequence[Any], predictions: Sequence[Any]) -> None:
    if len(targets) != len(predictions):
        raise MetricInputError(
            f"{name}: {len(targets)} targets but {len(predictions)} predictions; "
            "a missing answer is an empty string, not a shorter list"
        )
    if not targets:
        raise MetricInputError(f"{name}: nothing to score; is the split empty?")
