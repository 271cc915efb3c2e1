"""Costly metrics example by example: in several processes, with a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from audioflan_tasks.processes import process_pool

__all__ = ["map_pairs"]

T = TypeVar("T")
R = TypeVar("R")

_CHUNK = 4


def map_pairs(
    function: Callable[[T], R], items: Sequence[T], *, workers: int = 1, progress: bool, label: str
) -> list[R]:
    """`[function(item) for item in items]` in `workers` processes.

    The bar goes to standard error, and only where that is a terminal.
    """
    if workers <= 1 or len(items) <= _CHUNK:
        return list(_with_progress(map(function, items), len(items), progress, label))
    with process_pool(min(workers, len(items))) as pool:
        results = pool.map(function, items, chunksize=_CHUNK)
        return list(_with_progress(results, len(items), progress, label))


def _with_progress(results: Iterable[R], total: int, progress: bool, label: str) -> Iterable[R]:
    if not progress or not sys.stderr.isatty():
        return results
    from rich.console import Console
    from rich.progress import track

    return track(results, label, total, console=Console(stderr=True), transient=True)
