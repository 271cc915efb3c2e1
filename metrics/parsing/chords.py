"""Chord names as people write them, in the syntax of Harte et al. 2005.

`Am7`, `C(add9)`, `Gsus7`, `Bm7(b5)`, `C+7`, `F6/9`, `C/E` and "A minor over C" are known. A name is
a root, a quality, a number, changes and a bass, in this order; what is no such name is none.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["chord"]

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS = {"#": 1, "b": -1, "": 0}
_DEGREES = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")
_HARTE = re.compile(
    r"[A-G][#b]*:(?:[a-z]+\d{0,2}|\d{1,2})?(?:\([\d#b*,]+\))?(?:/[#b]*\d{1,2})?|[A-G][#b]*"
)
_NO_CHORD = frozenset(("n", "nc", "n.c.", "n.c", "no chord", "none", "silence"))
_ROOT = re.compile(r"([A-Ga-g])\s*(#|♯|b|♭|-?sharp\b|-?flat\b)?\s*:?\s*")
_BASS = re.compile(
    r"(?:(?<!6)/|/(?!9)|\bover\b)\s*(?:(?:an?|the)\s+)?(?:([A-G])\s*(#|♯|b|♭)?|([#b]?\d{1,2}))"
    r"(?:\s*(?:in the )?bass)?\s*\Z"
)
# "M" is major and "m" minor; words may have any case.
_QUALITY = re.compile(
    r"(?P<hdim>(?i:half[- ]?dim(?:inished)?|hdim)|m(?:in)?7\(?[b♭]5\)?|[øØ])"
    r"|(?P<min>(?i:minor|min|mi(?!a))|m(?!aj|a)|-)|(?P<maj>(?i:major|maj)|ma|M|[Δδ△])"
    r"|(?P<dim>(?i:dim(?:inished)?)|[°oº])|(?P<aug>(?i:aug(?:mented)?)|\+)"
    r"|(?P<dom>(?i:dom(?:inant)?))",
)
_MAJOR_SEVENTH = re.compile(r"\(?\s*(?:(?i:major|maj|ma)|M|[Δδ△])\s*(?=7|9|11|13)")
_NUMBER = re.compile(r"6/9|69|13|11|9|7|6|5|4|2")
_SUSPENDED = re.compile(r"sus(?:pended)?\s*(2|4)?", re.IGNORECASE)
_CHANGE = re.compile(r"(?:(add|no|omit)\s*)?([#♯b♭+-]?)(13|11|9|7|6|5|4|3|2)")
_ORDINALS = {"second": "2", "seconds": "2", "fourth": "4", "fifth": "5", "sixth": "6",
             "seventh": "7", "ninth": "9", "eleventh": "11", "thirteenth": "13"}  # fmt: skip
_ORDINAL = re.compile(rf"[\s-]{{0,3}}\b({'|'.join(_ORDINALS)})\b", re.IGNORECASE)
_ORDINAL_ENDING = re.compile(r"(?<=\d)(?:th|nd)\b")
_CHINESE_QUALITIES = {"大": "major", "小": "minor", "减": "dim", "增": "aug", "属": "dom"}
_CHINESE = re.compile(r"([A-G][#b♯♭]?)(大|小|减|增|属)[调三]?(七)?和?弦?")
_MOST_CHARS = 60
_MOST_WORDS = 5

# What a number adds to a triad: (quality in Harte's shorthand, degrees beside it).
_WITH_NUMBER = {
    "": {"": "maj", "6": "maj6", "7": "7", "9": "9", "11": "11", "13": "13", "69": "maj6(9)",
         "5": "5", "4": "sus4", "2": "maj(9)"},
    "dom": {"": "7", "7": "7", "9": "9", "11": "11", "13": "13"},
    "maj": {"": "maj", "6": "maj6", "7": "maj7", "9": "maj9", "11": "maj9(11)", "13": "maj13",
            "69": "maj6(9)"},
    "min": {"": "min", "6": "min6", "7": "min7", "9": "min9", "11": "min11", "13": "min13",
            "69": "min6(9)"},
    "minmaj": {"7": "minmaj7", "9": "minmaj7(9)", "11": "minmaj7(9,11)", "13": "minmaj7(9,13)"},
    "dim": {"": "dim", "7": "dim7", "9": "dim7(9)"},
    "hdim": {"": "hdim7", "7": "hdim7", "9": "hdim7(9)", "11": "hdim7(9,11)"},
    "aug": {"": "aug", "7": "aug(b7)", "9": "aug(b7,9)"},
    "augmaj": {"7": "aug(7)", "9": "aug(7,9)"},
    "sus4": {"": "sus4", "6": "sus4(6)", "7": "sus4(b7)", "9": "sus4(b7,9)",
             "11": "sus4(b7,9)", "13": "sus4(b7,9,13)"},
    "sus2": {"": "sus2", "6": "sus2(6)", "7": "sus2(b7)", "9": "sus2(b7)"},
    "majsus4": {"7": "sus4(7)", "9": "sus4(7,9)"},
}  # fmt: skip
# A changed fifth that makes another triad.
_CHANGED_FIFTH = {
    ("min7", "b5"): "hdim7", ("min", "b5"): "dim", ("maj", "#5"): "aug", ("7", "#5"): "aug(b7)",
    ("maj7", "#5"): "aug(7)", ("9", "#5"): "aug(b7,9)",
}  # fmt: skip


@lru_cache(maxsize=16384)
def chord(text: str) -> str:
    """A chord label in Harte's syntax, `N` for no chord, `X` for one that has no name.

    Of several words the last count: "the chords are G major". A text that is no chord stays as
    it is.
    """
    plain = _CHINESE.sub(_in_english, text[:_MOST_CHARS]).strip(" .\"'")
    if plain.casefold() in _NO_CHORD:
        return "N"
    if plain in ("X", "x") or _HARTE.fullmatch(plain):
        return plain.upper() if len(plain) == 1 and plain in "Xx" else _with_quality(plain)
    words = plain.split()
    tails = [plain, *(" ".join(words[-n:]) for n in range(min(_MOST_WORDS, len(words) - 1), 0, -1))]
    # In a sentence a small letter begins a word.
    names = (_name(tail) for tail in tails if tail is plain or tail[0].isupper())
    return next((name for name in names if name), text)


def _in_english(chord_name: re.Match[str]) -> str:
    """ "C minor" for "C小三和弦"."""
    root, quality, seventh = chord_name.groups()
    return f"{root} {_CHINESE_QUALITIES[quality]}{'7' if seventh else ''}"


def _with_quality(label: str) -> str:
    """A label of Harte's with the quality written out: `C` is `C:maj`."""
    return label if ":" in label else f"{label}:maj"


def _name(text: str) -> str:
    """A chord in Harte's syntax; "" where the text is none."""
    body = text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text
    if _ROOT.match(body) is None:
        return ""
    bass = _BASS.search(body)
    body = body[: bass.start()].rstrip() if bass else body
    match = _ROOT.match(body)
    if match is None:
        return ""
    root = match[1].upper() + _sign(match[2])
    quality = _quality(_digits(body[match.end() :]))
    if not quality:
        return ""
    return f"{root}:{quality}{_bass(root, bass)}"


def _digits(text: str) -> str:
    text = _ORDINAL.sub(lambda match: _ORDINALS[match[1].casefold()], text)
    return _ORDINAL_ENDING.sub("", text).strip()


def _quality(text: str) -> str:
    """Harte's shorthand with degrees, of what stands after the root; "" where it is none."""
    match = _QUALITY.match(text)
    kind = (match.lastgroup or "") if match else ""
    suffix = text[match.end() :].lstrip() if match else text
    major = _MAJOR_SEVENTH.match(suffix)
    if major and kind in ("min", "aug", ""):
        kind, suffix = kind + "maj", suffix[major.end() :]
    number, suffix = _prefix_of(_NUMBER, suffix)
    suspended = _SUSPENDED.match(suffix.lstrip(" ("))
    if suspended:
        suffix = suffix.lstrip(" (")[suspended.end() :]
        kind = ("maj" if kind == "maj" and number else "") + f"sus{suspended[1] or 4}"
        number, suffix = (number, suffix) if number else _prefix_of(_NUMBER, suffix)
    quality = _WITH_NUMBER.get(kind, {}).get(number.replace("/", ""), "")
    return _with_changes(quality, suffix) if quality else ""


def _prefix_of(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    match = pattern.match(text)
    return (match[0], text[match.end() :]) if match else ("", text)


def _with_changes(quality: str, text: str) -> str:
    """A quality with what is added, left out and changed; "" where the text says other things."""
    shorthand, _, inside = quality.partition("(")
    degrees = [d for d in inside.rstrip(")").split(",") if d]
    changes = list(_CHANGE.finditer(text))
    if re.sub(r"[\s(),/]+", "", _CHANGE.sub("", text)):
        return ""
    for change in changes:
        word, degree = change[1], _sign(change[2]) + change[3]
        if word in ("no", "omit"):
            degrees.append(f"*{change[3]}")
        elif (shorthand, degree) in _CHANGED_FIFTH and not degrees:
            shorthand, _, more = _CHANGED_FIFTH[shorthand, degree].partition("(")
            degrees = [d for d in more.rstrip(")").split(",") if d]
        else:
            octave = {"2": "9", "4": "11"}.get(change[3], change[3])
            degrees += ["*5"] if degree in ("b5", "#5") else []
            degrees.append(_sign(change[2]) + octave)
    return shorthand + (f"({','.join(degrees)})" if degrees else "")


def _bass(root: str, match: re.Match[str] | None) -> str:
    """The bass as a degree over the root; "" where it is the root itself."""
    if match is None:
        return ""
    if match[3]:
        return f"/{match[3]}"
    interval = (_pitch(match[1] + _sign(match[2])) - _pitch(root)) % 12
    return f"/{_DEGREES[interval]}" if interval else ""


def _pitch(note: str) -> int:
    return _LETTERS[note[0]] + sum(_SHIFTS[sign] for sign in note[1:])


def _sign(accidental: str | None) -> str:
    bare = (accidental or "").strip(" -").casefold()
    return {"♯": "#", "sharp": "#", "+": "#", "♭": "b", "flat": "b"}.get(
        bare, "b" if accidental == "-" else bare
    )
