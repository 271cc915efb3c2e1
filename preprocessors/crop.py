"""Making an example fit a length without breaking a span.

Audio gives way, text does not: whole frames go from the end of the longest spans, every
span keeps its marks and at least one frame. What cannot fit is skipped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.preprocessors.splice import Span, Spliced
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["fit", "kept_steps"]


def fit(
    spliced: Spliced, max_length: int | None, vocabulary: AudioTextVocabulary
) -> Spliced | None:
    """The ids shortened to at most `max_length`, or None if that is impossible.

    None as `max_length` leaves everything as it is.
    """
    excess = 0 if max_length is None else len(spliced.ids) - max_length
    if excess <= 0:
        return spliced
    step = vocabulary.step
    steps = np.array([(s.end - s.start - 2) // step for s in spliced.spans], np.int64)
    kept = kept_steps(steps, -(-excess // step))
    return None if kept is None else _cropped(spliced, steps - kept, step)


def kept_steps(steps: NDArray[np.int64], needed: int) -> NDArray[np.int64] | None:
    """Steps [spans] that stay in each span when `needed` are taken away, or None if too few are."""
    if needed > np.maximum(steps - 1, 0).sum():
        return None
    return _kept(steps, needed)


def _kept(steps: NDArray[np.int64], needed: int) -> NDArray[np.int64]:
    """Steps left in each span when `needed` are taken from the longest: a common ceiling."""
    low, high = 1, int(steps.max())
    while low < high:
        middle = (low + high + 1) // 2
        if np.maximum(steps - middle, 0).sum() >= needed:
            low = middle
        else:
            high = middle - 1
    kept = np.minimum(steps, low)
    # Integer steps may take a few too many: give them back from the front.
    spare = int((steps - kept).sum()) - needed
    for number in np.flatnonzero(steps > kept)[:spare]:
        kept[number] += 1
    return kept


def _cropped(spliced: Spliced, taken: NDArray[np.int64], step: int) -> Spliced:
    keep = np.ones(len(spliced.ids), np.bool_)
    spans = []
    shift = 0
    for span, steps in zip(spliced.spans, taken.tolist(), strict=True):
        gone = steps * step
        keep[span.end - 1 - gone : span.end - 1] = False
        spans.append(Span(span.start - shift, span.end - shift - gone, span.audio_id))
        shift += gone
    return Spliced(spliced.ids[keep], spliced.roles[keep], tuple(spans))
