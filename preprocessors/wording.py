"""The words of an instruction, in lower case and one spelling."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

__all__ = ["FACT", "american", "sentences_of", "words_of"]

# Stands for a fact of the record in a text.
FACT = "\uf8ff"
# The end of a sentence, or a colon before no fact; a word, a number, or any other character that
# is neither a blank nor plain punctuation.
_TOKEN = re.compile(
    rf"(?P<end>[?!;\n。？！；]|[:：](?!\s*{FACT})|\.(?!\d))"
    r"|[a-z]+(?:'[a-z]+)*(?!\w)|\w+(?:\.\d+)?|[^\s\w.,;:!?'\"()\[\]-]"
)
_SHORT_FORM = re.compile(r"'(?:s|d|ll|re|ve|m)?$")
_NEGATION = "not"
_SPELLINGS = (
    (re.compile(r"(?<=[a-z]{4})is(e[sd]?|ing|ation)$"), r"iz\1"),
    (re.compile(r"(?<=[a-z]{4})ys(e[sd]?|ing)$"), r"yz\1"),
)
_MARKS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": " "})


def words_of(text: str) -> list[str]:
    """The words of a text in lower case and American spelling.

    "isn't" is "not", "speaker's" is "speaker". Punctuation and blanks are no words. Any other
    character is one, so that no rule allows it by chance.
    """
    return [*itertools.chain(*sentences_of(text))]


def sentences_of(text: str) -> list[list[str]]:
    """The words of a text, as `words_of` has them, by sentence. A colon ends a sentence too."""
    sentences: list[list[str]] = [[]]
    for match in _TOKEN.finditer(text.translate(_MARKS).lower()):
        if match.lastgroup is None:
            sentences[-1].append(_word(match[0]))
        else:
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


@lru_cache(maxsize=65_536)
def american(word: str) -> str:
    """A word in American spelling: "recognised" is "recognized"."""
    for pattern, spelling in _SPELLINGS:
        word = pattern.sub(spelling, word)
    return word


@lru_cache(maxsize=65_536)
def _word(token: str) -> str:
    if token.endswith("n't") or token == "cannot":
        return _NEGATION
    return american(_SHORT_FORM.sub("", token))
