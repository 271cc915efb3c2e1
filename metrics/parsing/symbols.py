"""Notes, keys, chords, progressions, melody contours.

Canonical forms: `C#4`; `C# major` with sharps; `0.00-2.00 C:maj` in the syntax of Harte et
al. 2005; `ii-V-I`; `0.00 220.0; 0.10 221.5` (seconds, Hz, 0 where unvoiced).
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from audioflan_tasks.metrics.parsing.clean import literal
from audioflan_tasks.metrics.parsing.seconds import MAX_ITEMS
from audioflan_tasks.metrics.values import Contour, Note, ParsedAnswer, Status

__all__ = ["NOTE_NAMES", "chord", "read_contour", "read_key", "read_note", "read_progression"]

_CHORD = re.compile(r"\A\(?\s*([A-Ga-g])\s*(#|♯|b|♭|sharp|flat)?\s*:?\s*(.*?)(?:/\S+)?\s*\)?\Z")
_QUALITIES = {
    "": "maj", "maj": "maj", "major": "maj", "m": "min", "min": "min", "minor": "min", "-": "min",
    "7": "7", "dom7": "7", "dominant 7": "7", "dominant 7th": "7", "maj7": "maj7",
    "major 7": "maj7", "major 7th": "maj7", "δ": "maj7", "δ7": "maj7", "m7": "min7",
    "min7": "min7", "-7": "min7",
    "minor 7": "min7", "minor 7th": "min7", "dim": "dim", "diminished": "dim", "o": "dim",
    "°": "dim", "dim7": "dim7", "o7": "dim7", "°7": "dim7", "aug": "aug", "augmented": "aug",
    "+": "aug",
    "hdim7": "hdim7", "ø": "hdim7", "ø7": "hdim7", "m7b5": "hdim7", "sus2": "sus2", "sus4": "sus4",
    "sus": "sus4", "6": "maj6", "maj6": "maj6", "m6": "min6", "min6": "min6", "9": "9",
    "maj9": "maj9", "m9": "min9", "min9": "min9", "minmaj7": "minmaj7", "mmaj7": "minmaj7",
    "add9": "maj(9)",
}  # fmt: skip
_HARTE = re.compile(r"[A-G][#b]*:(?:[a-z]+\d{0,2}|\d{1,2})(?:\([\d#b*,]+\))?(?:/[#b]*\d{1,2})?")
_NO_CHORD = frozenset(("n", "nc", "n.c.", "n.c", "no chord", "none", "silence"))
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


def chord(text: str) -> str:
    """A chord label in Harte's syntax; `X` where it is none that is known, `N` for no chord.

    Of several words the last count: "the chords are G major".
    """
    words = text.split()
    tries = (" ".join(words[-n:]) for n in dict.fromkeys((len(words), 2, 1)) if n)
    return next((label for part in tries if (label := _chord(part)) != "X"), "X")


def _chord(text: str) -> str:
    plain = text.strip(" .\"'")
    if plain.casefold() in _NO_CHORD:
        return "N"
    if _HARTE.fullmatch(plain):
        return plain
    match = _CHORD.match(plain)
    if match is None:
        return "X"
    root = match[1].upper() + {"#": "#", "b": "b"}.get(_sign(match[2]), "")
    # "CM7" and "Cm7" differ in case alone.
    kind = re.sub(r"\AM(?=\d|\Z)", "maj", match[3].strip()).replace("Δ", "δ")
    quality = _QUALITIES.get(kind.casefold().replace("seventh", "7"))
    return f"{root}:{quality}" if quality else "X"


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
    """Times with frequencies in Hz or note names; times must differ."""
    rows = _contour_literal(literal(text)) or _contour_text(text)
    if not rows or len(rows) > MAX_ITEMS:
        return _malformed_answer()
    times, hz = np.array(sorted(rows), np.float64).T
    fine = np.isfinite(hz).all() and (hz >= 0).all() and (hz < 50_000).all() and times[0] >= 0
    if not fine or (np.diff(times) <= 0).any():
        return _malformed_answer()
    return ParsedAnswer(Contour(times, hz), Status.OK)


def _malformed_answer() -> ParsedAnswer:
    return ParsedAnswer(None, Status.MALFORMED)


def _sign(accidental: str | None) -> str:
    bare = (accidental or "").strip(" -").casefold()
    return {"♯": "#", "sharp": "#", "♭": "b", "flat": "b"}.get(bare, bare)


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
