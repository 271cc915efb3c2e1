"""Codec 2, a parametric speech codec of 700 to 3,200 bit/s, as a tokenizer (extra `codec2`).

Rowe's Codec 2 (sinusoidal coding, rowetel.com) through pycodec2. Each frame's bits are cut
into codes of 8 bits; the last code of a frame holds the remaining bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MissingExtraError, TokenizerError
from audioflan_tasks.tokens.checks import check_codes, check_wave

__all__ = ["MODES", "Codec2"]

# Bits of a frame and its length in samples, by bit rate.
MODES = {
    3200: (64, 160),
    2400: (48, 160),
    1600: (64, 320),
    1400: (56, 320),
    1300: (52, 320),
    1200: (48, 320),
    700: (28, 320),
}
_FULL = 32767.0


class Codec2:
    """8 kHz speech at `mode` bit/s: 50 or 25 frames/s of 4 to 8 codes.

    Codes are deterministic. Decoding is not quite: the library draws the phases of unvoiced
    sounds from a generator that it never seeds, so two decodings differ in their noise.

    Raises:
      TokenizerError: no such mode.
      MissingExtraError: pycodec2 is not installed.
    """

    name = "codec2"
    sample_rate = 8_000
    decoding_varies = True

    def __init__(self, mode: int = 3200) -> None:
        if mode not in MODES:
            modes = ", ".join(map(str, MODES))
            raise TokenizerError(f"codec2 has no mode {mode!r}; expected one of {modes} (bit/s)")
        self.mode = mode
        self._bits, self._frame = MODES[mode]
        self._make()
        whole, odd_bits = divmod(self._bits, 8)
        self.codebook_sizes = (256,) * whole + ((1 << odd_bits,) if odd_bits else ())
        self.frame_rate = self.sample_rate / self._frame

    @property
    def fingerprint(self) -> str:
        """Names the codes; the format of a mode is fixed by Codec 2."""
        return f"{self.name}-{self.mode}"

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        """Codes [ceil(samples / frame), codebooks] of speech [samples] at 8 kHz, about +-1.

        Raises:
          AudioInputError: not one-dimensional, not floating point, or NaN or infinite.
        """
        wave = np.asarray(waveform)
        check_wave(wave)
        padded_wave = np.pad(wave, (0, -len(wave) % self._frame))
        samples = np.round(np.clip(padded_wave, -1, 1) * _FULL).astype(np.int16)
        codec = self._make()
        frames = [codec.encode(frame) for frame in samples.reshape(-1, self._frame)]
        table = np.frombuffer(b"".join(frames), np.uint8).astype(np.uint16)
        codes = table.reshape(len(frames), len(self.codebook_sizes))
        codes[:, -1] >>= -self._bits % 8
        return codes

    def decode(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Waveform [frames * frame] of codes [frames, codebooks].

        Raises:
          TokenRangeError: not a two-dimensional integer array, or codes out of range.
        """
        table = np.asarray(codes)
        check_codes(table, self.codebook_sizes)
        frame_bytes = table.astype(np.uint8)
        frame_bytes[:, -1] <<= -self._bits % 8
        codec = self._make()
        waves = [codec.decode(frame.tobytes()) for frame in frame_bytes]
        return np.concatenate([np.empty(0, np.int16), *waves]).astype(np.float32) / np.float32(
            _FULL
        )

    def _make(self) -> Any:
        """A codec in its initial state, as it carries parameters from frame to frame."""
        try:
            import pycodec2
        except ImportError as error:
            raise MissingExtraError("pycodec2", "codec2", "the tokenizer codec2") from error
        return pycodec2.Codec2(self.mode)
