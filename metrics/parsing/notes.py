"""Notes and pitches: `C#4`, MIDI numbers, frequencies in Hz."""

from __future__ import annotations

import itertools
import math
import re

from audioflan_tasks.metrics.parsing.figures import Figure, figures_in, is_range
from audioflan_tasks.metrics.values import Note, ParsedAnswer, Status

__all__ = ["ACCIDENTAL", "NOTE_NAMES", "NO_WORD_BEFORE", "is_denied", "pitch_class", "read_note"]

NOTE_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_HAN = "\u3400-\u9fff"
# Chinese has no blanks between words: "音高是C4".
NO_WORD_BEFORE = rf"(?<![^\W_{_HAN}])"
ACCIDENTAL = r"(?:#|♯|b|♭|[\s-]?sharp|[\s-]?flat)?"
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1, "": 0}
# A blank before the octave only after "sharp" or "flat", or in a text that is nothing else:
# "a 4 second note" is no A4.
_WITH_OCTAVE = re.compile(
    rf"{NO_WORD_BEFORE}(?<!['’])([A-Ga-g])(?:([#♯b♭]?)|([\s-]?(?:sharp|flat))[\s_]?)(-?\d)"
    rf"(?![^\W{_HAN}]|:\d|\.\d)",
    re.IGNORECASE,
)
_SPACED = re.compile(rf"\A\W*([A-Ga-g])({ACCIDENTAL})[\s_]+(-?\d)\W*\Z", re.IGNORECASE)
_CLASS_ONLY = re.compile(rf"\A\W*(?:an? (?=[A-G]))?([A-Ga-g])((?i:{ACCIDENTAL}))\W*\Z")
_CLASS_IS = re.compile(
    rf"\b(?:note|pitch|tone)(?: class| name)?(?: is|:)?\s(?:an? )?([A-G])({ACCIDENTAL})\W*\Z"
)
_PITCH_WORDS = re.compile(
    r"(?:midi|pitch|note|number|value|key|音高|音符|编号)[^\d,;]{0,24}\Z", re.I
)
_HIGHEST = 127
_CHINESE_NAME = re.compile(r"(升|降)([A-Ga-g])")
_DENIAL = re.compile(
    r"(?:\b(?:not|neither|nor|rather than|instead of)|n['’]t|不是|而非|并非)"
    r"(?: in| be| the key of| an?)?\s*\Z",
    re.IGNORECASE,
)
_REACH = 40


def read_note(text: str) -> ParsedAnswer:
    """The one note: a name with octave, a MIDI number, or a frequency in Hz; else a bare name.

    A name and a number that disagree are ambiguous, and so are several notes.
    """
    text = _CHINESE_NAME.sub(lambda m: m[2] + ("#" if m[1] == "升" else "b"), text)
    names = [m for m in _WITH_OCTAVE.finditer(text) if not is_denied(text, m.start())]
    spaced = _SPACED.match(text)
    notes = {_note(m[1], m[2] or m[3] or "", m[4]) for m in names}
    notes |= {_note(spaced[1], spaced[2], spaced[3])} if spaced else set()
    figures = figures_in(_WITH_OCTAVE.sub(lambda m: "n" * len(m[0]), text))
    notes |= {_from_midi(number) for number in _midi_numbers(text, figures)}
    if not notes:
        hz = {round(69 + 12 * math.log2(f.value / 440)) for f in figures
              if f.unit in ("hz", "hertz", "赫兹") and f.value > 0}  # fmt: skip
        notes = {_from_midi(number) for number in hz if 0 <= number <= _HIGHEST}
    if len({note.midi for note in notes}) > 1:
        return ParsedAnswer(None, Status.AMBIGUOUS)
    if notes:
        return ParsedAnswer(notes.pop(), Status.OK)
    letter = _CLASS_ONLY.match(text) or _CLASS_IS.search(text)
    return (
        ParsedAnswer(_note(letter[1], letter[2], None), Status.OK)
        if letter
        else ParsedAnswer(None, Status.MALFORMED)
    )


def is_denied(text: str, start: int) -> bool:
    """Whether a denial stands right before a name that begins at `start`."""
    return bool(_DENIAL.search(text[max(0, start - _REACH) : start]))


def pitch_class(letter: str, accidental: str) -> int:
    """Semitones above C of a letter with its sharp or flat; -1 for Cb."""
    return _LETTERS[letter.upper()] + _SHIFTS[accidental.strip(" -").casefold()]


def _midi_numbers(text: str, figures: list[Figure]) -> set[int]:
    """MIDI numbers: those that are called pitch or note, else all bare ones."""
    whole = [
        f for f in figures if not f.unit and f.value == int(f.value) and 0 <= f.value <= _HIGHEST
    ]
    named = [f for f in whole if _PITCH_WORDS.search(text[max(0, f.start - 30) : f.start])]
    # "MIDI 62 or 63" names both.
    named += [
        b for a, b in itertools.pairwise(whole) if a in named and is_range(text[a.end : b.start])
    ]
    return {int(figure.value) for figure in named or whole}


def _note(letter: str, accidental: str, octave: str | None) -> Note:
    # Cb4 is B3: the octave is counted from the letter.
    number = pitch_class(letter, accidental)
    if octave is None:
        return Note(number % 12, None)
    # "C-1" is the lowest octave, "C-4" a hyphen.
    octave_number = int(octave) if int(octave) >= -2 else -int(octave)
    return Note(number % 12, octave_number + number // 12)


def _from_midi(number: int) -> Note:
    return Note(number % 12, number // 12 - 1)
