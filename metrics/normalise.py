"""Named ways to make texts comparable before words are counted.

`none` splits at blanks. `basic` drops case and punctuation (Unicode NFKC) and cuts scripts
without spaces into characters. `whisper-basic` and `whisper-english` are the normalisers of
Whisper (Radford et al. 2022, appendix C) as the package whisper-normalizer has them.
`language` takes whisper-english for English and basic for everything else. Scores under
different profiles cannot be compared, so the profile and its version are part of each score.
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

__all__ = ["DEFAULT", "PROFILES", "has_spaced_words", "normaliser", "version_of"]

DEFAULT = "basic"
PROFILES = ("none", "basic", "whisper-basic", "whisper-english", "language")

# Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar: written without spaces between words.
_UNSPACED_SCRIPT = re.compile("([぀-ヿ㐀-䶿一-鿿豈-﫿฀-໿က-႟ក-៿])")
_BASIC_VERSION = "1"
_PACKAGE = "whisper-normalizer"
_MISSING = "the text normaliser {!r}"


def normaliser(profile: str = "", language: str = "") -> Callable[[str], list[str]]:
    """The function from a text to its words under a profile ("" is basic).

    `language` is a code or an English name; only the profile `language` looks at it.

    Raises:
      UnknownNameError: no such profile; the message offers the nearest ones.
      MissingExtraError: the profile needs whisper-normalizer.
    """
    name = profile or DEFAULT
    if name == "language":
        english = language.casefold().split("-")[0].split("_")[0] in ("en", "english")
        name = "whisper-english" if english else "basic"
    if name not in _WORDS:
        raise UnknownNameError("normaliser profile", name, PROFILES)
    return _WORDS[name]


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


def has_spaced_words(text: str) -> bool:
    """Whether a text has no character of a script without spaces between words."""
    return not _UNSPACED_SCRIPT.search(text)


def _none(text: str) -> list[str]:
    return text.split()


@lru_cache(maxsize=65536)
def _basic_words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    spaced_text = "".join(
        c if c.isalnum() or c == "'" or unicodedata.category(c).startswith("M") else " "
        for c in _UNSPACED_SCRIPT.sub(r" \1 ", plain)
    )
    return tuple(spaced_text.split())


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
