"""Writing audio files: whole or not at all.

WAV and FLAC hold 16-bit samples, Opus is lossy. Samples outside [-1, 1] are clipped.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import AudioInputError, FileWriteError

__all__ = ["remove_leftovers", "write"]

_FORMATS: Mapping[str, tuple[str, str]] = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".opus": ("OGG", "OPUS"),
}
_PART = ".part"
# Of a name that a temporary one repeats: names end at 255 bytes.
_NAME_BYTES = 40
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


def write(
    path: str | os.PathLike[str], waveform: NDArray[np.floating[Any]], sample_rate: int
) -> Path:
    """Writes `waveform` ([samples] or [samples, channels]) in the format of the path's suffix.

    The file appears under its name only when it is complete; a file that was there is
    replaced. Folders are made. Returns the path.

    Raises:
      AudioInputError: the samples are empty, not finite or of a wrong shape; the suffix is
        not .wav, .flac or .opus; or Opus does not know the rate.
      FileWriteError: the file cannot be written.
    """
    target = Path(path)
    data = _encoded(_clipped_samples(waveform), sample_rate, target)
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=f".{target.name[-_NAME_BYTES:]}.", suffix=_PART, delete=False
        ) as file:
            temporary = file.name
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
        temporary = ""
    except OSError as error:
        raise FileWriteError(f"{target}: cannot be written ({error.strerror})") from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
    return target


def remove_leftovers(folder: Path) -> None:
    """Removes temporary files of `write` that killed processes left in a folder and below."""
    for path in folder.rglob(f".*{_PART}"):
        path.unlink(missing_ok=True)


def _clipped_samples(waveform: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    samples = np.asarray(waveform)
    if samples.ndim not in (1, 2) or not samples.size or samples.dtype.kind != "f":
        raise AudioInputError(
            f"cannot write samples of shape {samples.shape} and type {samples.dtype}; "
            "expected floats [samples] or [samples, channels], not empty"
        )
    if not np.isfinite(samples).all():
        raise AudioInputError("cannot write NaN or infinite samples")
    return np.clip(samples, -1.0, 1.0).astype(np.float32)


def _encoded(samples: NDArray[np.float32], sample_rate: int, path: Path) -> bytes:
    import soundfile

    encoding = _FORMATS.get(path.suffix.lower())
    if encoding is None:
        raise AudioInputError(f"{path}: expected a name ending in {', '.join(_FORMATS)}")
    if encoding[1] == "OPUS" and sample_rate not in _OPUS_RATES:
        rates = ", ".join(map(str, _OPUS_RATES))
        raise AudioInputError(f"{path}: Opus has no rate {sample_rate} Hz; expected one of {rates}")
    buffer = io.BytesIO()
    try:
        soundfile.write(buffer, samples, sample_rate, format=encoding[0], subtype=encoding[1])
    except (soundfile.LibsndfileError, ValueError) as error:
        raise AudioInputError(f"{path}: cannot be encoded at {sample_rate} Hz ({error})") from None
    return buffer.getvalue()
