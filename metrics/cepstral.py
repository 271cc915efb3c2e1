"""Mel-cepstral distance (Kubichek 1993) as mel-cepstral-distance 0.0.4 defines it.

Spectra, mel bands and cepstra are that library's: frames of 32 ms every 8 ms, 20 bands, the
bands aligned by FastDTW with radius 10, cepstral coefficients 1 to 15. Alignment is our own
(`warping`), which gives the same path in a fraction of the time.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.pool import map_pairs
from audioflan_tasks.metrics.values import AudioAnswer
from audioflan_tasks.metrics.warping import warping_path
from audioflan_tasks.metrics.waveforms import resample

__all__ = ["bands_of", "mcd"]

_SHORTEST_S = 0.1
_WINDOW_MS = 32
_RADIUS = 10
_COEFFICIENTS = slice(1, 16)
# References come again for every baseline; 10 s are 200 kB.
_CACHED_REFERENCES = 128


@dataclass(frozen=True, slots=True)
class _Cepstra:
    """Mel bands in bel [frames, 20] and cepstral coefficients [frames, 15]."""

    bands: NDArray[np.float64]
    coefficients: NDArray[np.float64]


def mcd(batch: Batch) -> Mapping[str, float]:
    """Mean mel-cepstral distance in dB after dynamic time warping.

    A missing answer scores as silence would.
    """
    pairs = list(zip(batch.references, batch.answers, strict=True))
    values = map_pairs(_mcd_of, pairs, batch, "mcd")
    return {"mcd": float(np.mean(values))}


def _mcd_of(pair: tuple[AudioAnswer, AudioAnswer | None]) -> float:
    target, answer = pair
    reference = _reference_cepstra(_Wave(np.asarray(target.samples), target.sample_rate))
    cepstra = _cepstra(resample(answer, target.sample_rate), target.sample_rate)
    path = warping_path(reference.bands, cepstra.bands, _RADIUS)
    difference = reference.coefficients[path[:, 0]] - cepstra.coefficients[path[:, 1]]
    return float(np.linalg.norm(difference, axis=1).mean())


class _Wave:
    """Samples that are equal where their bytes are."""

    def __init__(self, samples: NDArray[Any], sample_rate: int) -> None:
        self.samples, self.sample_rate = samples, sample_rate
        content = hashlib.blake2b(np.ascontiguousarray(samples).tobytes(), digest_size=16)
        self._key = content.digest(), str(samples.dtype), sample_rate

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Wave) and self._key == other._key


@lru_cache(maxsize=_CACHED_REFERENCES)
def _reference_cepstra(wave: _Wave) -> _Cepstra:
    return _cepstra(wave.samples, wave.sample_rate)


def bands_of(samples: NDArray[Any], sample_rate: int) -> NDArray[np.float64]:
    """Mel bands in bel, [frames, 20], of samples [n] in [-1, 1]; at least one frame."""
    from mel_cepstral_distance import get_amplitude_spectrogram, get_mel_spectrogram

    file: Any = _wave_file(samples, sample_rate)  # the library reads files; one in memory will do
    spectrum = get_amplitude_spectrogram(
        file, n_fft=_WINDOW_MS, win_len=_WINDOW_MS, hop_len=_WINDOW_MS / 4, norm_audio=False
    )
    return np.asarray(get_mel_spectrogram(spectrum, sample_rate, _WINDOW_MS))


def _cepstra(samples: NDArray[Any], sample_rate: int) -> _Cepstra:
    from mel_cepstral_distance import get_mfccs

    bands = bands_of(samples, sample_rate)
    return _Cepstra(bands, np.ascontiguousarray(get_mfccs(bands)[_COEFFICIENTS].T))


def _wave_file(samples: NDArray[Any], sample_rate: int) -> io.BytesIO:
    import soundfile

    shortest = round(_SHORTEST_S * sample_rate)
    samples = np.pad(samples, (0, max(0, shortest - len(samples))))
    # One count of noise keeps the logarithm of digital silence finite.
    noise = np.random.default_rng(0).uniform(-1, 1, len(samples)) / 32768
    file = io.BytesIO()
    soundfile.write(
        file, np.clip(samples + noise, -1, 1), sample_rate, format="WAV", subtype="PCM_16"
    )
    file.seek(0)
    return file
