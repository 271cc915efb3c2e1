"""The text of answers that have times, in seconds."""

from __future__ import annotations

from collections.abc import Iterable

from audioflan_tasks.recipes.recording import TimedLabel

__all__ = ["spans", "timed"]


def timed(parts: Iterable[TimedLabel]) -> str:
    """`0.00-1.52 dog; 2.00-3.00 rain`, by start."""
    return "; ".join(f"{start:.2f}-{end:.2f} {label}" for start, end, label in sorted(parts))


def spans(parts: Iterable[TimedLabel]) -> str:
    """`0.00-1.52; 2.00-3.00`: the time that any part covers; parts that touch are one."""
    intervals: list[tuple[float, float]] = []
    for start, end, _ in sorted(parts):
        if intervals and start <= intervals[-1][1]:
            intervals[-1] = (intervals[-1][0], max(intervals[-1][1], end))
        else:
            intervals.append((start, end))
    return "; ".join(f"{start:.2f}-{end:.2f}" for start, end in intervals)
