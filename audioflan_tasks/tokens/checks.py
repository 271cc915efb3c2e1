"""Checks of samples and codes that every tokenizer makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import AudioInputError, TokenRangeError

__all__ = ["check_codes", "check_wave"]


def check_wave(wave: NDArray[np.generic]) -> None:
    """Refuses what is not a mono floating-point waveform [samples].

    Raises:
      AudioInputError: of another shape or type, or with NaN or infinite samples.
    """
    if wave.ndim != 1:
        raise AudioInputError(
            f"expected a mono waveform [samples], got shape {wave.shape}; average the channels"
        )
    if not np.issubdtype(wave.dtype, np.floating):
        raise AudioInputError(
            f"expected floating-point samples within +-1, got {wave.dtype}; "
            "divide int16 samples by 32768"
        )
    if not np.isfinite(wave).all():
        raise AudioInputError("the waveform has NaN or infinite samples")


def check_codes(table: NDArray[Any], sizes: Sequence[int], *, allow_fewer: bool = False) -> None:
    """Refuses what are not codes [frames, codebooks], each below its codebook's size.

    With `allow_fewer` the last codebooks may be missing.

    Raises:
      TokenRangeError: of another shape or type, or out of range.
    """
    books = len(sizes)
    if table.ndim != 2 or not (1 if allow_fewer else books) <= table.shape[1] <= books:
        books_range = f"1 to {books}" if allow_fewer else f"{books}"
        raise TokenRangeError(f"expected codes [frames, {books_range}], got {table.shape}")
    if not np.issubdtype(table.dtype, np.integer):
        raise TokenRangeError(f"expected integer codes, got {table.dtype}")
    if not table.size:
        return
    too_large = table.max(axis=0) >= np.array(sizes[: table.shape[1]])
    if table.min() < 0 or too_large.any():
        book = int(np.argmax(too_large)) if too_large.any() else 0
        raise TokenRangeError(
            f"codes lie in 0 to {sizes[book] - 1}; these span {table.min()} to {table.max()}"
        )
