"""Named ways to make texts comparable before words are counted.

`none` splits at blanks. `basic` drops case, punctuation and what is not seen (Unicode NFKC), keeps
apostrophes inside words, all of them alike, and cuts scripts without blanks into characters.
`whisper-basic` and `whisper-english` are the normalisers of Whisper (Radford et al. 2022, appendix
C) as the package whisper-normalizer has them. `language` takes whisper-english for English and
basic for everything else. Scores under different profiles cannot be compared, so the profile and
its version are part of each score.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from audioflan_tasks.errors import MissingExtraError, UnknownNameError
from audioflan_tasks.vocabularies import INVISIBLE, MARKS, ONE_APOSTROPHE, UNSPACED

__all__ = ["DEFAULT", "PROFILES", "check_profile", "normaliser", "unspaced_share", "version_of"]

DEFAULT = "basic"
PROFILES = ("none", "basic", "whisper-basic", "whisper-english", "language")

_UNSPACED_SCRIPT = re.compile(f"([{UNSPACED}])")
_LETTER = rf"[^\W_{UNSPACED}]"
# An apostrophe between letters is one of the word's; at its edge it is a mark.
_WORD = re.compile(rf"[{UNSPACED}]|{_LETTER}+(?:[{MARKS}]+{_LETTER}*|'{_LETTER}+)*")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_ONE_SPELLING = INVISIBLE | ONE_APOSTROPHE
_BASIC_VERSION = "2"
_PACKAGE = "whisper-normalizer"
_MISSING = "the text normaliser {!r}"


def normaliser(profile: str = "", language: str = "") -> Callable[[str], list[str]]:
    """The function from a text to its words under a profile ("" is basic).

    `language` is a code or an English name; only the profile `language` looks at it.

    Raises:
      UnknownNameError: no such profile; the message offers the nearest ones.
      MissingExtraError: the profile needs whisper-normalizer.
    """
    check_profile(profile)
    name = profile or DEFAULT
    if name == "language":
        english = language.casefold().split("-")[0].split("_")[0] in ("en", "english")
        name = "whisper-english" if english else "basic"
    return _WORDS[name]


def check_profile(name: str) -> None:
    """Raises UnknownNameError for a name that is no profile; "" is the default one."""
    if name and name not in PROFILES:
        raise UnknownNameError("normaliser profile", name, PROFILES)


def version_of(profile: str = "") -> str:
    """Name and version of a profile, as a score states it."""
    name = profile or DEFAULT
    if name == "none":
        return "none"
    if name == "basic":
        return f"basic {_BASIC_VERSION} (Unicode {unicodedata.unidata_version})"
    try:
        return f"{name} ({_PACKAGE} {importlib.metadata.version(_PACKAGE)})"
    except importlib.metadata.PackageNotFoundError:
        return f"{name} ({_PACKAGE} is not installed)"


def unspaced_share(text: str) -> float:
    """The share of a text's words that are single characters of scripts without blanks (0 to 1)."""
    words = _basic_words(text)
    return len(_UNSPACED_SCRIPT.findall("".join(words))) / len(words) if words else 0.0


def _none(text: str) -> list[str]:
    return text.split()


@lru_cache(maxsize=65536)
def _basic_words(text: str) -> tuple[str, ...]:
    if text.isascii():
        return tuple(_ASCII_WORD.findall(text.replace("`", "'").lower()))
    return tuple(_WORD.findall(_seen(text)))


def _seen(text: str) -> str:
    """What a reader sees, in small letters and compatible characters, with one apostrophe."""
    # Before NFKC, which takes an acute accent that stands alone apart.
    folded = unicodedata.normalize("NFKC", text.translate(_ONE_SPELLING)).casefold()
    return unicodedata.normalize("NFKC", folded)  # small letters may have another composed form


def _basic(text: str) -> list[str]:
    return list(_basic_words(text))


def _whisper_basic(text: str) -> list[str]:
    return _split(str(_whisper("whisper-basic")(text)))


def _whisper_english(text: str) -> list[str]:
    return _split(str(_whisper("whisper-english")(text)))


def _split(text: str) -> list[str]:
    return _UNSPACED_SCRIPT.sub(r" \1 ", text).split()


@lru_cache(maxsize=2)
def _whisper(name: str) -> Callable[[str], str]:
    if importlib.util.find_spec("whisper_normalizer") is None:
        raise MissingExtraError(_PACKAGE, "metrics", _MISSING.format(name))
    if name == "whisper-basic":
        from whisper_normalizer.basic import BasicTextNormalizer

        basic: Callable[[str], str] = BasicTextNormalizer()
        return basic
    from whisper_normalizer.english import EnglishTextNormalizer

    english: Callable[[str], str] = EnglishTextNormalizer()
    return english


_WORDS: Mapping[str, Callable[[str], list[str]]] = MappingProxyType(
    {
        "none": _none,
        "basic": _basic,
        "whisper-basic": _whisper_basic,
        "whisper-english": _whisper_english,
    }
)
