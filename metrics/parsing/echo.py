"""Echo: an answer that is a piece of its prompt, word for word, and no option.

An option is an answer, however long, with its letter or without. The whole list of options, an
example of the prompt ("Example 2: rock") and its words without an option are none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from audioflan_tasks.vocabularies import LabelMatcher

__all__ = ["echoes"]

_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_LETTER = re.compile(r"\A\W{0,2}(?:option\s+)?[A-Z]\W{1,2}\s*", re.IGNORECASE)
_FEWEST_WORDS = 3
_FEW_CHARS = 200
_FEWEST_OTHERS = 2
_FEWEST_OPTIONS = 3


def echoes(answer: str, prompt: str, least: int, labels: LabelMatcher | None) -> bool:
    """Whether the answer copies its prompt; `least` words where there are no options."""
    # An echo is a piece of the prompt, but for marks and line ends.
    if not prompt or len(answer) > 2 * len(prompt) + _FEW_CHARS:
        return False
    words = _WORD.findall(answer.casefold())
    if len(words) < (least if labels is None else _FEWEST_WORDS):
        return False
    if f" {' '.join(words)} " not in _spaced(prompt):
        return False
    return labels is None or _is_no_option(answer, words, labels)


def _is_no_option(answer: str, words: list[str], labels: LabelMatcher) -> bool:
    """Whether a piece of the prompt is more, or less, than one of its options."""
    if labels.exact(answer) or labels.exact(_LETTER.sub("", answer, count=1)):
        return False
    mentions = labels.mentions(answer)
    names = {mention.label for mention in mentions}
    if not names or len(names) == len(labels.labels) >= _FEWEST_OPTIONS:
        return True
    return len(words) - sum(mention.words for mention in mentions) >= _FEWEST_OTHERS


@lru_cache(maxsize=1024)
def _spaced(prompt: str) -> str:
    return f" {' '.join(_WORD.findall(prompt.casefold()))} "
