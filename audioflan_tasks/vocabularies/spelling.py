"""Spellings of one label: what is equal for a careful reader, and how a label is spelt.

Case, accents, blanks, hyphens and underscores do not matter to a name. They matter to a list of
options, in which all names must be spelt alike.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from audioflan_tasks.vocabularies.scripts import INVISIBLE, MARKS, ONE_APOSTROPHE

__all__ = [
    "CJK",
    "TOKEN",
    "fold",
    "label_key",
    "list_key",
    "names_within",
    "slots_of",
    "without_prefix",
]

# Han, kana and Hangul without the brackets and marks between them.
CJK = (
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af"
)
# Vowel signs and other marks belong to the letters before them.
TOKEN = re.compile(
    rf"[{CJK}]|[^\W_{CJK}]+(?:[{MARKS}]+[^\W_{CJK}]*)*(?:'[^\W\d_]{{1,3}}(?![^\W_]))?[#♯]?"
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
# Two characters are whole phrases, which NFKC would write out: 18 characters for one.
_PHRASES = {0xFDFA: " ", 0xFDFB: " "}
_FOLDED = INVISIBLE | ONE_APOSTROPHE | _PHRASES | {ord("♯"): "#"}
# MTG-Jamendo writes the kind of a tag before it: genre---rock, mood/theme---calm.
_PREFIX = re.compile(r"\A\s*[A-Za-z_/ ]{1,30}---")
_LONGEST_NAME = 80
# More than texts have; a hostile one may have any.
_MOST_CHARACTERS = 65_536
_COMMA = re.compile(r"[,;、，；\n|]|->|→")
_PARENTHESES = re.compile(r"\A(.+?)\s*[(（]\s*([^()（）]+?)\s*[)）]\s*\Z", re.DOTALL)


def label_key(text: str) -> str:
    """The form in which spellings of a label are compared: letters and digits without case.

    Case, accents, blanks, hyphens, underscores, other marks, and a kind of tag before the name
    (`genre---rock`) do not count; `#` of a note does.
    """
    return _key_of_name(text) if len(text) <= _LONGEST_NAME else _key(text)


def _key(text: str) -> str:
    return "".join(TOKEN.findall(fold(without_prefix(text)))).removesuffix("'s")


# Names repeat; longer texts would fill the memory.
_key_of_name = lru_cache(maxsize=65536)(_key)


def list_key(text: str) -> str:
    """As `label_key`, but commas and their like count: "dog, bark" is not "dog bark"."""
    return ",".join(map(label_key, _COMMA.split(text)))


def fold(text: str) -> str:
    """The text in small letters without accents, in compatible characters (NFKC).

    Accents are those of Latin, Greek and Cyrillic letters; marks of other scripts stay. What is
    not seen (joiners, soft hyphens, a byte order mark) goes, and apostrophes are alike.
    """
    if text.isascii():
        return text.casefold()
    text = unicodedata.normalize("NFKC", text.translate(_FOLDED)).casefold()
    return _ACCENTS.sub("", unicodedata.normalize("NFC", text)).translate(_PLAIN_LETTERS)


class _PlainLetters(dict[int, int]):
    """Code points of letters by those of the letters with accents, for `str.translate`."""

    def __missing__(self, code: int) -> int:
        base = unicodedata.normalize("NFKD", chr(code))[0]
        plain = ord(base) if base.isascii() and base.isalpha() else code
        if len(self) < _MOST_CHARACTERS:
            self[code] = plain
        return plain


_PLAIN_LETTERS = _PlainLetters()


def without_prefix(text: str) -> str:
    """A tag without the kind before it: `rock` of `genre---rock`."""
    return _PREFIX.sub("", text, count=1) if "---" in text else text


def slots_of(text: str) -> str:
    """The values of a JSON object of texts, with commas between; "" if a text is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    texts = list(value.values()) if isinstance(value, dict) else []
    return ", ".join(texts) if all(isinstance(t, str) for t in texts) else ""


def names_within(text: str) -> Iterator[str]:
    """The text itself, and the names in it: of `name (other name)` both, of slots in JSON one."""
    yield text
    if text.startswith("{"):
        yield from filter(None, (slots_of(text),))
        return
    match = _PARENTHESES.match(text)
    if match:
        yield from match.groups()
