"""Two waveforms brought together: rate, length, silence.

An answer at another sample rate is resampled to the reference's (soxr, high quality); a
shorter one is padded with silence, a longer one cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.metrics.values import AudioAnswer

__all__ = ["RATE_RULE", "Pair", "align", "is_silent", "resample"]

RATE_RULE = "answers are resampled to the reference's rate (soxr HQ), cut or padded to its length"
_SILENCE = 1e-8


@dataclass(frozen=True, slots=True)
class Pair:
    """Reference and answer [n] float64 at `sample_rate`; the input too, where it is known."""

    reference: NDArray[np.float64]
    answer: NDArray[np.float64]
    sample_rate: int
    source: NDArray[np.float64] | None
    missing: bool


def align(target: AudioAnswer, answer: AudioAnswer | None) -> Pair:
    """Both at the reference's rate and of its length."""
    reference = np.asarray(target.samples, np.float64)
    source = None if target.source is None else _fit(target.source, len(reference))
    samples = _fit(resample(answer, target.sample_rate), len(reference))
    return Pair(
        reference, samples, target.sample_rate, source, answer is None or is_silent(samples)
    )


def is_silent(samples: NDArray[np.floating]) -> bool:
    """Whether no sample is louder than -160 dBFS."""
    return not float(np.abs(samples).max(initial=0.0)) >= _SILENCE


def resample(answer: AudioAnswer | None, sample_rate: int) -> NDArray[np.float64]:
    """Samples at `sample_rate`; nothing for a missing answer, 0 for what is not finite."""
    if answer is None:
        return np.zeros(0, np.float64)
    samples = np.nan_to_num(np.asarray(answer.samples, np.float64), posinf=0.0, neginf=0.0)
    if answer.sample_rate == sample_rate or not len(samples):
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, answer.sample_rate, sample_rate), np.float64)


def _fit(samples: NDArray[np.floating], length: int) -> NDArray[np.float64]:
    cut = np.asarray(samples, np.float64)[:length]
    return np.pad(cut, (0, length - len(cut)))
