"""How the codebooks of a frame become one sequence, and back.

`flatten`: all codes of a frame, then the next frame. `first`: the first codebook only.
`delay`: codebook k is k frames late (Copet et al. 2023, MusicGen); places that a delay
leaves empty hold -1.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["FREE", "Layout", "columns", "from_sequence", "to_sequence"]

Layout = Literal["flatten", "first", "delay"]
FREE = -1


def columns(layout: Layout, codebooks: int) -> int:
    """Codes in one step of the sequence."""
    return 1 if layout == "first" else codebooks


def to_sequence(codes: NDArray[np.integer[Any]], layout: Layout) -> NDArray[np.int64]:
    """Codes [frames, codebooks] as steps [steps, columns]."""
    if layout == "first":
        return codes[:, :1].astype(np.int64)
    if layout == "flatten" or not len(codes):
        return codes.astype(np.int64)
    frames, books = codes.shape
    steps = np.full((frames + books - 1, books), FREE, np.int64)
    for book in range(books):
        steps[book : book + frames, book] = codes[:, book]
    return steps


def from_sequence(steps: NDArray[np.int64], layout: Layout) -> NDArray[np.int64]:
    """Steps [steps, columns] as codes [frames, columns]; the inverse of `to_sequence`.

    Steps of a delayed sequence that is cut short lose the frames that are not complete.
    """
    if layout != "delay" or not len(steps):
        return steps
    books = steps.shape[1]
    frames = max(0, len(steps) - books + 1)
    codes = np.empty((frames, books), np.int64)
    for book in range(books):
        codes[:, book] = steps[book : book + frames, book]
    return codes
