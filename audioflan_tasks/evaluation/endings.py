"""How an answer ended, as the server says beside it, and what that makes of its status.

A server can say that the model declined (`refusal`, or a filter), or that the answer was cut at the
limit of tokens (`finish_reason` length). Both are stored in the answer's note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.metrics import Batch, ParsedAnswer, Status

__all__ = ["NOTES", "with_endings"]

# Keys of a note that say how an answer ended, or what was thought before it.
NOTES = ("finish_reason", "refusal", "reasoning_content")
_FILTER_ENDINGS = ("content_filter", "refusal")
_LENGTH_ENDINGS = ("length", "max_tokens")


def with_endings(batch: Batch, answers: Sequence[Answer]) -> Batch:
    """The batch with the status that the end of each answer gives it."""
    if not any(answer.note for answer in answers):
        return batch
    readings = [_ended(p, a.note) for p, a in zip(batch.parsed, answers, strict=True)]
    return replace(batch, parsed=readings, answers=[p.value for p in readings])


def _ended(reading: ParsedAnswer, note: Mapping[str, Any]) -> ParsedAnswer:
    """A refusal has no value; an answer that was cut counts as it stands, as a runaway one."""
    reasoning = reading.reasoning or str(note.get("reasoning_content") or "")
    ending = note.get("finish_reason")
    if note.get("refusal") or ending in _FILTER_ENDINGS:
        return ParsedAnswer(None, Status.REFUSAL, reasoning)
    if ending in _LENGTH_ENDINGS and reading.value is not None:
        return replace(reading, status=Status.RUNAWAY, reasoning=reasoning)
    return replace(reading, reasoning=reasoning)
