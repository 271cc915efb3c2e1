"""Where a signal is active, by its energy."""

from __future__ import annotations

import numpy as np

from audioflan_tasks.preprocessors.simulate.base import Audio

__all__ = ["active_segments"]


def active_segments(
    audio: Audio,
    sample_rate: int,
    *,
    below_peak_db: float = 35.0,
    least_s: float = 0.05,
    bridge_s: float = 0.15,
) -> list[tuple[float, float]]:
    """Intervals (start, end) in seconds whose 20 ms energy is near that of the loudest frame.

    Pauses shorter than `bridge_s` are bridged, then intervals shorter than `least_s` dropped.
    Meant for clean recordings, where a label is to be derived; it is no detector for noise.
    """
    size, hop = max(1, round(0.02 * sample_rate)), max(1, round(0.01 * sample_rate))
    extended = np.pad(np.asarray(audio, np.float64), (0, size))
    frames = np.lib.stride_tricks.sliding_window_view(extended, size)[::hop]
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    if level.max(initial=-120.0) <= -100:
        return []
    active = np.concatenate([[False], level > level.max() - below_peak_db, [False]])
    edges = np.flatnonzero(np.diff(active.astype(int)))
    segments: list[list[float]] = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        start = first * hop / sample_rate
        end = min(((last - 1) * hop + size) / sample_rate, len(audio) / sample_rate)
        if segments and start - segments[-1][1] < bridge_s:
            segments[-1][1] = end
        else:
            segments.append([start, end])
    return [(round(float(a), 4), round(float(b), 4)) for a, b in segments if b - a >= least_s]
