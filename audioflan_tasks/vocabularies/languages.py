"""Names of languages by their codes, from the Unicode CLDR as Babel has it.

A code is a BCP 47 tag with hyphens or underscores in any case (`fy-NL`, `cmn_hans_cn`); its first
part is an ISO 639 code of two or three letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from audioflan_tasks.vocabularies.vocabulary import Label

__all__ = ["language_name", "with_names"]

# Codes that CLDR writes otherwise.
_OF_CLDR = {"cmn": "zh"}


def language_name(word: str) -> str:
    """The English name of a code such as `en`, `deu` or `zh-CN`; another word as it is."""
    from babel import Locale
    from babel.core import get_global

    code = _language(word)
    two_letters = get_global("language_aliases").get(code, code)
    return str(Locale("en").languages.get(two_letters, word))


def with_names(labels: Sequence[Label]) -> list[Label]:
    """The languages with their names in English, Chinese and the language itself, and ISO codes.

    Where several labels share a language (Chinese of three regions), its names say none of them.
    """
    counts = Counter(_language(label.code) for label in labels)
    return [_named(label) if counts[_language(label.code)] == 1 else label for label in labels]


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
