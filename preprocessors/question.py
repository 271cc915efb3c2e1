"""What a record asks, and whether its task's pool asks the same.

A record states facts, and the pool may ask for them only as the record does. Each sentence of its
instruction must be one of those with which the task is asked (`TaskRow.question`), apart from
options that are listed and facts that the pool's instruction carries as well. Where the rules do
not allow a sentence, where the opposite is asked, or where the answer has no form that the pool can
ask for, the record keeps its own words.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.preprocessors.named_facts import read_facts
from audioflan_tasks.preprocessors.named_options import OptionsRead, listed_options, named_labels
from audioflan_tasks.preprocessors.plain_question import ASKS, ways_asked
from audioflan_tasks.preprocessors.record_answer import RecordAnswer, in_style
from audioflan_tasks.preprocessors.templates import OPTIONS, languages_of, pool
from audioflan_tasks.preprocessors.wording import FACT, sentences_of, words_of
from audioflan_tasks.vocabularies import answer_form, equal_values, is_known, label_key, list_key

__all__ = ["KEEP_MEANINGS", "KeepReason", "RecordQuestion", "pool_wordings", "record_question"]


# "Which of these instruments" asks for one.
_ONE_OF = re.compile(r"\b(?:which|what|one|any) of (?:the|these|those)\b", re.IGNORECASE)


class KeepReason(StrEnum):
    """Why a record keeps its own words though its task has a pool."""

    WORDS = "words"
    OPPOSITE = "opposite"
    ANSWER = "answer"
    OPTIONS = "options"
    FACT = "fact"
    PIECES = "pieces"
    POOL = "pool"


KEEP_MEANINGS: Mapping[KeepReason, str] = {
    KeepReason.WORDS: "the instruction says something that the task's plain question does not",
    KeepReason.OPPOSITE: "the instruction asks the opposite, or yes and no could mean either",
    KeepReason.ANSWER: "the answer is in no form that the pool asks for",
    KeepReason.OPTIONS: "the answer is not among the options that the instruction lists",
    KeepReason.FACT: "a fact that every instruction of the pool carries is missing or not clear",
    KeepReason.PIECES: "input and output are not the pieces that the task reads and writes",
    KeepReason.POOL: "no instruction of the pool asks in this form",
}


@dataclass(frozen=True, slots=True)
class RecordQuestion:
    """What a record asks, as far as an instruction of the pool must say it.

    `options` are those that it lists, () where none; `facts` the values of the task's slots;
    `details` the numbers of the groups of `PlainQuestion.details` of which it says a word;
    `asks_for_several` says that it asks for all labels that fit.
    """

    keeps: KeepReason | None = None
    options: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    details: tuple[int, ...] = ()
    asks_for_several: bool = False


def record_question(
    row: TaskRow, instruction: str, answer: RecordAnswer, facts: Mapping[str, str]
) -> RecordQuestion:
    """What an instruction asks for an answer, with the facts that the record has beside it.

    Without words of its own a record asks what the pool does.
    """
    task_facts = tuple((slot, facts.get(slot, "")) for slot in row.slots)
    if row.question is None:
        return RecordQuestion(facts=task_facts)
    return _question(row, instruction, answer, task_facts)


@lru_cache(maxsize=65_536)
def _question(
    row: TaskRow, instruction: str, answer: RecordAnswer, task_facts: tuple[tuple[str, str], ...]
) -> RecordQuestion:
    if not answer.form:
        return RecordQuestion(KeepReason.ANSWER)
    if not instruction.strip():
        return _with_facts(RecordQuestion(facts=task_facts))
    readings = _readings(row, instruction, answer.labels, task_facts)
    if readings is None:
        return RecordQuestion(KeepReason.FACT)
    return _judged(row, answer, readings)


def _judged(
    row: TaskRow, answer: RecordAnswer, readings: Sequence[_InstructionReading]
) -> RecordQuestion:
    """What the first reading that explains the whole instruction says; else why none does."""
    reasons = []
    for reading in readings:
        options = _options(row, answer, reading.options)
        reason = _objection(row, answer, reading, options)
        if reason is None:
            return _with_facts(
                RecordQuestion(
                    None, options, reading.facts, reading.details, reading.asks_for_several
                )
            )
        reasons.append(reason)
    # The last reading is that without options.
    return RecordQuestion(KeepReason.OPTIONS if KeepReason.OPTIONS in reasons else reasons[-1])


def _with_facts(question: RecordQuestion) -> RecordQuestion:
    is_whole = all(value for _, value in question.facts)
    return question if is_whole else RecordQuestion(KeepReason.FACT)


def _objection(
    row: TaskRow, answer: RecordAnswer, reading: _InstructionReading, options: tuple[str, ...]
) -> KeepReason | None:
    """Why the pool may not ask for what a reading of an instruction asks."""
    if reading.options and not (options and _tells(reading, answer)):
        return KeepReason.OPTIONS
    if reading.ways is None:
        return KeepReason.WORDS
    if not _asks_alike(row, answer.form, reading.ways):
        return KeepReason.OPPOSITE
    return None


def _tells(reading: _InstructionReading, answer: RecordAnswer) -> bool:
    """Whether the answer tells this way to read a list of options from the others."""
    unsure = set(map(label_key, reading.unsure))
    return not unsure or any(label_key(item) in unsure for item in answer.items)


def _asks_alike(row: TaskRow, form: str, ways: frozenset[str]) -> bool:
    """Whether an answer in this form means what it means after the pool's instructions."""
    values = equal_values(row.id)
    if values is not None and any(f.is_asked for f in values.forms if f.name == form):
        return False
    polarity = row.question.polarity if row.question is not None else None
    return polarity is None or form not in polarity.forms or ways == {ASKS}


def _options(row: TaskRow, answer: RecordAnswer, options: tuple[str, ...]) -> tuple[str, ...]:
    """Options of an instruction in the spelling of the answer; () if that is not among them."""
    if not answer.values:
        return in_style(options, answer.items)
    values = equal_values(row.id)
    forms = [answer_form(row.id, option) for option in options]
    names = [form.value if form else "" for form in forms]
    if values is None or not all(names) or len(set(names)) < len(names):
        return ()
    in_form = tuple(answer.values[values.values.index(name)] for name in names)
    is_polar = (
        row.question is not None
        and row.question.polarity is not None
        and (answer.form in row.question.polarity.forms)
    )
    if is_polar and any(form is None or form.form != answer.form for form in forms):
        return ()
    return in_form if answer.text in in_form else ()


@dataclass(frozen=True, slots=True)
class _InstructionReading:
    """One way to read an instruction: its options and facts, and what else it asks.

    `ways` says which ways round it asks, None where it asks something else. The
    answer must be one of the `unsure` options, if there are any.
    """

    options: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    ways: frozenset[str] | None
    details: tuple[int, ...]
    asks_for_several: bool
    unsure: tuple[str, ...]


def _readings(
    row: TaskRow,
    instruction: str,
    labels: tuple[str, ...],
    task_facts: tuple[tuple[str, str], ...],
) -> tuple[_InstructionReading, ...] | None:
    """The ways to read an instruction, that without options last; None if a fact is not clear."""
    readings = []
    for options, other_text, unsure in _option_readings(row, instruction, labels):
        facts_read = read_facts(other_text, row.slots, dict(task_facts))
        if facts_read is None:
            return None
        facts = tuple(facts_read.facts.items())
        readings.append(_reading(row, options, unsure, facts, facts_read.other_text))
    return tuple(readings)


def _reading(
    row: TaskRow,
    options: tuple[str, ...],
    unsure: tuple[str, ...],
    facts: tuple[tuple[str, str], ...],
    text: str,
) -> _InstructionReading:
    sentences = sentences_of(text)
    words = [*itertools.chain(*sentences)]
    if tuple(words) in pool_wordings(row):
        ways: frozenset[str] | None = frozenset({ASKS})
        is_plural = False
    else:
        ways = ways_asked(row, sentences, lists_options=bool(options))
        plural = row.question.plural if row.question is not None else ()
        is_plural = not set(plural).isdisjoint(words) and not _ONE_OF.search(text)
    return _InstructionReading(options, facts, ways, _details(row, words), is_plural, unsure)


def _details(row: TaskRow, words: Sequence[str]) -> tuple[int, ...]:
    """The numbers of the groups of the question's details of which a word is there."""
    groups = row.question.details if row.question is not None else ()
    text = f" {' '.join(words)} "
    return tuple(n for n, group in enumerate(groups) if any(f" {w} " in text for w in group))


@lru_cache(maxsize=1024)
def pool_wordings(row: TaskRow) -> frozenset[tuple[str, ...]]:
    """The words of each instruction of a task's own pools, with `FACT` for what is filled in."""
    languages = languages_of(row.id) if row.question is not None else ()
    return frozenset(
        tuple(words_of(" ".join(_filled(instruction.parts))))
        for language in languages
        for instruction in pool(row.id, row=row, language=language).instruction
    )


def _filled(parts: Sequence[str]) -> Iterator[str]:
    for number, part in enumerate(parts):
        if number % 2 == 0:
            yield part
        elif part != OPTIONS:
            yield FACT


def _option_readings(
    row: TaskRow, instruction: str, labels: tuple[str, ...]
) -> Iterator[OptionsRead]:
    keys = frozenset(map(list_key, labels))
    labels_read = named_labels(instruction, labels)
    if labels_read is not None:
        yield labels_read
    yield from listed_options(
        instruction, lambda text: list_key(text) in keys or is_known(row.id, text)
    )
    yield OptionsRead((), instruction)
