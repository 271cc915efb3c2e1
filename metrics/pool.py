"""Costly metrics example by example: by a runner, with a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NoReturn, TypeVar

from audioflan_tasks.errors import RunnerError
from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.runners import LocalRunner, map_items

__all__ = ["map_pairs"]

T = TypeVar("T")
R = TypeVar("R")

_CHUNK = 4


def map_pairs(function: Callable[[T], R], items: Sequence[T], batch: Batch, label: str) -> list[R]:
    """`[function(item) for item in items]`, by the runner of a batch.

    The bar goes to standard error, and only where that is a terminal.

    Raises:
      RunnerError: worker processes die at an item.
    """
    runner = batch.runner or LocalRunner(1)
    with _bar(batch.progress, len(items), label) as advance:
        return map_items(
            runner, partial(_of_second, function), list(enumerate(items, 1)), per_unit=_CHUNK,
            advance=advance, death_result=partial(_refuse, label, len(items)),
        )  # fmt: skip


def _of_second(function: Callable[[T], R], numbered: tuple[int, T]) -> R:
    return function(numbered[1])


def _refuse(label: str, count: int, numbered: tuple[int, object]) -> NoReturn:
    raise RunnerError(
        f"{label}: the process ends that computes it of pair {numbered[0]} of {count} (reference "
        "and answer); out of memory, or a damaged answer? Leave that pair out"
    )


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
