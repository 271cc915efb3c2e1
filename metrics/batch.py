"""Answers and references of one task, read and ready for its metrics."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.label_files import check_aliases
from audioflan_tasks.metrics.label_sets import label_sets
from audioflan_tasks.metrics.parsing import (
    Aliases,
    AnswerReader,
    AnswerText,
    content_of,
    read_answer,
    read_content,
    reader_of,
    reader_of_several,
    reference_text,
)
from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.runners import Runner
from audioflan_tasks.vocabularies import items_in

__all__ = ["Batch", "read_batch"]

# Answers of label tasks up to this length repeat: they are read once. Some never do, and must
# not fill the memory.
_SHORT_ANSWER = 60
_CACHED_ANSWERS = 4096


@dataclass(frozen=True, slots=True)
class Batch:
    """References and answers as values; an answer without a value is None.

    `scores` has a number (of the positive label) or a mapping from label to number for each
    example. `languages` has a code or name for each example, or is empty; `texts` the
    text to be spoken, or the description, of each. `runner` does costly work, None in this process.
    `judge` is the model of a metric that needs one.
    """

    references: Sequence[Any]
    answers: Sequence[Any]
    parsed: Sequence[ParsedAnswer] = ()
    labels: tuple[str, ...] = ()
    scores: Sequence[Any] | None = None
    languages: Sequence[str] = ()
    normaliser: str = ""
    runner: Runner | None = None
    progress: bool = False
    judge: Any = None
    texts: Sequence[str] = ()

    @property
    def unparsed(self) -> float:
        """Share of answers without a value."""
        return sum(a is None for a in self.answers) / len(self.answers)


def read_batch(
    references: Sequence[Any],
    answers: Sequence[Any],
    *,
    reader: AnswerReader | None = None,
    row: TaskRow | None = None,
    name: str = "",
    options: Sequence[Any] = (),
    prompts: Sequence[str] = (),
    aliases: Mapping[str, str] = MappingProxyType({}),
    **columns: Any,
) -> Batch:
    """Reads references strictly and answers tolerantly: the one way from texts to a score.

    The reader is the task's where there is a task. `name` is what errors call the batch
    (default: the task's id). `options` are labels for all examples, or a sequence of labels for
    each, `aliases` further names of labels; `columns` are other fields of the `Batch`.

    Raises:
      MetricInputError: the lengths differ, there is nothing to score, or a reference is not in
        the canonical form.
    """
    if row is not None:
        name, reader = name or row.id, reader_of(row)
    if reader is None:
        raise TypeError("give a row or a reader")
    _check_lengths(name, references, answers, options)
    references = _bare_references(row, reader, references)
    if row is not None and _any_lists(row, references):
        reader = reader_of_several(row)
    other_names = tuple(aliases.items())
    labels = label_sets(reader, references, row, options, other_names)
    if aliases:
        check_aliases(name, aliases, dict.fromkeys(itertools.chain(*dict.fromkeys(labels))))
    reader_of_pairs = _BatchReading(name, reader, row, other_names)
    values: list[Any] = []
    readings: list[ParsedAnswer] = []
    for n, (reference, answer) in enumerate(zip(references, answers, strict=True)):
        prompt = prompts[n] if prompts else ""
        value, reading = reader_of_pairs.pair(reference, answer, labels[n], prompt)
        values.append(value)
        readings.append(reading)
    # The task's own order first: questions may show their options in any.
    first_labels = row.labels if row is not None and reader.labels == "closed" else ()
    label_set = tuple(dict.fromkeys(itertools.chain(first_labels, *dict.fromkeys(labels))))
    return Batch(values, [p.value for p in readings], readings, label_set, **columns)


class _BatchReading:
    """Reads the pairs of one batch; what repeats is read once."""

    def __init__(
        self, name: str, reader: AnswerReader, row: TaskRow | None, aliases: Aliases = ()
    ) -> None:
        self._name, self._reader, self._row, self._aliases = name, reader, row, aliases
        self._cache: dict[tuple[Any, ...], Any] = {}
        self._values: dict[ParsedAnswer, ParsedAnswer] = {}

    def pair(
        self, reference: Any, answer: Any, labels: tuple[str, ...], prompt: str
    ) -> tuple[Any, ParsedAnswer]:
        """The value of a reference, and an answer to it as read."""
        is_closed = self._reader.labels == "closed"
        if is_closed and isinstance(answer, str) and isinstance(reference, str):
            # The reference does not matter: a label is never too long.
            value = self._once(self._reference, reference, labels)
            # What is read of many answers is one of few values.
            reading = self._choice(answer, labels, prompt)
            return value, self._values.setdefault(reading, reading)
        value = self._reference(reference, labels)
        return value, read_answer(
            self._reader, answer, labels, row=self._row, prompt=prompt, reference=value,
            aliases=self._aliases,
        )  # fmt: skip

    def _choice(self, answer: str, labels: tuple[str, ...], prompt: str) -> ParsedAnswer:
        """What an answer of a closed set says: texts repeat, though reasoning does not."""
        content = content_of(answer)
        is_short = len(content.text) <= _SHORT_ANSWER
        reading = (
            self._once(self._content, content.text, labels, prompt)
            if is_short
            else self._content(content.text, labels, prompt)
        )
        return content.completed(reading)

    def _once(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """`function(*arguments)`, kept for the batch."""
        key = (function.__name__, *arguments)
        value = self._cache.get(key)
        if value is None:
            value = function(*arguments)
            if len(self._cache) < _CACHED_ANSWERS:
                self._cache[key] = value
        return value

    def _content(self, text: str, labels: tuple[str, ...], prompt: str) -> ParsedAnswer:
        return read_content(
            self._reader, AnswerText(text, labels, prompt, self._row, self._aliases)
        )

    def _reference(self, reference: Any, labels: tuple[str, ...]) -> Any:
        reader = self._reader
        if reader.is_audio:
            return reference
        if reader.is_text:
            several = isinstance(reference, list | tuple)
            return tuple(map(str, reference)) if several else (str(reference),)
        if not isinstance(reference, str | bytes):
            return reference
        if reader.may_be_none and not str(reference).strip(" []()"):
            return reader.when_none
        reading = read_answer(
            reader, reference, labels, row=self._row, aliases=self._aliases, is_whole=True
        )
        if reading.value is None or reading.status is Status.RUNAWAY:
            raise MetricInputError(
                f"{self._name}: the reference {str(reference)[:80]!r} cannot be read as "
                f"{reader.form} ({reading.status}); mend the record, or score with another metric"
            )
        return reading.value


def _check_lengths(
    name: str, references: Sequence[Any], answers: Sequence[Any], options: Sequence[Any]
) -> None:
    if len(references) != len(answers):
        raise MetricInputError(
            f"{name}: {len(references)} targets but {len(answers)} predictions; "
            "a missing answer is an empty string, not a shorter list"
        )
    if not len(references):
        raise MetricInputError(f"{name}: nothing to score; is the split empty?")
    if options and not isinstance(options[0], str) and len(options) != len(references):
        raise MetricInputError(
            f"{name}: options for {len(options)} examples but {len(references)} targets; "
            "give one list for all, or one for each"
        )


def _bare_references(
    row: TaskRow | None, reader: AnswerReader, references: Sequence[Any]
) -> list[Any]:
    if reader.labels != "closed":
        return [_bare_reference(row, reader, reference) for reference in references]
    # Labels repeat.
    texts = {r for r in references if isinstance(r, str)}
    bare = {text: _bare_reference(row, reader, text) for text in texts}
    return [bare[r] if isinstance(r, str) else r for r in references]


def _bare_reference(row: TaskRow | None, reader: AnswerReader, reference: Any) -> Any:
    """A reference, or several, without words before it; what is no text stays."""
    if reader.is_audio:
        return reference
    if isinstance(reference, list | tuple) and reader.is_text:
        return [reference_text(row, reader, str(text)) for text in reference]
    return reference_text(row, reader, reference) if isinstance(reference, str) else reference


def _any_lists(row: TaskRow, references: Sequence[Any]) -> bool:
    """Whether a reference to a label task lists several labels, where that is possible."""
    return row.several_labels and any(len(items_in(row.id, str(r))) > 1 for r in references)
