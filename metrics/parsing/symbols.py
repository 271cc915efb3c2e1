"""Notes, keys, progressions, melody contours.

Canonical forms: `C#4`; `C# major` with sharps; `ii-V-I`; `0.00 220.0; 0.10 221.5`
(seconds, Hz, 0 where unvoiced).
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from audioflan_tasks.metrics.parsing.clean import literal
from audioflan_tasks.metrics.parsing.seconds import MAX_ITEMS
from audioflan_tasks.metrics.values import Contour, Note, ParsedAnswer, Status

__all__ = ["NOTE_NAMES", "read_contour", "read_key", "read_note", "read_progression"]

NOTE_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1, "": 0}
_ACCIDENTAL = r"(?:#|♯|b|♭|[\s-]?sharp|[\s-]?flat)?"
_WITH_OCTAVE = re.compile(rf"(?<![^\W_])([A-Ga-g])({_ACCIDENTAL})[\s_]?(-?\d)(?!\w|:|\.\d)")
_CLASS_ONLY = re.compile(rf"\A\W*([A-Ga-g])({_ACCIDENTAL})\W*\Z")
_MIDI = re.compile(r"\bmidi\b\D{0,12}(\d{1,3})\b|\A\s*(\d{1,3})\s*\.?\s*\Z", re.IGNORECASE)
_HZ = re.compile(r"(\d{1,5}(?:\.\d+)?)\s?Hz\b", re.IGNORECASE)
# Modes as `mir_eval` takes them: two are names of major and minor, the others stay.
_MODES = {"ionian": "major", "aeolian": "minor", **{m: m for m in (
    "dorian", "phrygian", "lydian", "mixolydian", "locrian")}}  # fmt: skip
_KEY = re.compile(
    rf"(?<![^\W_])([A-Ga-g])({_ACCIDENTAL})[\s-]*(:?\s*(?:natural |harmonic |melodic )?"
    rf"(?:major|minor|maj|min|dur|moll|{'|'.join(_MODES)})\b|大调|小调|M\b|m\b)",
    re.IGNORECASE,
)
_OTHER_MODE = re.compile(rf"\A\W*([A-G])({_ACCIDENTAL})[\s-]+other\W*\Z")
_NO_KEY = frozenset(("x", "no key", "atonal"))
_MINOR_BY_CASE = re.compile(rf"\A\W*([A-G])({_ACCIDENTAL})(m?)\W*\Z")
_IN_KEY = re.compile(
    rf"\b(?:[Ii]n|[Kk]ey)\s+(?:is\s+|of\s+|the\s+key\s+of\s+)?([A-G])({_ACCIDENTAL})(m?)(?!\w)"
)
_NUMERAL = re.compile(
    r"(?<![A-Za-z])([b#♭♯]?)(VII|VI|IV|III|II|I|V|vii|vi|iv|iii|ii|i|v)"
    r"(maj7|maj|°7|°|o7|ø7|ø|\+|sus[24]?|add\d|dim7?|aug|[79])?(?:/[b#]?(?:[ivIV]+|\d))?(?![A-Za-z])"
)
_SEPARATORS = re.compile(r"[\s,;|/→>\-–—.·:\[\]()\"']+")
_PAIR = re.compile(
    r"(?<![\w.])(\d+(?:\.\d*)?|\.\d+)\s?s?\s*(?:[:,@=\t ]|\bat\b|->|→)\s*"
    r"(?:(\d+(?:\.\d*)?)(?:\s?Hz)?(?![\w])|([A-Ga-g][#b♯♭]?-?\d)(?!\w)|(unvoiced|rest|none|-))",
    re.IGNORECASE,
)


def read_note(text: str) -> ParsedAnswer:
    """The one note: a name with octave, a MIDI number, or a frequency in Hz; else a bare name."""
    notes = {_note(m[1], m[2], m[3]) for m in _WITH_OCTAVE.finditer(text)}
    if len(notes) > 1 and len({n.midi for n in notes}) > 1:
        return ParsedAnswer(None, Status.AMBIGUOUS)
    if notes:
        return ParsedAnswer(notes.pop(), Status.OK)
    midi = _MIDI.search(text)
    if midi:
        return _from_midi(int(midi[1] or midi[2]))
    frequencies = {float(m[1]) for m in _HZ.finditer(text)}
    if len(frequencies) == 1:
        hz = frequencies.pop()
        return _from_midi(round(69 + 12 * math.log2(hz / 440))) if hz > 0 else _malformed_answer()
    letter = _CLASS_ONLY.match(text)
    return (
        ParsedAnswer(_note(letter[1], letter[2], None), Status.OK)
        if letter
        else _malformed_answer()
    )


def read_key(text: str) -> ParsedAnswer:
    """The one key, with sharps: `Db major`, `C# maj` and `Des-Dur`'s English are one.

    Modes are keys as well (`D dorian`), and `X` is a piece without one.
    """
    if text.strip(" .").casefold() in _NO_KEY:
        return ParsedAnswer("X", Status.OK)
    other = _OTHER_MODE.match(text)
    if other:
        return ParsedAnswer(f"{NOTE_NAMES[_pitch_class(other[1], other[2]) % 12]} other", Status.OK)
    keys = {_key(m[1], m[2], m[3]) for m in _KEY.finditer(text)}
    if len(keys) == 1:
        return ParsedAnswer(keys.pop(), Status.OK)
    if len(keys) > 1:
        return ParsedAnswer(None, Status.AMBIGUOUS)
    letter = _MINOR_BY_CASE.match(text) or _IN_KEY.search(text)
    return (
        ParsedAnswer(_key(letter[1], letter[2], letter[3] or "M"), Status.OK)
        if letter
        else _malformed_answer()
    )


def read_progression(text: str) -> ParsedAnswer:
    """Roman numerals in order; upper and lower case differ."""
    numerals = tuple(
        (m[1].replace("♭", "b").replace("♯", "#") + m[2] + (m[3] or "").replace("o7", "°7"))
        for m in _NUMERAL.finditer(text[:20_000])
    )
    leftover = _SEPARATORS.sub("", _NUMERAL.sub("", text))
    # In a sentence "I" is a word: only numerals in a row of two or more count there.
    if numerals and (len(leftover) <= 2 or len(numerals) > 1):
        if len(leftover) > 2:
            run = max(_runs(text), key=len, default="")
            numerals = tuple(m[0] for m in _NUMERAL.finditer(run))
        if numerals:
            return ParsedAnswer(numerals, Status.OK)
    return _malformed_answer()


def read_contour(text: str) -> ParsedAnswer:
    """Times with frequencies in Hz or note names; one time has one frequency."""
    rows = _contour_literal(literal(text)) or _contour_text(text)
    if not rows or len(rows) > MAX_ITEMS:
        return _malformed_answer()
    times, hz = np.array(sorted(set(rows)), np.float64).T
    fine = np.isfinite(hz).all() and (hz >= 0).all() and (hz < 50_000).all() and times[0] >= 0
    if not fine or (np.diff(times) <= 0).any():
        return _malformed_answer()
    return ParsedAnswer(Contour(times, hz), Status.OK)


def _malformed_answer() -> ParsedAnswer:
    return ParsedAnswer(None, Status.MALFORMED)


def _sign(accidental: str | None) -> str:
    bare = (accidental or "").strip(" -").casefold()
    return {"♯": "#", "sharp": "#", "♭": "b", "flat": "b"}.get(bare, bare)


def _pitch_class(letter: str, accidental: str) -> int:
    return _LETTERS[letter.upper()] + _SHIFTS[_sign(accidental)]


def _note(letter: str, accidental: str, octave: str | None) -> Note:
    # Cb4 is B3: the octave is counted from the letter.
    number = _pitch_class(letter, accidental)
    if octave is None:
        return Note(number % 12, None)
    # "C-1" is the lowest octave, "C-4" a hyphen.
    octave_number = int(octave) if int(octave) >= -2 else -int(octave)
    return Note(number % 12, octave_number + number // 12)


def _from_midi(number: int) -> ParsedAnswer:
    if not 0 <= number <= 127:
        return _malformed_answer()
    return ParsedAnswer(Note(number % 12, number // 12 - 1), Status.OK)


def _key(letter: str, accidental: str, mode: str) -> str:
    plain = mode.strip(" :").rpartition(" ")[2]
    is_minor = plain == "m" or plain.casefold().startswith(("min", "moll")) or plain == "小调"
    name = _MODES.get(plain.casefold(), "minor" if is_minor else "major")
    return f"{NOTE_NAMES[_pitch_class(letter, accidental) % 12]} {name}"


def _runs(text: str) -> list[str]:
    """Stretches of the text that hold numerals and separators only."""
    runs, start, end = [], -1, -1
    for match in _NUMERAL.finditer(text):
        if start >= 0 and _SEPARATORS.fullmatch(text[end : match.start()]):
            end = match.end()
            continue
        if start >= 0:
            runs.append(text[start:end])
        start, end = match.span()
    return [*runs, text[start:end]] if start >= 0 else runs


def _contour_literal(value: Any) -> list[tuple[float, float]]:
    if not isinstance(value, list | tuple):
        return []
    rows = []
    for item in value[: MAX_ITEMS + 1]:
        if not isinstance(item, list | tuple) or len(item) != 2:
            return []
        seconds, hz = _float(item[0]), _hertz(item[1])
        if seconds is None or hz is None:
            return []
        rows.append((seconds, hz))
    return rows


def _contour_text(text: str) -> list[tuple[float, float]]:
    rows = []
    for match in _PAIR.finditer(text):
        hz = 0.0 if match[4] else _hertz(match[2] or match[3])
        if hz is not None:
            rows.append((float(match[1]), hz))
    return rows


def _float(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number < 1e6 else None


def _hertz(value: Any) -> float | None:
    number = _float(value)
    if number is not None or not isinstance(value, str):
        return number
    midi = read_note(value).value
    if not isinstance(midi, Note) or midi.midi is None:
        return None
    return float(440.0 * 2.0 ** ((midi.midi - 69) / 12))
