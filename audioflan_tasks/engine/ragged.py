"""Runs of different lengths, without a loop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ragged"]

I64 = NDArray[np.int64]


def ragged(starts: I64, counts: I64) -> I64:
    """The numbers starts[i] … starts[i] + counts[i] - 1 of all i, one after the other."""
    ends = np.cumsum(counts)
    found = np.repeat(starts - ends + counts, counts)
    found += np.arange(len(found))
    return found
