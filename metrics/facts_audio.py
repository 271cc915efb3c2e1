"""Fact sheets of the metrics on audio against a reference."""

from __future__ import annotations

import math

from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["AUDIO_METRICS"]

_SILENCE = "a missing answer scores as silence does"

AUDIO_METRICS = (
    MetricInfo(
        "si_sdr", "signal:si_sdr", "dB", "higher", 60.0, -60.0, "audio", "fast-bss-eval",
        "Le Roux et al. 2019, scale-invariant SDR, limited to +-60 dB", "audio", low=-60.0,
        high=60.0, on_empty="a missing or silent answer is -60 dB",
    ),
    MetricInfo(
        "si_sdr_improvement", "signal:si_sdr_improvement", "dB", "higher", 120.0, -120.0,
        "audio", "fast-bss-eval", "SI-SDR of the answer less that of the input", "audio",
        low=-120.0, high=120.0, chance="0 for a copy of the input", needs=("source",),
        on_empty="a missing or silent answer has an SI-SDR of -60 dB",
    ),
    MetricInfo(
        "sdr", "signal:sdr", "dB", "higher", 60.0, -60.0, "audio", "fast-bss-eval",
        "Vincent et al. 2006, SDR with a distortion filter of 512 taps", "audio", low=-60.0,
        high=60.0, on_empty="a missing or silent answer is -60 dB",
    ),
    MetricInfo(
        "si_sdr_gap", "signal:si_sdr_gap", "dB", "higher", 60.0, -60.0, "audio",
        "fast-bss-eval", "SI-SDR inside the gap, where input and reference differ", "audio",
        low=-60.0, high=60.0, needs=("source",), on_empty="a missing or silent answer is -60 dB",
    ),
    MetricInfo(
        "stoi", "signal:stoi", "fraction", "higher", 1.0, 0.0, "audio", "pystoi",
        "Taal et al. 2011, short-time objective intelligibility at 10 kHz", "audio",
        on_empty="a missing or silent answer is 0",
    ),
    MetricInfo(
        "pesq", "signal:pesq", "MOS", "higher", 4.64, 1.0, "audio", "pesq",
        "ITU-T P.862.2, wide band at 16 kHz", "audio", low=1.0, high=4.65, extra="metrics",
        module="pesq", on_empty="a missing or silent answer is 1",
    ),
    MetricInfo(
        "lsd", "spectral:lsd", "dB", "lower", 0.0, math.inf, "audio", "numpy",
        "Gray & Markel 1976, log-spectral distance, frames of 32 ms", "audio", high=math.inf,
        on_empty=_SILENCE,
    ),
    MetricInfo(
        "lsd_high", "spectral:lsd_high", "dB", "lower", 0.0, math.inf, "audio", "numpy",
        "LSD in the band that the input lacks", "audio", high=math.inf, needs=("source",),
        on_empty=_SILENCE,
    ),
    MetricInfo(
        "lsd_gap", "spectral:lsd_gap", "dB", "lower", 0.0, math.inf, "audio", "numpy",
        "LSD inside the gap, where input and reference differ", "audio", high=math.inf,
        needs=("source",), on_empty=_SILENCE,
    ),
    MetricInfo(
        "mr_stft", "spectral:mr_stft", "1", "lower", 0.0, math.inf, "audio", "numpy",
        "Yamamoto et al. 2020, spectral convergence and log magnitude at 512, 1024, 2048",
        "audio", high=math.inf, on_empty=_SILENCE,
    ),
    MetricInfo(
        "chroma_similarity", "spectral:chroma_similarity", "fraction", "higher", 1.0, 0.0,
        "audio", "numpy", "Mean cosine of chroma frames, as in Copet et al. 2023", "audio",
        on_empty="a missing or silent answer is 0",
    ),
    MetricInfo(
        "mcd", "cepstral:mcd", "dB", "lower", 0.0, math.inf, "audio", "mel-cepstral-distance",
        "Kubichek 1993, mel-cepstral distance after DTW", "audio", high=math.inf,
        on_empty=_SILENCE,
    ),
    MetricInfo(
        "duration_error", "spectral:duration_error", "octaves", "lower", 0.0, 5.0, "audio",
        "numpy", "|log2| of the ratio of lengths: 1 is half or twice as long", "audio",
        high=5.0, on_empty="a missing answer is 5",
    ),
    MetricInfo(
        "log_f0_rmse", "spectral:log_f0_rmse", "cents", "lower", 0.0, 1200.0, "audio",
        "pyworld-prebuilt", "RMSE of F0 by WORLD (DIO and StoneMask) over frames that both voice",
        "audio", high=1200.0, extra="metrics", module="pyworld",
        on_empty="a missing answer is 1200",
    ),
)  # fmt: skip
