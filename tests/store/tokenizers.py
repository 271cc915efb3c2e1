"""Tokenizers for tests, registered when this module is imported, as a user's own would be."""

from __future__ import annotations

import os
import signal
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.tokens import register_tokenizer

SMALL_UNITS: dict[str, Any] = {"part_bytes": 4_000, "clips_per_bucket": 12}
# With a tokenizer that costs nothing, where it is the build that is tested.
CHEAP_UNITS = SMALL_UNITS | {"tokenizer": "mulaw", "imports": ("tests.store.tokenizers",)}


class MuLaw:
    """G.711's mu-law at 8 kHz, 80 samples a frame, one codebook a sample: lossy but exact.

    `poison` says what happens on the clip whose samples have the checksum `victim`.
    """

    name = "mulaw"
    sample_rate = 8000
    frame_rate = 100.0
    codebook_sizes: tuple[int, ...] = (256,) * 80

    def __init__(self, poison: str = "", victim: int = -1, flag: str = "") -> None:
        self._poison, self._victim, self._flag = poison, victim, flag

    @property
    def fingerprint(self) -> str:
        return "mulaw-1"

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        if self._poison and zlib.crc32(waveform.tobytes()) == self._victim:
            self._fail()
        padded = np.zeros(-(-len(waveform) // 80) * 80, np.float32)
        padded[: len(waveform)] = waveform
        size = np.log1p(255 * np.abs(padded).clip(max=1)) / np.log(256)
        codes = np.round((np.sign(padded) * size + 1) * 127.5).astype(np.uint16)
        return np.asarray(codes.reshape(-1, 80))

    def decode(self, codes: NDArray[np.integer]) -> NDArray[np.float32]:
        size = codes.reshape(-1).astype(np.float32) / 127.5 - 1
        return np.asarray(np.sign(size) * (np.expm1(np.abs(size) * np.log(256)) / 255), np.float32)

    def _fail(self) -> None:
        if self._poison == "raise":
            raise ZeroDivisionError("this tokenizer does not like this clip")
        if self._poison == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._poison == "die once" and not Path(self._flag).exists():
            Path(self._flag).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self._poison == "touch":
            Path(self._flag).write_bytes(Path(self._flag).read_bytes() + b"\0")


class LongFrames(MuLaw):
    """Another tokenizer: frames of 160 samples."""

    name = "long_frames"
    frame_rate = 50.0
    codebook_sizes = (256,) * 160

    @property
    def fingerprint(self) -> str:
        return "long-frames-1"

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        return super().encode(np.pad(waveform, (0, -len(waveform) % 160))).reshape(-1, 160)


class Large(MuLaw):
    """More codes than a store has room for."""

    name = "large"
    codebook_sizes = (2**17,)


register_tokenizer("mulaw", MuLaw)
register_tokenizer("long_frames", LongFrames)
register_tokenizer("large", Large)
