"""Metrics on audio against a reference.

References: Le Roux et al. 2019 (SI-SDR, fast_bss_eval 0.1), Taal et al. 2011 (STOI,
pystoi 0.4), Kubichek 1993 (mel-cepstral distance, mel-cepstral-distance 0.0.4).

Answers are `AudioAnswer`s, or None where a model gave no audio. An answer at another
sample rate is resampled to the reference's; STOI and SI-SDR compare sample by sample,
so a shorter answer is padded with silence and a longer one cut.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.metrics.answers import AudioAnswer

__all__ = ["mcd", "si_sdr", "stoi"]

_LIMIT_DB = 60.0
_SILENCE = 1e-8


def si_sdr(
    targets: Sequence[AudioAnswer], predictions: Sequence[AudioAnswer | None]
) -> Mapping[str, float]:
    """Mean scale-invariant SDR in dB, limited to +-60 dB; a missing or silent answer is -60."""
    from fast_bss_eval.numpy import si_sdr as reference

    total = 0.0
    for target, answer in zip(targets, predictions, strict=True):
        ref, est = _aligned(target, answer)
        if np.abs(est).max(initial=0.0) < _SILENCE or np.abs(ref).max(initial=0.0) < _SILENCE:
            total += -_LIMIT_DB
        else:
            value = float(np.squeeze(reference(ref[None], est[None], clamp_db=_LIMIT_DB)))
            total += float(np.clip(value, -_LIMIT_DB, _LIMIT_DB))
    return {"si_sdr": total / len(targets)}


def stoi(
    targets: Sequence[AudioAnswer], predictions: Sequence[AudioAnswer | None]
) -> Mapping[str, float]:
    """Mean STOI (0 to 1); a missing answer is 0."""
    from pystoi import stoi as reference

    total = 0.0
    for target, answer in zip(targets, predictions, strict=True):
        ref, est = _aligned(target, answer)
        if np.abs(est).max(initial=0.0) >= _SILENCE:
            # STOI needs 30 frames of 12.8 ms of speech; shorter clips are repeated.
            times = int(np.ceil(1.0 * target.sample_rate / max(1, len(ref))))
            ref, est = np.tile(ref, times), np.tile(est, times)
            total += float(np.clip(reference(ref, est, target.sample_rate), 0.0, 1.0))
    return {"stoi": total / len(targets)}


def mcd(
    targets: Sequence[AudioAnswer], predictions: Sequence[AudioAnswer | None]
) -> Mapping[str, float]:
    """Mean mel-cepstral distance in dB after dynamic time warping; lower is better.

    A missing answer scores as 10 ms of silence would.
    """
    from mel_cepstral_distance import compare_audio_files

    total = 0.0
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "reference.wav", Path(folder) / "answer.wav"
        for target, answer in zip(targets, predictions, strict=True):
            _write(paths[0], target.samples, target.sample_rate)
            said = _resampled(answer, target.sample_rate)
            if len(said) < target.sample_rate // 10:
                said = np.pad(said, (0, target.sample_rate // 10 - len(said)))
            _write(paths[1], said, target.sample_rate)
            value, _ = compare_audio_files(*paths, norm_audio=False)
            total += value
    return {"mcd": total / len(targets)}


def _aligned(
    target: AudioAnswer, answer: AudioAnswer | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ref = np.asarray(target.samples, np.float64)
    est = _resampled(answer, target.sample_rate)[: len(ref)]
    return ref, np.pad(est, (0, len(ref) - len(est)))


def _resampled(answer: AudioAnswer | None, sample_rate: int) -> NDArray[np.float64]:
    if answer is None:
        return np.zeros(0, np.float64)
    samples = np.nan_to_num(np.asarray(answer.samples, np.float64))
    if answer.sample_rate == sample_rate or not len(samples):
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, answer.sample_rate, sample_rate), np.float64)


def _write(path: Path, samples: NDArray[np.floating], sample_rate: int) -> None:
    import soundfile

    # One count of noise keeps the logarithm of digital silence finite.
    noise = np.random.default_rng(0).uniform(-1, 1, len(samples)) / 32768
    soundfile.write(path, np.clip(samples + noise, -1, 1), sample_rate, subtype="PCM_16")
