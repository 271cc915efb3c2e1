"""The words of an instruction, in lower case and one spelling."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["FACT", "american", "sentences_of", "words_of"]

# Stands for a fact of the record in a text.
FACT = "\uf8ff"
# A word, a number, or any other character that is neither a blank nor plain punctuation.
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*(?!\w)|\w+(?:\.\d+)?|[^\s\w.,;:!?'\"()\[\]-]")
# A colon before a fact ends no sentence: "with the emotion: happy".
_SENTENCE_END = re.compile(rf"[?!;\n。？！；]|[:：](?!\s*{FACT})|\.(?!\d)")
_SHORT_FORM = re.compile(r"'(?:s|d|ll|re|ve|m)?$")
_NEGATION = "not"
_SPELLINGS = (
    (re.compile(r"is(e[sd]?|ing|ation)$"), r"iz\1"),
    (re.compile(r"ys(e[sd]?|ing)$"), r"yz\1"),
)
_MARKS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": " "})


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; "isn't" is "not", "speaker's" is "speaker".

    Punctuation and blanks are no words. Any other character is one, so that no rule allows it by
    chance.
    """
    return [_word(token) for token in _TOKEN.findall(text.translate(_MARKS).lower())]


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, and the parts before a colon or semicolon."""
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]


@lru_cache(maxsize=65_536)
def american(word: str) -> str:
    """A word in American spelling: "recognised" is "recognized"."""
    for pattern, spelling in _SPELLINGS:
        word = pattern.sub(spelling, word)
    return word


@lru_cache(maxsize=65_536)
def _word(token: str) -> str:
    return _NEGATION if token.endswith("n't") or token == "cannot" else _SHORT_FORM.sub("", token)
