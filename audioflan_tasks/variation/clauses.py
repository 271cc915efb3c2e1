"""Which clauses of an instruction ask for something, and which only set a scene.

"You are a dialect coach. The call was taped in a street. Which accent is it?" asks in its last
sentence alone. A rule about what is asked must not take "street" for a target.
"""

from __future__ import annotations

import re
from functools import lru_cache

from audioflan_tasks.variation.lexicon import lexicon

__all__ = ["request_of"]

# Chinese sets a scene before a comma: "您是方言学教授，请…".
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|(?<=[。！？；：，])\s*|\s+[-–—]+\s+")
_QUESTION_MARK = ("?", "？")


@lru_cache(maxsize=65_536)
def request_of(instruction: str, language: str) -> str:
    """The part of an instruction that asks; all of it where no part is known to set a scene."""
    sentences = _SENTENCE.split(instruction.replace("’", "'"))
    requests = [sentence for sentence in sentences if not _sets_scene(sentence, language)]
    parts = (_without_lead(sentence, language) for sentence in requests or sentences)
    return " ".join(filter(None, parts))


def _sets_scene(sentence: str, language: str) -> bool:
    """A sentence that begins as a statement or a fiction and has no word that asks or limits."""
    scenes, text = lexicon(language).scenes, sentence.lower()
    if "{" in text or text.endswith(_QUESTION_MARK) or scenes.limit.search(text):
        return False
    is_statement = scenes.statement.match(text) and not scenes.request.search(text)
    return bool(is_statement or scenes.fiction.match(text))


def _without_lead(sentence: str, language: str) -> str:
    """A request without "As a critic," or "Listen to the clip and", unless that limits it."""
    scenes = lexicon(language).scenes
    match = scenes.lead.match(sentence)
    if match is None or scenes.limit.search(match[0].lower()):
        return sentence
    return sentence[match.end() :]
