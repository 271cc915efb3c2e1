"""Arrays of a store, mapped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import StoreError

__all__ = ["loaded"]


def loaded(path: Path) -> NDArray[Any]:
    """A mapped array of a store as a plain view.

    Raises:
      StoreError: it is not there or damaged.
    """
    try:
        # A plain view: indexing an np.memmap makes a new one for every slice.
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise StoreError(
            f"{path}: not readable ({error}); if the store was built again since it was opened, "
            "open it anew, else run audioflan verify"
        ) from error
