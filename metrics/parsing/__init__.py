"""Reading the answers of models: tolerant, without `eval`, and never raising on text."""

from __future__ import annotations

from audioflan_tasks.metrics.parsing.answer_text import Aliases, AnswerText, without_lead_in
from audioflan_tasks.metrics.parsing.answers import (
    content_of,
    parse,
    read_answer,
    read_content,
    reference_text,
)
from audioflan_tasks.metrics.parsing.readers import (
    READERS,
    AnswerReader,
    reader_of,
    reader_of_several,
)

__all__ = [
    "READERS",
    "Aliases",
    "AnswerReader",
    "AnswerText",
    "content_of",
    "parse",
    "read_answer",
    "read_content",
    "reader_of",
    "reader_of_several",
    "reference_text",
    "without_lead_in",
]
