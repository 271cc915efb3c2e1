"""Progress of long work on standard error: bars in a terminal, a line every half minute in a log.

Standard output stays for results, which may be JSON.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol, TextIO

__all__ = ["ProgressDisplay", "progress_display"]

LOG_SECONDS = 30.0


class ProgressDisplay(Protocol):
    """Shows how far the stages of some work are."""

    def update(self, stage: str, done: int, total: int | None = None, note: str = "") -> None:
        """`done` units of `total` (None: unknown) are done in this stage."""


@contextmanager
def progress_display() -> Iterator[ProgressDisplay]:
    """A display for the time of the work inside."""
    if sys.stderr.isatty():
        with _bars() as display:
            yield display
    else:
        with _log_lines() as display:
            yield display


@contextmanager
def _bars() -> Iterator[ProgressDisplay]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeElapsedColumn, TimeRemainingColumn  # isort: skip

    columns: list[Any] = [
        TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn(compact=True),
    ]  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bars(bars)


class _Bars:
    """A bar for each stage."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._ids: dict[str, Any] = {}

    def update(self, stage: str, done: int, total: int | None = None, note: str = "") -> None:
        """Moves the bar of the stage."""
        if stage not in self._ids:
            self._ids[stage] = self._bars.add_task(stage, total=total, note="")
        self._bars.update(self._ids[stage], completed=done, total=total, note=note)


@contextmanager
def _log_lines() -> Iterator[ProgressDisplay]:
    """Lines at fixed times, even while nothing moves: a silent program looks like a dead one."""
    lines, stop = LogLines(sys.stderr), threading.Event()

    def beat() -> None:
        while not stop.wait(LOG_SECONDS):
            lines.write()

    thread = threading.Thread(target=beat, name="audioflan-progress", daemon=True)
    thread.start()
    try:
        yield lines
    finally:
        stop.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class _StageState:
    name: str
    start_s: float
    first: int  # what was done before: a resumed stage does not begin at 0
    done: int = 0
    total: int | None = None
    note: str = ""

    def line(self, now_s: float) -> str:
        """How far it is, its rate, and the time left."""
        seconds = now_s - self.start_s
        rate = (self.done - self.first) / seconds if seconds > 0 else 0.0
        parts = [_count(self.done, self.total), self.note, _left(self.done, self.total, rate)]
        parts.insert(2, f"{seconds:,.0f} s")
        return f"{self.name}: " + ", ".join(filter(None, parts))


class LogLines:
    """Keeps the last state of the newest stage, and writes it as a line when asked to."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._state: _StageState | None = None

    def update(self, stage: str, done: int, total: int | None = None, note: str = "") -> None:
        """Notes the state; nothing is written."""
        state = self._state
        if state is None or state.name != stage:
            state = _StageState(stage, self._clock(), done)
        self._state = replace(state, done=done, total=total, note=note)

    def write(self) -> None:
        """Writes the state, if there is any."""
        if self._state is not None:
            print(self._state.line(self._clock()), file=self._stream, flush=True)


def _count(done: int, total: int | None) -> str:
    if not total:
        return f"{done:,}" if done else ""
    return f"{done:,} of {total:,} ({100 * done / total:.0f} %)"


def _left(done: int, total: int | None, rate: float) -> str:
    if not total or rate <= 0 or done >= total:
        return ""
    seconds = (total - done) / rate
    return (
        f"about {seconds:,.0f} s left" if seconds < 120 else f"about {seconds / 60:,.0f} min left"
    )
