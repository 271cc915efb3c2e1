"""A tokenizer whose codes are the samples: what is stored are the very codes of a work."""

from __future__ import annotations

from typing import Any

import numpy as np
from data import BOOKS, CODES
from numpy.typing import NDArray

__all__ = ["RATE", "open_written"]

RATE = BOOKS * 50


class Written:
    """Samples of 16 bits at `RATE` as codes of 8 codebooks at 50 Hz."""

    name = fingerprint = "written"
    sample_rate, frame_rate = RATE, 50.0
    codebook_sizes = (CODES,) * BOOKS

    def encode(self, wave: NDArray[np.float32]) -> NDArray[np.uint16]:
        return np.round(wave * 2**15).astype(np.uint16).reshape(-1, BOOKS)

    def decode(self, codes: NDArray[Any]) -> NDArray[np.float32]:
        return codes.reshape(-1).astype(np.float32) / np.float32(2**15)


def open_written() -> None:
    """Makes the tokenizer known."""
    from audioflan_tasks.tokens import registry

    if "written" not in registry.tokenizer_names():
        registry.register_tokenizer("written", Written)
