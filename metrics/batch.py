"""Answers and references of one task, read and ready for its metrics."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.label_files import check_aliases
from audioflan_tasks.metrics.parsing import (
    Aliases,
    AnswerReader,
    read_answer,
    reader_of,
    reader_of_several,
    reference_text,
)
from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.vocabularies import Vocabulary, infer, items_in, label_key, matcher

__all__ = ["Batch", "read_batch"]

# Answers of label tasks up to this length repeat: they are read once. Some never do, and must
# not fill the memory.
_SHORT_ANSWER = 60
_CACHED_ANSWERS = 4096
# A vocabulary shows in the first references; more of them would only take time.
_MOST_TEXTS = 1000
# A label of a closed set is a word or two; more are a sentence.
_FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """References and answers as values; an answer without a value is None.

    `scores` has a number (of the positive label) or a mapping from label to number for each
    example. `languages` has a code or name for each example, or is empty; `texts` the
    text to be spoken, or the description, of each. `judge` is the model of a metric that needs one.
    """

    references: Sequence[Any]
    answers: Sequence[Any]
    parsed: Sequence[ParsedAnswer] = ()
    labels: tuple[str, ...] = ()
    scores: Sequence[Any] | None = None
    languages: Sequence[str] = ()
    normaliser: str = ""
    workers: int = 1
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
    references = [_bare_reference(row, reader, reference) for reference in references]
    if row is not None and _any_lists(row, references):
        reader = reader_of_several(row)
    other_names = tuple(aliases.items())
    labels = _label_sets(reader, references, row, options, other_names)
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
        reader, is_closed = self._reader, self._reader.labels == "closed"
        if is_closed and isinstance(answer, str) and len(answer) <= _SHORT_ANSWER:
            # The reference does not matter: a label is never too long.
            value = self._once(self._reference, str(reference), labels)
            reading = self._once(self._short_answer, answer, labels, prompt)
            # What is read of many answers is one of few values.
            return value, self._values.setdefault(reading, reading)
        value = self._reference(reference, labels)
        reading = read_answer(
            reader, answer, labels, row=self._row, prompt=prompt, reference=value,
            aliases=self._aliases,
        )  # fmt: skip
        return value, self._values.setdefault(reading, reading) if is_closed else reading

    def _once(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """`function(*arguments)`, kept for the batch."""
        key = (function.__name__, *arguments)
        value = self._cache.get(key)
        if value is None:
            value = function(*arguments)
            if len(self._cache) < _CACHED_ANSWERS:
                self._cache[key] = value
        return value

    def _short_answer(self, answer: str, labels: tuple[str, ...], prompt: str) -> ParsedAnswer:
        return read_answer(
            self._reader, answer, labels, row=self._row, prompt=prompt, aliases=self._aliases
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


def _label_sets(
    reader: AnswerReader,
    references: Sequence[Any],
    row: TaskRow | None,
    options: Sequence[Any],
    aliases: Aliases,
) -> list[tuple[str, ...]]:
    """The label set of each example: the options, else the task's, else what references have."""
    if reader.labels == "unused":
        return [()] * len(references)
    labels = _Labels(reader, references, row, aliases)
    if options and not isinstance(options[0], str):
        default = labels.of_all(())
        return [
            labels.with_reference(labels.items(choices), reference) if choices else default
            for choices, reference in zip(options, references, strict=True)
        ]
    return [labels.of_all(labels.items(options))] * len(references)


class _Labels:
    """The labels that the examples of one batch choose from.

    Without options these are the task's, those of the references and of their vocabulary.
    Two references are one label if they are spelt alike, or if the vocabulary of the references
    has them as one. Without a vocabulary "rap" and "hip hop" stay apart.
    """

    def __init__(
        self,
        reader: AnswerReader,
        references: Sequence[Any],
        row: TaskRow | None,
        aliases: Aliases = (),
    ) -> None:
        self._aliases = aliases
        self._reader, self._references, self._row = reader, references, row
        self._is_closed = reader.labels == "closed"
        self._task = "" if row is None else row.id
        self._lists = reader.may_list
        self._vocabulary = self._infer()

    def of_all(self, options: tuple[str, ...]) -> tuple[str, ...]:
        """The options, else the task's labels; of a closed set with all references."""
        labels = options or self._labels_of_task()
        if not self._is_closed:
            return labels
        texts = dict.fromkeys(map(str, self._references))
        items = [i for text in texts for i in self.items((text,))]
        meanings = self._vocabulary.meanings if self._vocabulary is not None else ()
        return self._with_items(labels, (*items, *(meanings if not options else ())))

    def with_reference(self, labels: tuple[str, ...], reference: Any) -> tuple[str, ...]:
        """The options of a closed set with the reference, should it not be among them."""
        items = self.items((str(reference),)) if self._is_closed else ()
        return self._with_items(labels, items)

    def items(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The labels in texts each of which may list several."""
        if not self._lists:
            return tuple(texts)
        return tuple(dict.fromkeys(i for text in texts for i in items_in(self._task, text)))

    def _with_items(self, labels: tuple[str, ...], items: Iterable[str]) -> tuple[str, ...]:
        keys = {self._key(label) for label in labels}
        new_labels = []
        for item in items:
            key = self._key(item)
            if key not in keys and not self._says_one(item, labels):
                new_labels.append(item)
            keys.add(key)
        return (*labels, *new_labels)

    def _says_one(self, item: str, labels: tuple[str, ...]) -> bool:
        """Whether a reference is another name of a label, or a sentence that says a value."""
        if not labels:
            return False
        if matcher(labels, self._task, self._aliases).exact(item) is not None:
            return True
        row = self._row
        if row is None or labels != row.labels or len(item.split()) < _FEWEST_WORDS:
            return False
        reading = read_answer(self._reader, item, labels, row=row)
        return reading.status is Status.OK

    def _key(self, text: str) -> str:
        vocabulary = self._vocabulary
        label = vocabulary.find(text) if vocabulary is not None else None
        if vocabulary is None or label is None:
            return label_key(text)
        return vocabulary.key(vocabulary.twins[label].name)

    def _labels_of_task(self) -> tuple[str, ...]:
        """The task's own labels, unless the references are of a vocabulary that lacks one."""
        labels = self._row.labels if self._row is not None else ()
        vocabulary = self._vocabulary
        if vocabulary is None:
            return labels
        if not self._is_closed:
            return labels or vocabulary.meanings
        return labels if all(vocabulary.find(label) for label in labels) else ()

    def _infer(self) -> Vocabulary | None:
        """The vocabulary of the references, if they are names and nothing else."""
        if self._row is None or self._row.answer_kind.names not in ("one", "list"):
            return None
        texts = dict.fromkeys(r for r in self._references if isinstance(r, str) and r.strip())
        return infer(self._task, itertools.islice(texts, _MOST_TEXTS))
