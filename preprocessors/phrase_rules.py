"""Rules of phrases, written as the phrases themselves.

the gender            these words in a row
gender/sex            one of them; with "_" for a blank in it: gender/vocal_sex
clip+   clean*        clip or clips; clean or cleaning
[very]                may be left out
(a man | a woman)     one of these phrases
{please/kindly}       any number of times, also none
<speaker>             what the rule of this name allows; <> allows nothing
@                     a fact of the record, in whose place `FACT` stands in a sentence
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.errors import TemplateError
from audioflan_tasks.preprocessors.wording import FACT, american

__all__ = ["NEVER", "Choice", "Phrase", "Repeat", "Row", "RuleName", "Words", "parse_rule"]

# A rule that allows nothing.
NEVER = "<>"
_SIGN = re.compile(r"<[^<>\s]*>|[\[\](){}|/@]|[^\s\[\](){}|/@<>]+")
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")


@dataclass(frozen=True, slots=True)
class Words:
    """One of these words."""

    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class RuleName:
    """What another rule allows."""

    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """Phrases one after the other."""

    parts: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several phrases."""

    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A phrase any number of times."""

    phrase: Phrase


Phrase = Words | RuleName | Row | Choice | Repeat


@lru_cache(maxsize=8192)
def parse_rule(text: str) -> Phrase:
    """The phrases of a rule.

    Raises:
      TemplateError: it breaks the notation.
    """
    signs = _Signs(text)
    phrase = _alternatives(signs)
    if signs.next:
        raise signs.error()
    return phrase


class _Signs:
    """The signs of a rule, read from the left."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._signs = _SIGN.findall(text)
        self._place = 0

    @property
    def next(self) -> str:
        """The next sign, "" at the end."""
        return self._signs[self._place] if self._place < len(self._signs) else ""

    def skip(self, sign: str) -> bool:
        """Whether the next sign is this one, which is read then."""
        is_next = self.next == sign
        self._place += is_next
        return is_next

    def take(self) -> str:
        """The next sign, which is read then: a word, a name, or the opening of a group."""
        sign = self.next
        if not sign or sign in "])}|/":
            raise self.error()
        self._place += 1
        return sign

    def error(self) -> TemplateError:
        place = " ".join(self._signs[: self._place][-6:])
        return TemplateError(
            f"rule {self._text[:60]!r}: unexpected {self.next or 'end'!r} after {place!r}; "
            "expected the notation of phrase_rules.py"
        )


def _alternatives(signs: _Signs) -> Phrase:
    rows = [_row(signs)]
    while signs.skip("|"):
        rows.append(_row(signs))
    return _one_of(rows)


def _row(signs: _Signs) -> Phrase:
    parts = []
    while signs.next and signs.next not in "|])}":
        parts.append(_words(signs))
    return parts[0] if len(parts) == 1 else Row(tuple(parts))


def _words(signs: _Signs) -> Phrase:
    """What stands between two blanks: alternatives with "/" between them."""
    phrases = [*_atom(signs)]
    while signs.skip("/"):
        phrases += _atom(signs)
    return _one_of(phrases)


def _atom(signs: _Signs) -> Iterator[Phrase]:
    sign = signs.take()
    if sign in _CLOSING:
        inner = _alternatives(signs)
        if not signs.skip(_CLOSING[sign]):
            raise signs.error()
        yield Repeat(inner) if sign == "{" else inner
        if sign == "[":
            yield Row(())
    elif sign == NEVER:
        yield Choice(())
    elif sign.startswith("<"):
        yield RuleName(sign[1:-1])
    elif sign == "@":
        yield Words(frozenset({FACT}))
    else:
        yield _of_words([Words(frozenset(_forms(word))) for word in sign.split("_")])


def _of_words(parts: Sequence[Phrase]) -> Phrase:
    return parts[0] if len(parts) == 1 else Row(tuple(parts))


def _one_of(phrases: Sequence[Phrase]) -> Phrase:
    """One of several phrases; single words become one set."""
    words = [phrase.words for phrase in phrases if isinstance(phrase, Words)]
    others: list[Phrase] = [phrase for phrase in phrases if not isinstance(phrase, Words)]
    if words:
        others.append(Words(frozenset(itertools.chain(*words))))
    return others[0] if len(others) == 1 else Choice(tuple(others))


def _forms(word: str) -> Iterator[str]:
    """A word in the forms that its mark stands for."""
    stem = american(word.rstrip("+*"))
    yield stem
    if word.endswith("+"):
        is_y = stem.endswith("y") and stem[-2] not in "aeou"
        yield f"{stem[:-1]}ies" if is_y else stem + ("es" if _SIBILANT.search(stem) else "s")
    if word.endswith("*"):
        yield from (f"{stem}ing", f"{stem}{stem[-1]}ing", f"{stem.removesuffix('e')}ing")
