"""What an audio tokenizer is."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ["AudioTokenizer"]


@runtime_checkable
class AudioTokenizer(Protocol):
    """Turns mono audio into frames of codes and back.

    `fingerprint` changes whenever the codes of the same audio could; `frame_rate` is in
    frames a second, `sample_rate` in Hz; codebook k has codes 0 to `codebook_sizes[k]` - 1.
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def sample_rate(self) -> int: ...

    @property
    def frame_rate(self) -> float: ...

    @property
    def codebook_sizes(self) -> tuple[int, ...]: ...

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        """Samples [n] at `sample_rate` to codes [frames, codebooks]."""
        ...

    def decode(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Codes [frames, codebooks] to samples [n]."""
        ...
