"""Fact sheets of the metrics that a model computes."""

from __future__ import annotations

import math

from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["JUDGE_METRICS"]

JUDGE_METRICS = (
    MetricInfo(
        "dnsmos", "judges:dnsmos", "MOS", "higher", 5.0, 1.0, "audio", "speechmos",
        "Reddy et al. 2022, DNSMOS P.835 without reference; weights in the package", "audio",
        low=1.0, high=5.0, extra="judges", needs=("judge",),
        on_empty="a missing or silent answer is 1",
    ),
    MetricInfo(
        "asr_wer", "judges:asr_wer", "fraction", "lower", 0.0, math.inf, "audio", "pocketsphinx",
        "Word error rate of a recogniser: PocketSphinx (English, weak), or Whisper from a folder",
        "audio", high=math.inf, extra="judges", needs=("judge",),
        on_empty="a missing answer has no words",
    ),
    MetricInfo(
        "speaker_similarity", "judges:speaker_similarity", "cosine", "higher", 1.0, 0.0,
        "audio", "transformers", "Cosine of speaker vectors: WavLM x-vectors from a folder",
        "audio", low=-1.0, needs=("judge",), on_empty="a missing or silent answer is 0",
    ),
    MetricInfo(
        "fad", "judges:fad", "1", "lower", 0.0, math.inf, "audio", "transformers",
        "Kilgour et al. 2019 on CLAP vectors from a folder", "audio", high=math.inf,
        needs=("judge",), on_empty="missing answers are left out, fewer than two are an error",
    ),
    MetricInfo(
        "clap_score", "judges:clap_score", "cosine", "higher", 1.0, 0.0, "audio",
        "transformers", "Wu et al. 2023, cosine of audio and description: CLAP from a folder",
        "audio", low=-1.0, needs=("judge",), on_empty="a missing or silent answer is 0",
    ),
)  # fmt: skip
