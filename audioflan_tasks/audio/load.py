"""Reading audio files: one segment, mono, at the rate that is asked for.

Whatever libsndfile reads is read (WAV, FLAC, Ogg Opus and Vorbis, MP3, ...). Only the
segment is read. Channels are averaged; rates are converted by soxr in its HQ quality.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.audio.whole import missing_seconds
from audioflan_tasks.errors import (
    AudioInputError,
    AudioReadError,
    MissingAudioError,
)
from audioflan_tasks.plain_files import is_plain_file, local_file

if TYPE_CHECKING:
    import soundfile

__all__ = ["LOUDEST", "MAX_SECONDS", "TOLERANCE_S", "AudioInfo", "info", "load"]

MAX_SECONDS = 3600.0
# Times of annotations are rounded; a segment may end so far past its file.
TOLERANCE_S = 0.5
# Forty decibels above full scale; beyond are numbers of another scale.
LOUDEST = 100.0
# Compressed formats say their length to a frame or two: less is missing in no file.
_SHORT_S, _SHORT_SHARE = 0.1, 0.1
_MAX_VALUES = 2**29
_LONGEST = 1e9
# From 16-bit numbers to -1 … 1; a power of two, so nothing is rounded.
_STEP = np.float32(2**-15)
# -600 dB. TensorFlow's threads take numbers below 1.2e-38 for 0 and other threads do not, so codes
# of the tails that decoders and filters leave would depend on the thread that makes them.
_SILENCE = np.float32(1e-30)
_RATES = range(100, 1_000_000)
# Formats that people have but libsndfile does not read.
_OTHER_SUFFIXES = frozenset({".m4a", ".mp4", ".aac", ".wma", ".webm", ".amr", ".m4b", ".3gp"})


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the header of a file says; `seconds` may be off by a frame in compressed formats."""

    sample_rate: int
    channels: int
    frames: int

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


def info(path: str | os.PathLike[str]) -> AudioInfo:
    """The header of a file; of samples none but the last is read.

    Raises:
      MissingAudioError: there is no such file.
      AudioReadError: it is not readable audio, holds no samples, or is cut short.
    """
    file_path = Path(path)
    with _open(file_path) as file:
        if file.format == "FLAC":
            # Nothing in its header tells whether the end is there.
            _read_samples(file, file_path, file.frames - 1, 1)
        return AudioInfo(file.samplerate, file.channels, file.frames)


def load(
    path: str | os.PathLike[str],
    sample_rate: int,
    start: float = 0.0,
    end: float | None = None,
) -> NDArray[np.float32]:
    """Samples from `start` to `end` (seconds; None: to the file's end), mono, at `sample_rate` Hz.

    Returns:
      float32 [samples], finite, at least one sample, none below 1e-30 but 0. Files store -1 to
      1; converting the rate may overshoot a little.

    Raises:
      MissingAudioError: there is no such file.
      AudioReadError: it is not readable audio, is empty, is cut short, or the segment is outside
        it or longer than an hour.
      AudioInputError: it holds NaN, infinity or numbers far from -1 to 1, or `sample_rate` is
        no usable rate.
    """
    file_path = Path(path)
    _check_rate(sample_rate)
    with _open(file_path) as file:
        rate = int(file.samplerate)
        samples = _segment(file, file_path, rate, start, end)
    return _at_rate(_mono(samples, file_path, file.subtype), rate, sample_rate)


def load_blocks(
    path: str | os.PathLike[str],
    sample_rate: int,
    start: float = 0.0,
    end: float | None = None,
    *,
    block_s: float = 30.0,
) -> Iterator[NDArray[np.float32]]:
    """The samples of `load` in pieces, for recordings of any length; joined, they are equal.

    Only a block of the file is in memory at a time.

    Raises:
      As `load`, while being read; no segment is too long.
    """
    file_path = Path(path)
    _check_rate(sample_rate)
    with _open(file_path) as file:
        rate = int(file.samplerate)
        first, last = _bounds(file, file_path, rate, start, end)
        stream = None
        if rate != sample_rate:
            import soxr

            stream = soxr.ResampleStream(rate, sample_rate, 1, dtype="float32", quality="HQ")
        step, samples_read = max(1, round(block_s * rate)), 0
        for begin in range(first, last, step):
            size = min(step, last - begin)
            samples = _read_samples(file, file_path, begin if begin == first else 0, size)
            samples_read += len(samples)
            mono = _mono(samples, file_path, file.subtype)
            is_last = begin + size >= last or len(samples) < size
            yield mono if stream is None else _audible(stream.resample_chunk(mono, last=is_last))
            if is_last:
                break
        _check_length(file_path, rate, samples_read, last - first)


def _segment(
    file: soundfile.SoundFile, path: Path, rate: int, start: float, end: float | None
) -> NDArray[np.float32]:
    first, last = _bounds(file, path, rate, start, end)
    size = last - first
    if size > MAX_SECONDS * rate or size * file.channels > _MAX_VALUES:
        raise AudioReadError(
            f"{path}: {size / rate:.0f} s of audio at once; at most {MAX_SECONDS:.0f} s, "
            "so give start and end"
        )
    samples = _read_samples(file, path, first, size)
    _check_length(path, rate, len(samples), size)
    return samples


def _check_length(path: Path, rate: int, samples: int, size: int) -> None:
    """Refuses a segment of which fewer samples came than its file says that it has."""
    missing_s = (size - samples) / rate
    if not samples or _is_short(samples / rate, missing_s):
        raise _cut_short(path, missing_s)


def _bounds(
    file: soundfile.SoundFile, path: Path, rate: int, start: float, end: float | None
) -> tuple[int, int]:
    """First sample of a segment and the one after its last."""
    # NaN fails every comparison, so it is refused here too.
    usable = 0 <= start < _LONGEST and (end is None or start < end)
    first = round(start * rate) if usable else file.frames
    last = file.frames if end is None or not end < _LONGEST else round(end * rate)
    is_past = last > file.frames + TOLERANCE_S * rate
    last = min(last, file.frames)
    if is_past or not first < last:
        raise AudioReadError(
            f"{path}: no segment from {start} to {'the end' if end is None else end} s; "
            f"the file is {file.frames / rate:.3f} s long"
        )
    return first, last


def _check_rate(sample_rate: int) -> None:
    if sample_rate not in _RATES:
        raise AudioInputError(
            f"cannot convert to {sample_rate} Hz; expected {_RATES.start} to {_RATES.stop} Hz"
        )


def _mono(samples: NDArray[np.float32], path: Path, subtype: str) -> NDArray[np.float32]:
    """Samples [n, channels] averaged to [n]."""
    if not subtype.startswith("PCM_"):
        _check_scale(samples, path)
    mono = samples.mean(axis=1, dtype=np.float32) if samples.shape[1] > 1 else samples[:, 0]
    # Whole numbers are far above silence, whatever the file holds.
    return mono if subtype.startswith("PCM_") else _audible(mono)


def _check_scale(samples: NDArray[np.float32], path: Path) -> None:
    """Refuses numbers that whole numbers scaled to -1 … 1 cannot be."""
    peak = max(samples.max(), -samples.min()) if samples.size else 0.0
    if not np.isfinite(peak):
        raise AudioInputError(f"{path}: holds NaN or infinite samples; encode the file again")
    if peak > LOUDEST:
        raise AudioInputError(
            f"{path}: holds samples up to {peak:.3g}, expected -1 to 1; scale the file"
        )


def _read_samples(
    file: soundfile.SoundFile, path: Path, first: int, size: int
) -> NDArray[np.float32]:
    import soundfile

    # The same numbers as libsndfile's own floats, in two fifths of its time for WAV.
    whole = file.subtype == "PCM_16"
    try:
        if first:
            file.seek(first)
        samples = file.read(size, dtype="int16" if whole else "float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioReadError(
            f"{path}: samples cannot be read ({error.error_string}); is the file complete?"
        ) from None
    floats: NDArray[np.float32] = samples * _STEP if whole else samples
    return floats


def _at_rate(mono: NDArray[np.float32], rate: int, sample_rate: int) -> NDArray[np.float32]:
    if rate == sample_rate:
        return np.ascontiguousarray(mono)
    import soxr

    samples: NDArray[Any] = soxr.resample(mono, rate, sample_rate, quality="HQ")
    # A file shorter than one output sample still is a sample.
    return _audible(np.asarray(samples if len(samples) else mono[:1], np.float32))


def _audible(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The samples, with 0 for those that are not 0 only by rounding; in place where it can be."""
    inaudible = np.abs(samples) < _SILENCE
    if not inaudible.any():
        return samples
    audible = samples if samples.flags.writeable else samples.copy()
    audible[inaudible] = 0
    return audible


def _open(path: Path) -> soundfile.SoundFile:
    # Only plain files: opening a pipe would wait for ever.
    if not is_plain_file(path):
        if os.access(path, os.F_OK):
            raise AudioReadError(f"{path}: not a file")
        raise MissingAudioError(f"{path}: no such audio file")
    with local_file(path):
        return _open_local(path)


def _open_local(path: Path) -> soundfile.SoundFile:
    import soundfile

    try:
        # Bytes, as names of files need not be UTF-8.
        file = soundfile.SoundFile(os.fsencode(path))
    except (soundfile.LibsndfileError, OSError, TypeError) as error:
        # TypeError: a name that ends in .raw, which has no header.
        raise AudioReadError(_unreadable(path, error)) from None
    if file.frames < 1 or file.samplerate not in _RATES or file.channels < 1:
        frames, rate = file.frames, file.samplerate
        file.close()
        raise AudioReadError(f"{path}: holds no samples ({frames} frames at {rate} Hz)")
    missing_s = missing_seconds(file, path)
    if _is_short(file.frames / file.samplerate, missing_s):
        file.close()
        raise _cut_short(path, missing_s)
    return file


def _is_short(seconds: float, missing_s: float) -> bool:
    """Whether more is missing than the inexactness of a header."""
    return missing_s > min(_SHORT_S, _SHORT_SHARE * (seconds + missing_s))


def _cut_short(path: Path, missing_s: float) -> AudioReadError:
    amount = f"{missing_s:.2f} s" if missing_s < _LONGEST else "its end"
    return AudioReadError(
        f"{path}: the file is cut short: by its header {amount} is missing; fetch it again"
    )


def _unreadable(path: Path, error: Exception) -> str:
    if path.suffix.lower() in _OTHER_SUFFIXES:
        return (
            f"{path}: {path.suffix.lower()} is not read by libsndfile; convert it first, "
            f"for example: ffmpeg -i {path.name} {path.stem}.flac"
        )
    if not path.is_file():
        return f"{path}: the file is gone"
    if path.stat().st_size == 0:
        return f"{path}: the file is empty; is the download complete?"
    text = str(getattr(error, "error_string", error)).strip()
    return f"{path}: not readable audio ({text}); expected WAV, FLAC, Ogg, Opus or MP3"
