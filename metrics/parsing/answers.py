"""From an answer to a value: the wrapping is removed, then the reader of its form is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.parsing import clean
from audioflan_tasks.metrics.parsing.echo import echoes
from audioflan_tasks.metrics.parsing.readers import Aliases, AnswerReader, AnswerText, reader_of
from audioflan_tasks.metrics.parsing.refusals import refuses_to_write, without_refusals
from audioflan_tasks.metrics.values import AudioAnswer, ParsedAnswer, Status
from audioflan_tasks.preprocessors.templates import strip_lead_in
from audioflan_tasks.records.lead_ins import split_answer
from audioflan_tasks.vocabularies import label_key

__all__ = [
    "Content",
    "content_of",
    "parse",
    "read_answer",
    "read_content",
    "reference_text",
    "without_lead_in",
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
    """What an answer says whose wrapping is gone; its `body` may still begin with a lead-in."""
    content, row = answer.body, answer.row
    whole = clean.shortened(content) if reader.margin is None else content[:most_chars]
    body = clean.unquote(without_lead_in(row, whole)) if row is not None else whole
    answer = AnswerText(body, answer.labels, answer.prompt, row, answer.aliases, whole)
    reading = _value(reader, answer, reference)
    if reading.value is not None and (
        len(content) > most_chars or _is_runaway(reader, reading.value, body, reference)
    ):
        return ParsedAnswer(reading.value, Status.RUNAWAY)
    return reading


def _most_chars(reader: AnswerReader, reference: Any) -> int:
    """Where a text is cut: an answer may be as long as its reference, in another form."""
    if reference is None or reader.margin is None:
        return reader.most_chars
    return max(reader.most_chars, _CHARS_OF_ITEM * reader.size(reference))


def _value(reader: AnswerReader, answer: AnswerText, reference: Any) -> ParsedAnswer:
    body = answer.body
    if clean.says_nothing(body):
        is_none = reader.may_be_none and body.strip() in _EMPTY_LISTS
        return (
            ParsedAnswer(reader.when_none, Status.OK)
            if is_none
            else ParsedAnswer(None, Status.EMPTY)
        )
    labels = answer.matcher if reader.labels != "unused" else None
    if labels is not None and labels.exact(body) is not None:
        return reader.parse(answer)
    if reader.is_text and _is_reference(body, reference):
        return reader.parse(answer)
    if reader.echo_words and echoes(body, answer.prompt, reader.echo_words, labels):
        return ParsedAnswer(None, Status.PROMPT_ECHO)
    if reader.is_text:
        is_refusal = refuses_to_write(body)
        return ParsedAnswer(None, Status.REFUSAL) if is_refusal else reader.parse(answer)
    return _of_remainder(reader, answer)


def _of_remainder(reader: AnswerReader, answer: AnswerText) -> ParsedAnswer:
    """What an answer says beside its refusals; with refusals and no value it is one."""
    # Labels and keys are read in their sentences.
    is_sentence = reader.labels == "closed" or reader.instead_of == "label"
    text = answer.whole if is_sentence else answer.body
    remainder = without_refusals(text, answer.nouns)
    if remainder.text is not text:
        if clean.says_nothing(remainder.text):
            return ParsedAnswer(None, Status.REFUSAL if remainder.refuses else Status.EMPTY)
        rest = remainder.text.strip()
        answer = replace(answer, body=rest, whole=rest)
    reading = reader.parse(answer)
    if remainder.refuses and reading.status is not Status.OK:
        return ParsedAnswer(None, Status.REFUSAL)
    return reading


def _is_reference(text: str, reference: Any) -> bool:
    """Whether a text is a reference in any spelling: a speaker may say "I cannot tell"."""
    references = reference if isinstance(reference, list | tuple) else (reference,)
    texts = [str(r) for r in references if r]
    key = label_key(text) if any(len(text) <= 2 * len(r) + _FEW_CHARS for r in texts) else ""
    return bool(key) and any(key == label_key(r) for r in texts)


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
