"""Reading .npy files that may be damaged."""

from __future__ import annotations

from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["NPY_FAULTS", "read_npy"]

# What NumPy lets through of the parsers that it reads a header with.
NPY_FAULTS = (
    ValueError, EOFError, SyntaxError, TokenError, TypeError, OverflowError, MemoryError,
)  # fmt: skip


def read_npy(file: BinaryIO) -> NDArray[Any]:
    """The array of an open .npy file.

    Raises:
      ValueError: it is none, is damaged, or would run code when read.
    """
    try:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    except NPY_FAULTS as error:
        raise ValueError(f"no whole .npy file ({error})") from error
    return array
