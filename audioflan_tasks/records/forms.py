"""What an answer looks like, for answers of which the task has another form."""

from __future__ import annotations

import re

from audioflan_tasks.catalogue import TextForm
from audioflan_tasks.records.spans import START

__all__ = ["text_form"]

_NUMBER = r"['\"]?\d+\.\d+['\"]?"
# "20-29" is a range of ages: intervals of seconds have decimals, or are a list in brackets.
_INTERVAL = re.compile(rf"{_NUMBER}\s*s?\s*(?:-|–|~|,|to)\s*{_NUMBER}")
_LISTED_INTERVAL = re.compile(r"\s*[\[(]{1,2}\s*['\"]?\d+(?:\.\d+)?['\"]?\s*,\s*['\"]?\d")
_JSON = re.compile(r"\s*(?:\{.*\}|\[.*\])\s*\Z", re.DOTALL)
_LOOK = 400


def text_form(answer: str) -> TextForm | None:
    """audio, intervals or json, where an answer looks like it; None for any other text."""
    if START in answer:
        return "audio"
    if _LISTED_INTERVAL.match(answer) or _INTERVAL.search(answer[:_LOOK]):
        return "intervals"
    return "json" if _JSON.match(answer) else None
