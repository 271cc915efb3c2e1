"""Questions of an answer, and what replies to them: "The same speaker? I don't think so."."""

from __future__ import annotations

import re
from collections.abc import Sequence

from audioflan_tasks.vocabularies.words import PRONOUNS, Token, word_set

__all__ = ["LONGEST_DENIAL", "SENTENCE_END", "affirms", "asks", "denies"]

SENTENCE_END = re.compile(r"[;!?\n。；！？]|\.(?!\d)")
LONGEST_DENIAL = 3
_ASKING = word_set(
    "is are was were do does did can could would should will has have which what who "
    "whose how why where isn't aren't wasn't weren't doesn't don't didn't 难 谁"
)
_DENYING_REPLIES = (
    "i don't think so",
    "i doubt it",
    "i think not",
    "i'd say not",
    "i would say not",
    "i'd say no",
    "absolutely not",
    "definitely not",
    "certainly not",
    "of course not",
    "hardly",
    "not at all",
    "no way",
    "far from it",
)
_AFFIRMING_REPLIES = ("absolutely", "definitely", "certainly", "of course", "indeed", "i think so")


def denies(text: str, tokens: Sequence[Token], start: int) -> bool:
    """Whether a reply that begins at a token denies: "I doubt it", "they aren't"."""
    return _begins(tokens, start, _DENYING_REPLIES) or _is_short_denial(text, tokens, start)


def affirms(tokens: Sequence[Token], start: int) -> bool:
    """Whether a reply that begins at a token affirms: "definitely"."""
    return _begins(tokens, start, _AFFIRMING_REPLIES)


def asks(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a sentence begins or ends as a question does."""
    return tokens[start].key in _ASKING or tokens[end - 1].key in ("吗", "么", "呢")


def _begins(tokens: Sequence[Token], start: int, phrases: tuple[str, ...]) -> bool:
    """Whether one of the phrases begins at a token."""
    return " ".join(token.key for token in tokens[start : start + 4]).startswith(phrases)


def _is_short_denial(text: str, tokens: Sequence[Token], start: int) -> bool:
    """Whether a sentence is "I would not", "they aren't"."""
    words = tokens[start : start + LONGEST_DENIAL]
    if not words or words[0].key not in PRONOUNS:
        return False
    stop = next((n for n, w in enumerate(words) if w.key == "not" or w.key[-3:] == "n't"), None)
    if stop is None:
        return False
    following = start + stop + 1
    gap = (
        text[tokens[following - 1].end : tokens[following].start] if following < len(tokens) else ""
    )
    return following == len(tokens) or bool(SENTENCE_END.search(gap))
