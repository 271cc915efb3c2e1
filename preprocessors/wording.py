"""Words of an instruction, and whether a lexicon explains all of them.

A lexicon has words and phrases, each with a mark that says what it stands for. Words are looked
up in American spelling, as they are and without their endings: "recognised" is "recognize". A
phrase matches words in a row; words of grammar ("of the") do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Lexicon", "WordReading", "lemmas", "words_of"]

# A word, a number, or any other character that is neither a blank nor plain punctuation.
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*(?!\w)|\w+(?:\.\d+)?|[^\s\w.,;:!?'\"()\[\]-]")
_SHORT_FORM = re.compile(r"'(?:s|d|ll|re|ve|m)?$")
_NEGATION = "not"
_SPELLINGS = (
    (re.compile(r"is(e[sd]?|ing|ation)$"), r"iz\1"),
    (re.compile(r"ys(e[sd]?|ing)$"), r"yz\1"),
)
_MARKS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": " "})
# An ending, what must stand before it, and what takes its place.
_ENDINGS = tuple(
    (re.compile(pattern), ending)
    for pattern, ending in (
        (r"(?<=[a-z]{2}[^s])s$", ""),
        (r"(?<=s|x|z|h|o)es$", ""),
        (r"(?<=[a-z]{2})ie[sd]$", "y"),
        (r"(?<=[a-z]{2}e)d$", ""),
        (r"(?<=[a-z]{3})ed$", ""),
        (r"(?<=[a-z]{3})ing$", ""),
        (r"(?<=[a-z]{2})ing$", "e"),
        (r"(?<=[a-z]{2})(?P<twice>[bdgmnpt])(?P=twice)(?:ed|ing)$", r"\g<twice>"),
    )
)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; "isn't" is "not", "speaker's" is "speaker".

    Punctuation and blanks are no words. Any other character is one, so that no lexicon explains
    it by chance.
    """
    return [_word(token) for token in _TOKEN.findall(text.translate(_MARKS).lower())]


def _word(token: str) -> str:
    return _NEGATION if token.endswith("n't") or token == "cannot" else _SHORT_FORM.sub("", token)


def _american(word: str) -> str:
    for pattern, spelling in _SPELLINGS:
        word = pattern.sub(spelling, word)
    return word


@lru_cache(maxsize=65_536)
def lemmas(word: str) -> tuple[str, ...]:
    """The forms under which a word is looked up: itself, and without its ending."""
    word = _american(word)
    forms = [word, *(end.sub(new, word) for end, new in _ENDINGS if end.search(word))]
    return tuple(form for form in dict.fromkeys(forms) if form == word or form != _NEGATION)


@dataclass(frozen=True, slots=True)
class WordReading:
    """What a lexicon makes of words: the marks of those that it explains, and the other words."""

    marks: tuple[str, ...]
    unexplained_words: tuple[str, ...]


class _Branch:
    """What may follow the words so far, and the mark of the phrase that ends here."""

    def __init__(self) -> None:
        self.mark = ""
        self.branches: dict[str, _Branch] = {}


class Lexicon:
    """Words and phrases by their mark. The longest phrase counts; of equals the later mark.

    `grammar` are words that are left out of instructions and phrases.
    """

    def __init__(self, phrases: Mapping[str, Iterable[str]], grammar: Iterable[str]) -> None:
        self._grammar = frozenset(grammar)
        self._root = _Branch()
        for mark, phrases_of_mark in phrases.items():
            for phrase in phrases_of_mark:
                self._add(mark, phrase)

    def read(self, words: Iterable[str]) -> WordReading:
        """The marks of words, from the left, the longest phrase first."""
        bare_words = [word for word in words if word not in self._grammar]
        marks, unexplained_words, start = [], [], 0
        while start < len(bare_words):
            mark, stop = max(self._phrases(bare_words, start), key=_stop, default=("", start + 1))
            if mark:
                marks.append(mark)
            else:
                unexplained_words.append(bare_words[start])
            start = stop
        return WordReading(tuple(marks), tuple(unexplained_words))

    def _add(self, mark: str, phrase: str) -> None:
        branch = self._root
        for word in phrase.split():
            if word not in self._grammar:
                branch = branch.branches.setdefault(_american(word), _Branch())
        if branch is not self._root:
            branch.mark = mark

    def _phrases(self, words: Sequence[str], start: int) -> Iterator[tuple[str, int]]:
        """Mark and end of each phrase that begins at a word."""
        branches = [self._root]
        for stop in range(start, len(words)):
            branches = [
                branch.branches[form]
                for branch in branches
                for form in lemmas(words[stop])
                if form in branch.branches
            ]
            if not branches:
                return
            for branch in branches:
                if branch.mark:
                    yield branch.mark, stop + 1


def _stop(phrase: tuple[str, int]) -> int:
    return phrase[1]
