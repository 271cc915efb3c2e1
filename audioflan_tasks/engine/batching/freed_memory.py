"""Memory of batches that were dropped, kept for those that follow."""

from __future__ import annotations

from functools import cache

import numpy as np

__all__ = ["keep_freed_memory"]

# glibc follows arrays of up to 32 MiB; a little less, as an allocation has a header.
_LARGEST_BYTES = 2**25 - 2**16


@cache
def keep_freed_memory() -> None:
    """Has glibc's allocator keep up to 64 MiB that were freed, for the whole process.

    Else it returns the arrays of a batch to the kernel, which clears every page again for the next
    batch: up to a seventh of its time. `MALLOC_MMAP_THRESHOLD_` or `MALLOC_TRIM_THRESHOLD_` in the
    environment, and other allocators, are left as they are.
    """
    # Its thresholds are the largest array that was freed so far, and twice that. Nothing is
    # written to this one, so it takes no memory.
    np.empty(_LARGEST_BYTES, np.uint8)
