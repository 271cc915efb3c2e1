"""Which items of an array were compared with their checks, so that each is compared once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SeenItems"]


class SeenItems:
    """A bit for each of `count` items."""

    def __init__(self, count: int) -> None:
        self._bits = np.zeros(-(-count // 8), np.uint8)

    def unseen(self, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each of these items is not yet among them."""
        return np.asarray(self._bits[places >> 3] & _bit(places) == 0)

    def add(self, places: NDArray[np.int64]) -> None:
        """Adds these items."""
        np.bitwise_or.at(self._bits, places >> 3, _bit(places))


def _bit(places: NDArray[np.int64]) -> NDArray[np.uint8]:
    bits: NDArray[np.uint8] = np.left_shift(1, places & 7).astype(np.uint8)
    return bits
