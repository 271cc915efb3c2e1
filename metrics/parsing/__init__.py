"""Reading the answers of models: tolerant, without `eval`, and never raising on text."""

from __future__ import annotations

from audioflan_tasks.metrics.parsing.answers import (
    parse,
    read_answer,
    reference_text,
    without_lead_in,
)
from audioflan_tasks.metrics.parsing.readers import (
    READERS,
    Aliases,
    AnswerReader,
    reader_of,
    reader_of_several,
)

__all__ = [
    "READERS",
    "Aliases",
    "AnswerReader",
    "parse",
    "read_answer",
    "reader_of",
    "reader_of_several",
    "reference_text",
    "without_lead_in",
]
