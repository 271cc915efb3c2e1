"""The mood of an instruction by its words."""

from __future__ import annotations

import re

from audioflan_tasks.preprocessors.templates import Mood

__all__ = ["mood_of"]

_POLITE = re.compile(
    r"\bplease\b|\bkindly\b|\bso kind\b|\b(?:could|would|can|will) you\b|\bmind\b|"
    r"请|麻烦|劳驾|能否|可否|能不能|可以.*吗|能.*吗|烦请",
    re.I,
)
_SUGGESTION = re.compile(
    r"\b(?:would be|would help|would like|i'd|maybe|perhaps|how about|let's|it may|one could|"
    r"you (?:could|might|may)|i (?:wonder|wish|hope|want|need))\b|不妨|试着|最好|想|要不|吧",
    re.I,
)


def mood_of(instruction: str) -> Mood:
    """Exclamation, polite request, question, suggestion, or else a command."""
    text = instruction.strip()
    if text.endswith(("!", "！")):
        return "exclamation"
    if _POLITE.search(text):
        return "polite"
    if "?" in text or "？" in text:
        return "question"
    return "suggestion" if _SUGGESTION.search(text) else "command"
