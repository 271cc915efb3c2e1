"""The answer of a record: in which form it is written, and which labels it chooses between."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.catalogue.question import AnswerPattern
from audioflan_tasks.preprocessors.plain_words import polar_words
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of
from audioflan_tasks.vocabularies import (
    DRAWS,
    Vocabulary,
    answer_form,
    equal_values,
    get,
    items_of,
    label_key,
    options_for,
    values_in_form,
)
from audioflan_tasks.vocabularies.style import Style

__all__ = [
    "MOST_OPTIONS",
    "SEVERAL",
    "RecordAnswer",
    "form_names",
    "in_style",
    "is_plain_form",
    "listed_beside",
    "record_answer",
]

# Longer lists are cut to the right answer and distractors.
MOST_OPTIONS = 20
# The form of answers of more than one label.
SEVERAL = "several"
_AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """An answer as a record writes it.

    `text` is "" where it is no label; `form` is the name of its form, "" where it has none of the
    task's. `values` are all values of a question with two or three of them, in that form and in
    the task's order, else (). `labels` are those that an instruction may name; `is_several` says
    that it is a list of them, and `has_plain_words` that the values are the words that name their
    form.
    """

    text: str
    form: str
    values: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    is_several: bool = False
    has_plain_words: bool = True

    @property
    def items(self) -> tuple[str, ...]:
        """The labels that it names."""
        return items_of(self.text, self._is_label) if self.is_several else (self.text,)

    def _is_label(self, text: str) -> bool:
        return label_key(text) in _places(self.labels)


def record_answer(row: TaskRow, instance: Instance, text: str | None) -> RecordAnswer:
    """The answer of a record of a task; `text` is None where it is audio."""
    if text is None:
        return RecordAnswer("", _AUDIO if row.answer_kind.is_audio else "")
    if equal_values(row.id) is not None:
        return _closed_answer(row.id, text)
    labels = instance.options or _names(instance) or row.labels
    return _open_answer(row, instance, text.strip(), labels)


def _closed_answer(task: str, text: str) -> RecordAnswer:
    """The answer to a question that has two or three values."""
    bare_text, values = text.strip().rstrip(".。"), values_in_form(task, text)
    answer, value_set = answer_form(task, text), equal_values(task)
    if answer is None or value_set is None or not values:
        return RecordAnswer(bare_text, "", (), _words(task))
    form = next(f for f in value_set.forms if f.name == answer.form)
    plain_keys = [label_key(group[0]) for group in form.words[: len(values)]]
    is_plain = plain_keys == [*map(label_key, values)]
    return RecordAnswer(bare_text, answer.form, values, _words(task), has_plain_words=is_plain)


def form_names(row: TaskRow) -> tuple[str, ...]:
    """Names of the forms of a task's answers."""
    value_set = equal_values(row.id)
    forms = () if value_set is None else value_set.forms
    return tuple(form.name for form in forms or _patterns(row))


def is_plain_form(row: TaskRow, form: str) -> bool:
    """Whether an instruction that names no form may ask for answers in this one."""
    value_set = equal_values(row.id)
    if value_set is not None:
        return form == value_set.forms[0].name
    return all(pattern.plain for pattern in _patterns(row) if pattern.name == form)


def in_style(options: Sequence[str], items: Sequence[str]) -> tuple[str, ...]:
    """Options with the right ones as the record spells them, and the others alike; else ()."""
    places = _places(tuple(options))
    right = {places.get(label_key(item)): item for item in items}
    if None in right or len(options) < 2:
        return ()
    first, item = next((n, item) for n, item in right.items() if n is not None)
    style = (
        Style()
        if all(options[n] == i for n, i in right.items() if n is not None)
        else (Style.of(item, options[first]))
    )
    return tuple(right.get(n, style.spelt(option)) for n, option in enumerate(options))


def listed_beside(row: TaskRow, instance: Instance, answer: RecordAnswer) -> tuple[str, ...]:
    """Labels to choose from that the instruction does not list; () where the answer is not there.

    They are the record's own, else all values in the form of the answer, else labels of the
    record's vocabulary, else the task's.
    """
    if not row.answer_kind.lists_options or not answer.text:
        return ()
    options = in_style(instance.options, answer.items)
    return (
        options
        or answer.values
        or _vocabulary_options(instance, answer)
        or in_style(row.labels, answer.items)
    )


def _vocabulary_options(instance: Instance, answer: RecordAnswer) -> tuple[str, ...]:
    if not instance.vocabulary:
        return ()
    golds: str | tuple[str, ...] = answer.text if answer.is_several else (answer.text,)
    draw = seed_of("options", instance.task, instance.uuid or instance.where)
    return _drawn_options(instance.vocabulary, golds, draw % DRAWS)


@lru_cache(maxsize=16_384)
def _drawn_options(name: str, golds: str | tuple[str, ...], draw: int) -> tuple[str, ...]:
    return options_for(get(name), golds, MOST_OPTIONS, draw)


def _open_answer(
    row: TaskRow, instance: Instance, text: str, labels: tuple[str, ...]
) -> RecordAnswer:
    kind = row.answer_kind
    is_label = kind.lists_options and label_key(text) in _places(labels)
    if not is_label and (vocabulary := _vocabulary(instance)) is not None:
        is_label = vocabulary.find(text) is not None
    patterns = [p for p in _patterns(row) if p.plain or not is_label]
    # Nothing was heard, or said: an answer in any form.
    is_empty = not text and not kind.lists_options
    form = next((p for p in patterns if is_empty or _fits(p, text)), None)
    # A question that is a piece of the input may be one of yes and no.
    may_be_polar = is_label or not kind.lists_options or "text" in row.reads
    is_polar = not may_be_polar and text.lower().rstrip(".") in polar_words()
    is_several = kind.choices == "several" or (form is not None and not form.plain)
    name = "" if form is None or is_polar else form.name
    if not kind.lists_options:
        # The form is all that matters: a transcript would only make each record another case.
        return RecordAnswer("", name)
    return RecordAnswer(text, name, (), labels, is_several)


@lru_cache(maxsize=4096)
def _places(labels: tuple[str, ...]) -> Mapping[str, int]:
    """The place of each label by its key."""
    return {label_key(label): number for number, label in enumerate(labels)}


def _fits(pattern: AnswerPattern, text: str) -> bool:
    if not re.fullmatch(pattern.pattern, text.rstrip(".") or text):
        return False
    items = [item.casefold() for item in text.split(", ")]
    return not pattern.is_sorted or items == sorted(items)


def _patterns(row: TaskRow) -> tuple[AnswerPattern, ...]:
    return row.answer_patterns or row.answer_kind.patterns


def _names(instance: Instance) -> tuple[str, ...]:
    vocabulary = _vocabulary(instance)
    return () if vocabulary is None else vocabulary.names


def _vocabulary(instance: Instance) -> Vocabulary | None:
    return get(instance.vocabulary) if instance.vocabulary else None


@lru_cache(maxsize=256)
def _words(task: str) -> tuple[str, ...]:
    """All words for the values of a task that has a closed set of them."""
    values = equal_values(task)
    forms = () if values is None else values.forms
    return tuple(
        dict.fromkeys(
            word.removeprefix("=")
            for form in forms
            for group in form.words
            for word in group
            if len(word) > 1
        )
    )
