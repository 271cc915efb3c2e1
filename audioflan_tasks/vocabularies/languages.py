"""Names of languages by their codes, from the Unicode CLDR as Babel has it.

A code is a BCP 47 tag with hyphens or underscores in any case (`fy-NL`, `cmn_hans_cn`); its first
part is an ISO 639 code of two or three letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from audioflan_tasks.vocabularies.vocabulary import Label

__all__ = [
    "language_key", "language_keys", "language_name", "translated_language", "with_names",
]  # fmt: skip

# Codes that CLDR writes otherwise.
_OF_CLDR = {"cmn": "zh"}
_CHINESE = ("mandarin", "mandarin chinese", "普通话", "国语", "汉语", "华语")
_WORD = re.compile(r"[^\W_]+")


def language_name(word: str) -> str:
    """The English name of a code such as `en`, `deu` or `zh-CN`; another word as it is."""
    code = _code_of(word)
    return word if code is None else _english_names()[code]


def with_names(labels: Sequence[Label]) -> list[Label]:
    """The languages with their names in English, Chinese and the language itself, and ISO codes.

    Where several labels share a language (Chinese of three regions), its names say none of them.
    """
    counts = Counter(_language(label.code) for label in labels)
    return [_named(label) if counts[_language(label.code)] == 1 else label for label in labels]


@lru_cache(maxsize=4096)
def translated_language(name: str, code: str) -> str:
    """The name that a language has in another: "French" is "法语" in `zh`; else `name` itself."""
    from babel import Locale, UnknownLocaleError

    try:
        own_code = _codes_by_name().get(name.lower(), "")
        return str(Locale.parse(code, sep="-").languages.get(own_code, name))
    except (UnknownLocaleError, ValueError):
        return name


def _named(label: Label) -> Label:
    from babel import Locale

    code = _language(label.code)
    codes = (code, label.code.split("_")[0], *_other_codes().get(code, ()))
    # "It may be French" does not speak of Malay, nor "is" of Icelandic.
    whole_answers = (f"={c}" for c in codes)
    aliases = dict.fromkeys((*label.aliases, *_names(code), *whole_answers))
    aliases.pop(label.name, None)
    chinese = str(Locale("zh").languages.get(code, ""))
    return Label(label.name, tuple(aliases), label.zh or chinese, label.code)


@cache
def _other_codes() -> Mapping[str, Sequence[str]]:
    """The codes of three letters for each of two: `deu` and `ger` for `de`."""
    from babel.core import get_global

    codes: dict[str, list[str]] = {}
    for other_code, code in get_global("language_aliases").items():
        if len(other_code) == 3 and len(code) == 2:
            codes.setdefault(code, []).append(other_code)
    return codes


def _names(code: str) -> Iterator[str]:
    """The English name and the language's own."""
    from babel import Locale, UnknownLocaleError

    name = Locale("en").languages.get(code)
    if name:
        yield str(name)
    try:
        native = Locale(code).language_name
    except UnknownLocaleError:
        return
    if native:
        yield str(native)


def _language(code: str) -> str:
    """The language of a code, as CLDR writes it."""
    language = code.replace("-", "_").split("_")[0].lower()
    return _OF_CLDR.get(language, language)


@lru_cache(maxsize=4096)
def language_key(text: str) -> str:
    """The English name of a language, in lower case, of its name or ISO code in any case.

    What CLDR does not know comes back in lower case as it is.
    """
    plain = text.strip().lower()
    code = _codes_by_name().get(plain) or _code_of(plain)
    return plain if code is None else _english_names()[code].lower()


@lru_cache(maxsize=4096)
def language_keys(text: str) -> frozenset[str]:
    """The keys of a language as a record names it: its own, and that of the language that it is a
    variety of, which its name holds ("Egyptian Arabic", "Chinese (Taiwan)", "Norwegian Bokmål").
    """
    own_key = language_key(text)
    names = (word for word in _WORD.findall(own_key) if word in _codes_by_name())
    return frozenset((own_key, *map(language_key, names)))


def _code_of(tag: str) -> str | None:
    """The code, as CLDR has it, that a tag such as `pt-BR`, `por` or `cmn` begins with."""
    code = _language(tag)
    two_letters = {other: c for c, others in _other_codes().items() for other in others}
    code = two_letters.get(code, code)
    return code if code in _english_names() else None


@cache
def _english_names() -> Mapping[str, str]:
    from babel import Locale

    names = Locale("en").languages
    return {code: str(name) for code, name in names.items() if "_" not in code}


@cache
def _codes_by_name() -> Mapping[str, str]:
    """Codes by English, Chinese and own names, and a few words for Chinese."""
    from babel import Locale

    by_name = {name.lower(): code for code, name in _english_names().items()}
    own_names = {
        name.lower(): code for code in tuple(by_name.values()) if len(code) == 2
        for name in _names(code)
    }  # fmt: skip
    chinese_names = {name: c for c, name in Locale("zh").languages.items() if "_" not in c}
    # Names are often typed without their accents.
    plain_names = {_without_accents(name): code for name, code in own_names.items()}
    return {
        **chinese_names, **plain_names, **own_names, **by_name, **dict.fromkeys(_CHINESE, "zh"),
    }  # fmt: skip


def _without_accents(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
