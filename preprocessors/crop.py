"""Making an example fit a length without breaking a span.

Only audio is cut: whole frames are removed from the end of the longest spans, and every span
keeps its marks and at least one frame. An example that cannot fit is skipped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.preprocessors.splice import Span, SplicedExample
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["fit", "kept_steps"]


def fit(
    example: SplicedExample, max_length: int | None, vocabulary: AudioTextVocabulary
) -> SplicedExample | None:
    """The ids shortened to at most `max_length`, or None if that is impossible.

    None as `max_length` leaves everything as it is.
    """
    excess = 0 if max_length is None else len(example.ids) - max_length
    if excess <= 0:
        return example
    step = vocabulary.step
    steps = np.array([(s.end - s.start - 2) // step for s in example.spans], np.int64)
    kept_counts = kept_steps(steps, -(-excess // step))
    return None if kept_counts is None else _remove_steps(example, steps - kept_counts, step)


def kept_steps(steps: NDArray[np.int64], excess_steps: int) -> NDArray[np.int64] | None:
    """Steps [spans] that remain when `excess_steps` are removed; None if there are too few."""
    if excess_steps > np.maximum(steps - 1, 0).sum():
        return None
    return _level(steps, excess_steps)


def _level(steps: NDArray[np.int64], excess_steps: int) -> NDArray[np.int64]:
    """Steps that remain when `excess_steps` are cut from the longest: a common ceiling."""
    low, high = 1, int(steps.max())
    while low < high:
        middle = (low + high + 1) // 2
        if np.maximum(steps - middle, 0).sum() >= excess_steps:
            low = middle
        else:
            high = middle - 1
    kept_counts = np.minimum(steps, low)
    # Whole steps may remove a few too many: the first spans get them back.
    spare = int((steps - kept_counts).sum()) - excess_steps
    for number in np.flatnonzero(steps > kept_counts)[:spare]:
        kept_counts[number] += 1
    return kept_counts


def _remove_steps(
    example: SplicedExample, removed_steps: NDArray[np.int64], step: int
) -> SplicedExample:
    keep = np.ones(len(example.ids), np.bool_)
    spans = []
    shift = 0
    for span, steps in zip(example.spans, removed_steps.tolist(), strict=True):
        removed_ids = steps * step
        keep[span.end - 1 - removed_ids : span.end - 1] = False
        spans.append(Span(span.start - shift, span.end - shift - removed_ids, span.audio_id))
        shift += removed_ids
    return SplicedExample(example.ids[keep], example.roles[keep], tuple(spans))
