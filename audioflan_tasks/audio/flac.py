"""Samples as the bytes of a FLAC file, which every browser plays."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import AudioInputError

__all__ = ["flac"]


def flac(samples: NDArray[np.float32], sample_rate: int) -> bytes:
    """16-bit FLAC of mono samples [n]; values outside [-1, 1] are clipped, and NaN is silence.

    Raises:
      AudioInputError: FLAC has no such rate.
    """
    import soundfile

    buffer = io.BytesIO()
    clipped = np.clip(np.nan_to_num(samples), -1.0, 1.0)
    try:
        soundfile.write(buffer, clipped, sample_rate, format="FLAC", subtype="PCM_16")
    except (soundfile.LibsndfileError, ValueError) as error:
        raise AudioInputError(f"cannot be encoded at {sample_rate} Hz ({error})") from None
    return buffer.getvalue()
