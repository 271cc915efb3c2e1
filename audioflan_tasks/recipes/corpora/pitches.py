"""Names of notes and keys as answers have them: `C#4`, `A# minor`."""

from __future__ import annotations

import math
import re
from types import MappingProxyType

__all__ = ["key_name", "note_name", "note_of_hz"]

_NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_STEPS = MappingProxyType({"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1})
_KEY = re.compile(r"\s*([A-Ga-g])([#♯b♭]?)[\s:_-]*(maj|min)(?:or)?\s*", re.I)
# A4 is note 69 and has 440 Hz.
_A4, _A4_HZ = 69, 440.0


def note_name(number: int) -> str:
    """The name of a MIDI number: C4 is 60."""
    return f"{_NOTES[number % 12]}{number // 12 - 1}"


def note_of_hz(frequency: float) -> str:
    """The name of the nearest note."""
    return note_name(round(_A4 + 12 * math.log2(frequency / _A4_HZ)))


def key_name(text: str) -> str:
    """`Bbmin`, `A# minor` and `a#:min` are `A# minor`; "" for what is no key or several."""
    match = _KEY.fullmatch(text)
    if match is None:
        return ""
    tonic = (_NOTES.index(match[1].upper()) + _STEPS[match[2]]) % 12
    return f"{_NOTES[tonic]} {match[3].lower()}or"
