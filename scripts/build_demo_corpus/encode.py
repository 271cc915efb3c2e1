"""Clips as FLAC or Opus files, byte for byte the same in every run."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

Codec = Literal["flac", "opus"]


def encoded(samples: NDArray[np.float32], sample_rate: int, codec: Codec) -> bytes:
    """A clip as a file, the same bytes each time.

    Raises:
      ValueError: it is not mono, not finite, or empty.
    """
    x = np.clip(np.asarray(samples, np.float32), -1.0, 1.0)
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all():
        raise ValueError("a clip must be mono, finite and not empty")
    buffer = io.BytesIO()
    if codec == "flac":
        soundfile.write(buffer, x, sample_rate, format="FLAC", subtype="PCM_16")
        return buffer.getvalue()
    soundfile.write(buffer, x, sample_rate, format="OGG", subtype="OPUS", compression_level=0.93)
    return _fixed_serial(buffer.getvalue())


def _fixed_serial(ogg: bytes) -> bytes:
    """The same Ogg stream with serial number 1: libsndfile draws it at random."""
    out = bytearray(ogg)
    at = 0
    while at < len(out):
        if out[at : at + 4] != b"OggS":
            raise ValueError("not an Ogg page")
        segments = out[at + 26]
        size = 27 + segments + sum(out[at + 27 : at + 27 + segments])
        out[at + 14 : at + 18] = (1).to_bytes(4, "little")
        out[at + 22 : at + 26] = bytes(4)
        out[at + 22 : at + 26] = _ogg_crc(bytes(out[at : at + size])).to_bytes(4, "little")
        at += size
    return bytes(out)


def _crc_table() -> tuple[int, ...]:
    table = []
    for i in range(256):
        r = i << 24
        for _ in range(8):
            r = ((r << 1) ^ 0x04C11DB7 if r & 0x80000000 else r << 1) & 0xFFFFFFFF
        table.append(r)
    return tuple(table)


_CRC = _crc_table()


def _ogg_crc(page: bytes) -> int:
    crc = 0
    for byte in page:
        crc = ((crc << 8) & 0xFFFFFFFF) ^ _CRC[((crc >> 24) & 0xFF) ^ byte]
    return crc
