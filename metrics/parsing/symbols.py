"""Progressions and melody contours.

Canonical forms: `ii-V-I`; `0.00 220.0; 0.10 221.5`
(seconds, Hz, 0 where unvoiced).
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from audioflan_tasks.metrics.parsing.clean import literal, table_rows
from audioflan_tasks.metrics.parsing.notes import read_note
from audioflan_tasks.metrics.parsing.seconds import MAX_ITEMS
from audioflan_tasks.metrics.values import Contour, Note, ParsedAnswer, Status

__all__ = ["read_contour", "read_progression"]

# Modes as `mir_eval` takes them: two are names of major and minor, the others stay.
_NUMERAL = re.compile(
    r"(?<![A-Za-z])([b#♭♯]?)(VII|VI|IV|III|II|I|V|vii|vi|iv|iii|ii|i|v)"
    r"(maj7|maj|°7|°|o7|ø7|ø|\+|sus[24]?|add\d|dim7?|aug|[79])?(?:/[b#]?(?:[ivIV]{1,4}|\d))?(?![A-Za-z])"
)
# Keys of a point of a contour: its time, its frequency.
_KEYS = (("time", "t", "start", "onset"), ("frequency", "f0", "hz", "pitch", "freq"))
_MOST_HZ = 1e6
_SEPARATORS = re.compile(r"[\s,;、，；|/→>\-–—.·:\[\]()\"']+")
_PAIR = re.compile(
    r"(?<![\w.])(\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})\s?s?\s*"
    r"(?:[:,@=\t ]|\bat\b|->|→|[-–—](?=\s+\d))\s*"
    r"(?:(\d{1,12}(?:\.\d{0,12})?)(?:\s?Hz)?(?![\w])|([A-Ga-g][#b♯♭]?-?\d)(?!\w)|(unvoiced|rest|none|-(?!\s*\d)))",
    re.IGNORECASE,
)


def read_progression(text: str) -> ParsedAnswer:
    """Roman numerals in order; upper and lower case differ."""
    numerals = tuple(
        (m[1].replace("♭", "b").replace("♯", "#") + m[2] + (m[3] or "").replace("o7", "°7"))
        for m in _NUMERAL.finditer(text)
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
    body = "\n".join("\t".join(cells) for cells in table_rows(text)[1:]) or text
    rows = _contour_literal(literal(body)) or _contour_text(body)
    if not rows or len(rows) > MAX_ITEMS:
        return _malformed_answer()
    times, hz = np.array(sorted(set(rows)), np.float64).T
    fine = np.isfinite(hz).all() and (hz >= 0).all() and (hz < 50_000).all() and times[0] >= 0
    if not fine or (np.diff(times) <= 0).any():
        return _malformed_answer()
    return ParsedAnswer(Contour(times, hz), Status.OK)


def _malformed_answer() -> ParsedAnswer:
    return ParsedAnswer(None, Status.MALFORMED)


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
        if isinstance(item, Mapping):
            item = [item.get(next(filter(item.get, names), names[0])) for names in _KEYS]
        if not isinstance(item, list | tuple) or len(item) != 2:
            return []
        seconds, hz = _float(item[0]), _hertz(item[1])
        if seconds is None or hz is None:
            return []
        rows.append((seconds, hz))
    return rows


def _contour_text(text: str) -> list[tuple[float, float]]:
    rows = []
    for match in itertools.islice(_PAIR.finditer(text), MAX_ITEMS + 1):
        number, note, unvoiced = match.group(2, 3, 4)
        hz = float(number) if number else 0.0 if unvoiced else _hertz(note)
        if hz is not None and hz < _MOST_HZ:
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
