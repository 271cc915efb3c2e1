"""Costly metrics example by example: in several processes, with a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from audioflan_tasks.runners import LocalRunner, map_items

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
    with LocalRunner(max(1, workers)) as runner, _bar(progress, len(items), label) as advance:
        return map_items(runner, function, items, per_unit=_CHUNK, advance=advance)


@contextmanager
def _bar(progress: bool, total: int, label: str) -> Iterator[Callable[[int], None]]:
    if not progress or not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.advance(task, count)
