"""Fact sheets of the metrics that a model computes."""

from __future__ import annotations

import math

from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["JUDGE_METRICS"]

JUDGE_METRICS = (
    MetricInfo(
        name="dnsmos",
        home="judges:dnsmos",
        unit="MOS",
        better="higher",
        best=5.0,
        worst=1.0,
        low=1.0,
        high=5.0,
        reads="audio",
        library="speechmos",
        reference="Reddy et al. 2022, DNSMOS P.835 without reference; weights in the package",
        extra="judges",
        needs=("judge",),
        on_empty="a missing or silent answer is 1",
    ),
    MetricInfo(
        name="asr_wer",
        home="judges:asr_wer",
        unit="fraction",
        better="lower",
        best=0.0,
        worst=math.inf,
        high=math.inf,
        reads="audio",
        library="pocketsphinx",
        reference=(
            "Word error rate of a recogniser: PocketSphinx (English, weak), or Whisper from "
            "a folder"
        ),
        extra="judges",
        needs=("judge",),
        on_empty="a missing answer has no words",
    ),
    MetricInfo(
        name="speaker_similarity",
        home="judges:speaker_similarity",
        unit="cosine",
        better="higher",
        best=1.0,
        worst=0.0,
        low=-1.0,
        reads="audio",
        library="transformers",
        reference="Cosine of speaker vectors: WavLM x-vectors from a folder",
        needs=("judge",),
        on_empty="a missing or silent answer is 0",
    ),
    MetricInfo(
        name="fad",
        home="judges:fad",
        unit="1",
        better="lower",
        best=0.0,
        worst=math.inf,
        high=math.inf,
        reads="audio",
        library="transformers",
        reference="Kilgour et al. 2019 on CLAP vectors from a folder",
        needs=("judge",),
        on_empty="missing answers are left out, fewer than two are an error",
    ),
    MetricInfo(
        name="clap_score",
        home="judges:clap_score",
        unit="cosine",
        better="higher",
        best=1.0,
        worst=0.0,
        low=-1.0,
        reads="audio",
        library="transformers",
        reference="Wu et al. 2023, cosine of audio and description: CLAP from a folder",
        needs=("judge",),
        on_empty="a missing or silent answer is 0",
    ),
)
