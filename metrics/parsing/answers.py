"""From an answer to a value: the wrapping is removed, then the reader of its form is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.parsing import clean
from audioflan_tasks.metrics.parsing.answer_text import Aliases, AnswerText
from audioflan_tasks.metrics.parsing.corrections import after_correction
from audioflan_tasks.metrics.parsing.echo import echoes
from audioflan_tasks.metrics.parsing.readers import AnswerReader, reader_of
from audioflan_tasks.metrics.parsing.refusals import refuses_to_write, without_refusals
from audioflan_tasks.metrics.values import AudioAnswer, ParsedAnswer, Status
from audioflan_tasks.records.lead_ins import split_answer
from audioflan_tasks.vocabularies import label_key

__all__ = [
    "Content",
    "content_of",
    "parse",
    "read_answer",
    "read_content",
    "reference_text",
]

_RUNAWAY_TIMES = 3
_FEW_CHARS = 200
_CHARS_OF_ITEM = 60
_EMPTY_LISTS = ("[]", "()", "{}")


def parse(
    row: TaskRow,
    answer: Any,
    options: Sequence[str] = (),
    *,
    prompt: str = "",
    reference: Any = None,
    aliases: Mapping[str, str] = MappingProxyType({}),
) -> ParsedAnswer:
    """Reads a model's answer to a task; never raises on any text.

    `options` are the labels of the question (default: the task's own closed set; an open set
    where it has none). `prompt` is the text given to the model: it serves to detect copies of
    its examples and to resolve option letters. `reference`, the value of the right answer,
    serves to detect answers that are too long, and those that only look like refusals. `aliases`
    are further names of labels, each with its label.
    """
    return read_answer(
        reader_of(row), answer, tuple(options) or row.labels, row=row, prompt=prompt,
        reference=reference, aliases=tuple(aliases.items()),
    )  # fmt: skip


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
    aliases: Aliases = (),
    is_whole: bool = False,
) -> ParsedAnswer:
    """As `parse`, with a reader; with a task its lead-ins, synonyms and ranges are known.

    Of a reference (`is_whole`) nothing is cut off, however long it is.
    """
    if isinstance(answer, ParsedAnswer):
        return answer
    if reader.is_audio or isinstance(answer, AudioAnswer) or answer is None:
        has_samples = isinstance(answer, AudioAnswer) and len(answer.samples) > 0
        return ParsedAnswer(
            answer if has_samples else None, Status.OK if has_samples else Status.EMPTY
        )
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    content = content_of(text, None if is_whole else clean.MAX_CHARS)
    limit = len(content.text) if is_whole else _most_chars(reader, reference)
    reading = read_content(
        reader, AnswerText(content.text, labels, prompt, row, aliases), reference, limit
    )
    return content.completed(reading)


class Content(NamedTuple):
    """An answer without its wrapping, the reasoning before it, and whether its end is cut off."""

    text: str
    reasoning: str
    is_cut: bool

    def completed(self, reading: ParsedAnswer) -> ParsedAnswer:
        """What is read of the text, with what is known of the whole."""
        if self.is_cut and reading.value is not None:
            reading = ParsedAnswer(reading.value, Status.RUNAWAY)
        return replace(reading, reasoning=self.reasoning) if self.reasoning else reading


def content_of(text: str, most_chars: int | None = clean.MAX_CHARS) -> Content:
    """The part of an answer that counts, cut at `most_chars`."""
    final, reasoning = clean.split_reasoning(clean.without_long_blanks(text[:most_chars]))
    return Content(clean.bare(final), reasoning, most_chars is not None and len(text) > most_chars)


def read_content(
    reader: AnswerReader,
    answer: AnswerText,
    reference: Any = None,
    most_chars: int = clean.MAX_CHARS,
) -> ParsedAnswer:
    """What an answer says whose wrapping is gone; it may still begin with a lead-in."""
    text = answer.text
    short = clean.shortened(text) if reader.margin is None else text[:most_chars]
    answer = answer.with_text(short)
    reading = _value(reader, answer, reference)
    if reading.value is not None and (
        len(text) > most_chars or _is_runaway(reader, reading.value, answer, reference)
    ):
        return ParsedAnswer(reading.value, Status.RUNAWAY)
    return reading


def _most_chars(reader: AnswerReader, reference: Any) -> int:
    """Where a text is cut: an answer may be as long as its reference, in another form."""
    if reference is None or reader.margin is None:
        return reader.most_chars
    return max(reader.most_chars, _CHARS_OF_ITEM * reader.size(reference))


def _value(reader: AnswerReader, answer: AnswerText, reference: Any) -> ParsedAnswer:
    text = answer.text if reader.reads_sentences else answer.body
    if clean.says_nothing(text):
        return _nothing(reader, text)
    labels = answer.matcher if reader.labels != "unused" else None
    if labels is not None and labels.exact(text) is not None:
        return reader.parse(answer)
    is_echo = bool(answer.prompt) and echoes(answer.body, answer.prompt, reader.echo_words, labels)
    declines = is_echo or (reader.is_text and refuses_to_write(text))
    if declines and not (reader.is_text and _is_reference(text, reference)):
        return ParsedAnswer(None, Status.PROMPT_ECHO if is_echo else Status.REFUSAL)
    return reader.parse(answer) if reader.is_text else _of_remainder(reader, answer, text)


def _nothing(reader: AnswerReader, text: str) -> ParsedAnswer:
    """What a text without a word says: an empty list where that is an answer."""
    if reader.may_be_none and text.strip() in _EMPTY_LISTS:
        return ParsedAnswer(reader.when_none, Status.OK)
    return ParsedAnswer(None, Status.EMPTY)


def _of_remainder(reader: AnswerReader, answer: AnswerText, text: str) -> ParsedAnswer:
    """What an answer says beside its refusals; with refusals and no value it is one."""
    remainder = without_refusals(text, answer.nouns)
    if remainder.text is text:
        return _corrected(reader, answer)
    if reader.labels == "closed" and answer.body_label is not None:
        return reader.parse(answer)  # a label may be "not specified"
    if clean.says_nothing(remainder.text):
        return ParsedAnswer(None, Status.REFUSAL if remainder.refuses else Status.EMPTY)
    reading = _corrected(reader, answer.with_text(remainder.text.strip()))
    if remainder.refuses and reading.status is not Status.OK:
        return ParsedAnswer(None, Status.REFUSAL)
    return reading


def _corrected(reader: AnswerReader, answer: AnswerText) -> ParsedAnswer:
    """The value after the last correction ("jazz, no wait, blues"), else that of the whole."""
    final = after_correction(answer.text, answer.no_is_label) if reader.margin is None else ""
    if final:
        reading = reader.parse(answer.with_text(final))
        if reading.status is Status.OK:
            return reading
    return reader.parse(answer)


def _is_reference(text: str, reference: Any) -> bool:
    """Whether a text is a reference in any spelling: a speaker may say "I cannot tell"."""
    references = reference if isinstance(reference, list | tuple) else (reference,)
    texts = [str(r) for r in references if r]
    key = label_key(text) if any(len(text) <= 2 * len(r) + _FEW_CHARS for r in texts) else ""
    return bool(key) and any(key == label_key(r) for r in texts)


def _is_runaway(reader: AnswerReader, value: Any, answer: AnswerText, reference: Any) -> bool:
    """Whether an answer is far longer than its reference, or repeats itself."""
    if reader.margin is None:
        return False
    if reference is not None:
        limit = max(_RUNAWAY_TIMES * reader.size(reference), reader.margin)
        return reader.size(value) > limit
    return reader.repeats and _repeats(answer.body)


def _repeats(text: str) -> bool:
    """Whether a text repeats itself: at least 60 words, under a tenth of them different."""
    words = text.split()
    return len(words) >= 60 and len(set(words)) * 10 < len(words)
