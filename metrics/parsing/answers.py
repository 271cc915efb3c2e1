"""From an answer to a value: the wrapping is removed, then the reader of its form is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.parsing import clean
from audioflan_tasks.metrics.parsing.readers import AnswerReader, AnswerText, reader_of
from audioflan_tasks.metrics.values import AudioAnswer, ParsedAnswer, Status
from audioflan_tasks.preprocessors.templates import strip_lead_in
from audioflan_tasks.records.lead_ins import split_answer

__all__ = ["parse", "read_answer", "reference_text", "without_lead_in"]

_RUNAWAY_TIMES = 3
# "I cannot listen to audio, but it is probably jazz" answers the question.
_YET = re.compile(r"\b(?:but|however|still)\b|但", re.IGNORECASE)
_EMPTY_LISTS = ("[]", "()", "{}")


def parse(
    row: TaskRow,
    answer: Any,
    options: Sequence[str] = (),
    *,
    prompt: str = "",
    reference: Any = None,
) -> ParsedAnswer:
    """Reads a model's answer to a task; never raises on any text.

    `options` are the labels of the question (default: the task's own closed set; an open set
    where it has none). `prompt` is the text given to the model: it serves to detect copies of
    its examples and to resolve option letters. `reference`, the value of the right answer,
    serves to detect answers that are too long.
    """
    return read_answer(
        reader_of(row), answer, tuple(options) or row.labels, row=row, prompt=prompt,
        reference=reference,
    )  # fmt: skip


def without_lead_in(row: TaskRow, text: str) -> str:
    """An answer without the words before it: those of records, else those of the task's pools."""
    # A pool's "The intent is " is the beginning of "The intent is to ".
    lead_in, answer = split_answer(row, text)
    return answer if lead_in else strip_lead_in(row.id, text)


def reference_text(row: TaskRow | None, reader: AnswerReader, reference: str) -> str:
    """A reference without the words before it, by the same rules as answers.

    Of running text all goes that would go of an answer, so that an answer that is the reference,
    word for word, is right.
    """
    text = reference.strip() if row is None else split_answer(row, reference.strip()).answer
    if not reader.is_text:
        return text
    value = read_answer(reader, text, row=row).value
    return text if value is None else str(value)


def read_answer(
    reader: AnswerReader,
    answer: Any,
    labels: tuple[str, ...] = (),
    *,
    row: TaskRow | None = None,
    prompt: str = "",
    reference: Any = None,
) -> ParsedAnswer:
    """As `parse`, with a reader; with a task its lead-ins, synonyms and ranges are known."""
    if isinstance(answer, ParsedAnswer):
        return answer
    if reader.is_audio or isinstance(answer, AudioAnswer) or answer is None:
        has_samples = isinstance(answer, AudioAnswer) and len(answer.samples) > 0
        return ParsedAnswer(
            answer if has_samples else None, Status.OK if has_samples else Status.EMPTY
        )
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    cut = text[: clean.MAX_CHARS]
    final, reasoning = clean.split_reasoning(cut)
    body = clean.bare(final)
    body = clean.unquote(without_lead_in(row, body)) if row is not None else body
    reading = _value(reader, AnswerText(body, labels, prompt, row))
    if reading.value is not None and (
        cut is not text or _is_runaway(reader, reading.value, body, reference)
    ):
        reading = ParsedAnswer(reading.value, Status.RUNAWAY)
    return replace(reading, reasoning=reasoning)


def _value(reader: AnswerReader, answer: AnswerText) -> ParsedAnswer:
    body = answer.body
    if clean.says_nothing(body):
        is_none = reader.may_be_none and body.strip() in _EMPTY_LISTS
        return (
            ParsedAnswer(reader.when_none, Status.OK)
            if is_none
            else ParsedAnswer(None, Status.EMPTY)
        )
    if reader.echo_words and clean.echoes(body, answer.prompt, reader.echo_words):
        return ParsedAnswer(None, Status.PROMPT_ECHO)
    if reader.is_text and clean.is_refusal(body, strong=True):
        return ParsedAnswer(None, Status.REFUSAL)
    reading = reader.parse(answer)
    if reader.is_text:
        return reading
    is_failure = reading.status in (Status.MALFORMED, Status.OUT_OF_SET, Status.AMBIGUOUS)
    if clean.is_refusal(body, strong=not is_failure) and (is_failure or not _YET.search(body)):
        return ParsedAnswer(None, Status.REFUSAL)
    return reading


def _is_runaway(reader: AnswerReader, value: Any, body: str, reference: Any) -> bool:
    """Whether an answer is far longer than its reference, or repeats itself."""
    if reader.margin is None:
        return False
    if reference is not None:
        limit = max(_RUNAWAY_TIMES * reader.size(reference), reader.margin)
        return reader.size(value) > limit
    return reader.repeats and _repeats(body)


def _repeats(text: str) -> bool:
    """Whether a text repeats itself: at least 60 words, under a tenth of them different."""
    words = text.split()
    return len(words) >= 60 and len(set(words)) * 10 < len(words)
