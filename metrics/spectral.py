"""Metrics on spectra against a reference.

References: Gray & Markel 1976 (log-spectral distance), Yamamoto, Song & Kim 2020
(multi-resolution STFT), Müller 2015 (chroma), Morise et al. 2016 (F0 by WORLD, pyworld).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.pool import map_pairs
from audioflan_tasks.metrics.signal import mean_over, require_source
from audioflan_tasks.metrics.values import AudioAnswer
from audioflan_tasks.metrics.waveforms import Pair, resample

__all__ = [
    "chroma_similarity",
    "duration_error",
    "log_f0_rmse",
    "lsd",
    "lsd_gap",
    "lsd_high",
    "mr_stft",
]

_FLOOR = 1e-10
# Bins this far under the loudest of the reference are one: nobody hears what is in them, and an
# empty band is no worse than that. A bin that is louder by more is as wrong as can be.
_RANGE_DB = 60.0
_RANGE = 10 ** (_RANGE_DB / 20)
_LSD_WINDOW_S = 0.032
_STFT_SIZES = (512, 1024, 2048)
_MOST_CONVERGENCE = 10.0
_MR_STFT_WORST = 17.0
_F0_WORST_CENTS = 1200.0


def lsd(batch: Batch) -> Mapping[str, float]:
    """Mean log-spectral distance in dB: RMS over frequency, mean over frames of 32 ms."""
    return {"lsd": mean_over(batch, _lsd_of, "lsd")}


def lsd_high(batch: Batch) -> Mapping[str, float]:
    """LSD in dB of the band that the input lacks.

    Raises:
      MetricInputError: a reference does not carry its input.
    """
    require_source("lsd_high", batch)
    return {"lsd_high": mean_over(batch, _lsd_high_of, "lsd_high")}


def lsd_gap(batch: Batch) -> Mapping[str, float]:
    """LSD in dB of the frames where the input differs from the reference.

    Raises:
      MetricInputError: a reference does not carry its input.
    """
    require_source("lsd_gap", batch)
    return {"lsd_gap": mean_over(batch, _lsd_gap_of, "lsd_gap")}


def mr_stft(batch: Batch) -> Mapping[str, float]:
    """Multi-resolution STFT distance: spectral convergence plus log-magnitude distance."""
    return {"mr_stft": mean_over(batch, _mr_stft_of, "mr_stft")}


def chroma_similarity(batch: Batch) -> Mapping[str, float]:
    """Mean cosine similarity of chroma, frame by frame (0 to 1); a missing answer is 0."""
    return {"chroma_similarity": mean_over(batch, _chroma_of, "chroma_similarity")}


def duration_error(batch: Batch) -> Mapping[str, float]:
    """Mean |log2(length of answer / length of reference)|: 1 is half or twice as long.

    Limited to 5; a missing answer is 5.
    """
    total = 0.0
    for target, answer in zip(batch.references, batch.answers, strict=True):
        seconds = 0.0 if answer is None else len(answer.samples) / answer.sample_rate
        reference_seconds = len(target.samples) / target.sample_rate
        total += (
            min(5.0, abs(np.log2(seconds / reference_seconds)))
            if seconds and reference_seconds
            else 5.0
        )
    return {"duration_error": total / len(batch.references)}


def log_f0_rmse(batch: Batch) -> Mapping[str, float]:
    """Mean RMSE of F0 in cents over frames that both voice, after warping of the answer in time.

    1200 (an octave) where the answer is missing or voices nothing that the reference voices.
    """
    pairs = list(zip(batch.references, batch.answers, strict=True))
    values = map_pairs(_f0_of, pairs, batch, "log_f0_rmse")
    return {"log_f0_rmse": float(np.mean(values))}


def _spectrum(samples: NDArray[np.float64], size: int, hop: int) -> NDArray[np.float64]:
    """Magnitudes [frames, size // 2 + 1], Hann window."""
    long_enough = np.pad(samples, (0, max(0, size - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(long_enough, size)[::hop]
    return np.abs(np.fft.rfft(frames * np.hanning(size), axis=1))


def _log_difference(pair: Pair) -> NDArray[np.float64]:
    size = 2 * round(_LSD_WINDOW_S * pair.sample_rate / 2)
    spectra = (_spectrum(w, size, size // 4) for w in (pair.answer, pair.reference))
    return np.asarray(20.0 * _log_ratio(*spectra) / np.log(10.0))


def _log_ratio(answer: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Natural logarithm of the ratio of magnitudes, within 60 dB either way."""
    floor = max(float(reference.max(initial=0.0)) / _RANGE, _FLOOR)
    ratio = np.log(np.maximum(answer, floor) / np.maximum(reference, floor))
    return np.asarray(np.clip(ratio, -np.log(_RANGE), np.log(_RANGE)))


def _lsd_of(pair: Pair) -> float:
    if pair.missing:
        return _RANGE_DB
    return float(np.sqrt((_log_difference(pair) ** 2).mean(axis=1)).mean())


def _lsd_high_of(pair: Pair) -> float:
    source = pair.source if pair.source is not None else pair.reference
    size = 2 * round(_LSD_WINDOW_S * pair.sample_rate / 2)
    power = (_spectrum(source, size, size // 4) ** 2).mean(axis=0)
    reference_power = (_spectrum(pair.reference, size, size // 4) ** 2).mean(axis=0)
    # The new band begins above the last bin in which the input has a thousandth of the power.
    source_bins = np.flatnonzero(power > 1e-3 * reference_power)
    first = int(source_bins[-1]) + 1 if len(source_bins) else 0
    difference = _log_difference(pair)
    if pair.missing or first >= difference.shape[1]:
        return _lsd_of(pair)
    return float(np.sqrt((difference[:, first:] ** 2).mean(axis=1)).mean())


def _lsd_gap_of(pair: Pair) -> float:
    if pair.missing:
        return _RANGE_DB
    source = pair.source if pair.source is not None else pair.reference
    size = 2 * round(_LSD_WINDOW_S * pair.sample_rate / 2)
    is_changed = np.abs(source - pair.reference) > 1e-4
    change_flags = np.pad(is_changed, (0, max(0, size - len(is_changed))))
    in_gap = (
        np.lib.stride_tricks.sliding_window_view(change_flags, size)[:: size // 4].mean(axis=1)
        > 0.5
    )
    values = np.sqrt((_log_difference(pair) ** 2).mean(axis=1))
    return float((values[in_gap] if in_gap.any() else values).mean())


def _norm(values: NDArray[np.float64]) -> float:
    # Not numpy.linalg.norm: BLAS threads cost more than they give on a busy machine.
    return float(np.sqrt(np.square(values).sum()))


def _mr_stft_of(pair: Pair) -> float:
    if pair.missing:
        return _MR_STFT_WORST
    total = 0.0
    for size in _STFT_SIZES:
        answer_spectrum, reference_spectrum = (
            _spectrum(w, size, size // 4) for w in (pair.answer, pair.reference)
        )
        convergence = _norm(reference_spectrum - answer_spectrum) / max(
            _norm(reference_spectrum), _FLOOR
        )
        logs = np.abs(_log_ratio(answer_spectrum, reference_spectrum)).mean()
        total += min(convergence, _MOST_CONVERGENCE) + logs
    return float(total / len(_STFT_SIZES))


def _chroma(samples: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    """[frames, 12]: power between 55 Hz and 5 kHz folded to pitch classes."""
    size = 4096 if sample_rate <= 24000 else 8192
    power = _spectrum(samples, size, size // 4) ** 2
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    in_range = (hz >= 55) & (hz <= min(5000, sample_rate / 2))
    classes = np.round(12 * np.log2(hz[in_range] / 440.0)).astype(int) % 12
    return np.asarray(power[:, in_range] @ np.eye(12)[classes])


def _chroma_of(pair: Pair) -> float:
    if pair.missing:
        return 0.0
    answer_chroma, reference_chroma = (
        _chroma(w, pair.sample_rate) for w in (pair.answer, pair.reference)
    )
    norms = np.linalg.norm(answer_chroma, axis=1) * np.linalg.norm(reference_chroma, axis=1)
    is_audible = np.linalg.norm(reference_chroma, axis=1) > 1e-3 * np.linalg.norm(
        reference_chroma, axis=1
    ).max(initial=_FLOOR)
    cosine = (answer_chroma * reference_chroma).sum(axis=1) / np.maximum(norms, _FLOOR)
    return float(np.clip(cosine[is_audible], 0.0, 1.0).mean()) if is_audible.any() else 0.0


def _f0_of(pair: tuple[AudioAnswer, AudioAnswer | None]) -> float:
    target, answer = pair
    if answer is None or not len(answer.samples):
        return _F0_WORST_CENTS
    reference_f0 = _f0(np.asarray(target.samples, np.float64), target.sample_rate)
    answer_f0 = _f0(resample(answer, target.sample_rate), target.sample_rate)
    # Linear in time: phone by phone warping would hide errors of melody.
    positions = np.round(np.linspace(0, len(answer_f0) - 1, len(reference_f0))).astype(int)
    answer_f0 = answer_f0[positions]
    voiced = (reference_f0 > 0) & (answer_f0 > 0)
    if not voiced.any():
        return 0.0 if not (reference_f0 > 0).any() else _F0_WORST_CENTS
    cents = 1200 * np.log2(answer_f0[voiced] / reference_f0[voiced])
    return float(min(_F0_WORST_CENTS, np.sqrt((cents**2).mean())))


def _f0(samples: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    """Hz every 5 ms, 0 where unvoiced."""
    import pyworld

    samples = np.ascontiguousarray(samples)
    contour, times = pyworld.dio(samples, sample_rate)
    return np.asarray(pyworld.stonemask(samples, contour, times, sample_rate))
