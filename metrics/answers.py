"""From answer text to values.

Canonical forms: numbers `12.5 dB`; times `0.52, 1.04` (seconds); intervals
`0.00-1.52 speaker 1; 1.70-3.10 speaker 2`; labels `bass, drums`; notes `C#4`; contours
`0.00 220.0; 0.10 221.5` (seconds, Hz, 0 is unvoiced). A reader returns None where the
text holds no such value; metrics score that worst and count it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AudioAnswer",
    "Interval",
    "contour",
    "intervals",
    "items",
    "label",
    "midi_number",
    "number",
    "times",
]

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"
_INTERVAL = re.compile(
    rf"^\s*({_NUMBER})\s*(?:s\b)?\s*(?:-|–|to)\s*({_NUMBER})\s*(?:s\b)?\s*[:,]?\s*(.*?)\s*$",
    re.IGNORECASE,
)
_NOTE = re.compile(r"^\s*([A-Ga-g])([#b♯♭]?)\s*(-?\d)\s*$")
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_LEAD_IN = re.compile(r"^[A-Za-z][\w' ]{0,60}:\s+")


class AudioAnswer(NamedTuple):
    """An answer that is audio: samples [n] float32 in [-1, 1] and their rate in Hz."""

    samples: NDArray[np.float32]
    sample_rate: int


class Interval(NamedTuple):
    """Start and end in seconds and what holds between them."""

    start: float
    end: float
    label: str


def label(text: str) -> str:
    """One label: without lead-in, quotes, final stop, case and doubled spaces."""
    bare = _LEAD_IN.sub("", text.strip())
    return " ".join(bare.strip(" .\"'`\n\t").casefold().split())


def items(text: str) -> tuple[str, ...]:
    """Items of a comma list, each as `label` gives it."""
    bare = _LEAD_IN.sub("", text.strip())
    return tuple(item for part in bare.split(",") if (item := label(part)))


def number(text: str) -> float | None:
    """The first number of a text: `about 12.5 dB` is 12.5."""
    found = re.search(_NUMBER, text)
    return float(found.group()) if found else None


def times(text: str) -> tuple[float, ...] | None:
    """Sorted times in seconds; `0.5s` is read as well."""
    found = re.findall(rf"(?<![\w.])({_NUMBER})\s*s?(?![\w])", text)
    return tuple(sorted(float(t) for t in found)) if found else None


def intervals(text: str) -> tuple[Interval, ...] | None:
    """Intervals in the order of the text; None when a part is no interval.

    The word "none" and an empty list are no intervals at all: ().
    """
    bare = _LEAD_IN.sub("", text.strip()).strip(" .")
    if bare.casefold() in ("", "none", "[]"):
        return () if bare else None
    result = []
    for part in bare.split(";"):
        if not part.strip():
            continue
        match = _INTERVAL.match(part)
        if match is None or float(match[2]) < float(match[1]) or float(match[1]) < 0:
            return None
        result.append(Interval(float(match[1]), float(match[2]), match[3]))
    return tuple(result)


def midi_number(text: str) -> int | None:
    """MIDI number of a note name: C4 is 60, Db4 and C#4 are 61."""
    match = _NOTE.match(_LEAD_IN.sub("", text.strip()).strip(" ."))
    if match is None:
        return None
    shift = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}[match[2]]
    return 12 * (int(match[3]) + 1) + _SEMITONES[match[1].upper()] + shift


def contour(text: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Times in seconds (rising) and frequencies in Hz, [n] each."""
    bare = _LEAD_IN.sub("", text.strip())
    pairs = [part.split() for part in bare.strip(" .").split(";") if part.strip()]
    try:
        rows = [(float(t), float(hz)) for t, hz in pairs]
    except ValueError:
        return None
    if not rows or any(hz < 0 or not np.isfinite(hz) for _, hz in rows):
        return None
    at, hz = np.array(sorted(rows)).T
    return (at, hz) if (np.diff(at) > 0).all() and at[0] >= 0 else None
