"""Keys: `C# minor` with sharps, modes (`D dorian`, `D other`), `X` for a piece without one.

A tonic is a letter before a mode. "A" and "a" are articles where a noun follows the mode ("a minor
key"), and so is no tonic in "I am". A tonic alone is major, whatever its case: models write small
letters for any key.
"""

from __future__ import annotations

import re

from audioflan_tasks.metrics.parsing.notes import (
    ACCIDENTAL,
    NO_WORD_BEFORE,
    NOTE_NAMES,
    is_denied,
    pitch_class,
)
from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.vocabularies import word_set

__all__ = ["read_key"]

# Modes as `mir_eval` takes them: two are names of major and minor, the others stay.
_MODES = {"ionian": "major", "aeolian": "minor", **{m: m for m in (
    "dorian", "phrygian", "lydian", "mixolydian", "locrian")}}  # fmt: skip
_MODE_NAMES = {**_MODES, "other": "other"}
_MODE = (
    rf"(?i:(?:natural |harmonic |melodic )?(?:major|minor|maj|min|dur|moll|{'|'.join(_MODES)})\b)"
)
_KEY = re.compile(
    rf"{NO_WORD_BEFORE}(?<!['’])([A-Ga-g])((?i:{ACCIDENTAL}))[\s-]*(:?\s*{_MODE}|大调|小调)"
    rf"|{NO_WORD_BEFORE}([A-G])([#♯b♭]?)(m)(?!\w|\s+I\b)"
    r"|(升|降)([A-Ga-g])(大调|小调)"
)
_ABBREVIATED = re.compile(r"\A\W*([A-Ga-g])([#♯b♭]?)(m)\W*\Z")
_TONIC = re.compile(rf"\A\W*([A-Ga-g])((?i:{ACCIDENTAL}))\W*\Z")
_IN_KEY = re.compile(
    rf"\b(?:[Ii]n|[Kk]ey|is|it['’]s)(?:\s+|\s*[=:]\s*[\"'“]?)(?:is\s+|of\s+|the\s+key\s+of\s+)?([B-G]|A(?=(?i:{ACCIDENTAL})\W*\Z))"
    rf"((?i:{ACCIDENTAL}))(?!\w|['’])(?=\W|\Z)"
)
# {"tonic": "A", "mode": "minor"}
_PARTS = re.compile(
    rf"\b(?i:tonic|key|root)\W{{1,4}}([A-Ga-g])((?i:{ACCIDENTAL}))\W{{1,4}}"
    rf"(?i:mode|scale|quality|type)\W{{1,4}}({_MODE})"
)
_IS_END = re.compile(r"\W*\Z|[.,;]")
# A tonic whose mode is neither, as key annotations of the field have it: "D other".
_OTHER_MODE = re.compile(rf"\A\W*([A-Ga-g])((?i:{ACCIDENTAL}))\s*:?\s*(?i:other|unknown)\W*\Z")
_NO_KEY = frozenset(("x", "no key", "atonal"))
# What may follow "a minor" that is the key: no noun.
_NO_NOUN = word_set("and or but with because since as which in for at on here i it is")
_NEXT = re.compile(r"\s+([^\W\d_]+)")
_WORD = re.compile(r"[^\W_]")
_SENTENCE_START = re.compile(r"[.!?\n][\W_]*\Z")
_REACH = 40
_RELATIVE = re.compile(
    r"\brelative (?:(?:(?:major|minor)(?: key)?(?: of| is|:)?)|of)\s*\Z", re.IGNORECASE
)
_ASIDE = re.compile(
    r"\bwould be(?: in)?\s*\Z|(?:\b(?:although|though|while|despite)\b|虽然|尽管)[^,.;，。；]*\Z",
    re.IGNORECASE,
)


def read_key(text: str, body: str = "") -> ParsedAnswer:
    """The one key, with sharps: `Db major`, `C# maj` and `Des-Dur`'s English are one.

    `body` is the answer without its lead-in, for a tonic that stands alone.
    """
    body = body or text
    text = _PARTS.sub(r"\1\2 \3", text)
    if body.strip(" .").casefold() in _NO_KEY:
        return ParsedAnswer("X", Status.OK)
    matches = [
        m for m in _KEY.finditer(text) if not _is_article(text, m) and not _is_beside(text, m)
    ]
    matches = [m for m in matches if not _is_aside(text, m)] or matches
    keys = list(dict.fromkeys(map(_key, matches)))
    if len(keys) > 1 and _stands_alone(text, matches[0]):
        keys = keys[:1]
    if len(keys) > 1:
        return ParsedAnswer(None, Status.AMBIGUOUS)
    if keys:
        return ParsedAnswer(keys[0], Status.OK)
    other = _OTHER_MODE.match(body)
    if other is not None:
        return ParsedAnswer(_name(other[1], other[2], "other"), Status.OK)
    letter = _ABBREVIATED.match(body) or _TONIC.match(body) or _last_tonic(text)
    if letter is None:
        return ParsedAnswer(None, Status.MALFORMED)
    mode = "minor" if letter.re is _ABBREVIATED else "major"
    return ParsedAnswer(_name(letter[1], letter[2], mode), Status.OK)


def _last_tonic(text: str) -> re.Match[str] | None:
    """The tonic of "the song is in F." at the end of a clause."""
    tonic = _IN_KEY.search(text)
    return tonic if tonic is not None and _IS_END.match(text, tonic.end()) else None


def _is_article(text: str, match: re.Match[str]) -> bool:
    """Whether the tonic is the article of a noun: "a minor key", or "A major third" that begins."""
    if match[1] not in ("a", "A") or match[2]:
        return False
    word = _NEXT.match(text, match.end())
    if word is None or word[1].casefold() in _NO_NOUN:
        return False
    context = text[max(0, match.start() - _REACH) : match.start()]
    is_start = match.start() < _REACH and not _WORD.search(context)
    return match[1] == "a" or is_start or bool(_SENTENCE_START.search(context))


def _is_beside(text: str, match: re.Match[str]) -> bool:
    """Whether a key is denied, or only the relative of another."""
    context = text[max(0, match.start() - _REACH) : match.start()]
    return bool(_RELATIVE.search(context)) or is_denied(text, match.start())


def _is_aside(text: str, match: re.Match[str]) -> bool:
    """Whether a key is only one that "would be", or stands after "although"."""
    return bool(_ASIDE.search(text[max(0, match.start() - _REACH) : match.start()]))


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Whether a key is the whole first sentence."""
    return not text[: match.start()].strip(" *\"'(") and text[match.end() :].startswith((".", "\n"))


def _key(match: re.Match[str]) -> str:
    if match[8]:
        return _name(match[8], "#" if match[7] == "升" else "b", match[9])
    return _name(match[1] or match[4], match[2] or match[5] or "", match[3] or match[6])


def _name(letter: str, accidental: str, mode: str) -> str:
    plain = mode.strip(" :").rpartition(" ")[2].casefold()
    is_minor = plain == "m" or plain.startswith(("min", "moll")) or plain == "小调"
    name = _MODE_NAMES.get(plain, "minor" if is_minor else "major")
    return f"{NOTE_NAMES[pitch_class(letter, accidental) % 12]} {name}"
