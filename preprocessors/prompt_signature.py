"""What of a record decides the words around its values, apart from the values themselves.

Records with equal `PromptFacts` get the same instructions, labels and layout: only the texts and
the audio differ. A store keeps these facts for its rows (`preprocessors.outlines`), and the
renderer makes a `PromptSignature` of them, so that both agree on which rows share their words.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from audioflan_tasks.catalogue import Kind, TaskRow
from audioflan_tasks.preprocessors.compiled_pool import (
    CompiledInstruction,
    compiled_pool,
)
from audioflan_tasks.preprocessors.piece_order import LabelledPiece, matching_order
from audioflan_tasks.preprocessors.question import (
    KeepReason,
    RecordQuestion,
    record_question,
)
from audioflan_tasks.preprocessors.record_answer import (
    SEVERAL,
    RecordAnswer,
    is_plain_form,
    listed_beside,
    record_answer,
)
from audioflan_tasks.preprocessors.wording import words_of
from audioflan_tasks.records import Instance, Piece

__all__ = [
    "PromptFacts",
    "PromptSignature",
    "SignedFacts",
    "SignedRecord",
    "answer_value",
    "input_values",
    "keep_reason",
    "prompt_facts",
    "sign_facts",
    "sign_record",
]

# Instructions that list the labels of a corpus, to each that does not.
_LISTING_RATIO = 10


@dataclass(frozen=True, slots=True)
class PromptFacts:
    """What a record brings to the words around it, whatever the task's pools hold.

    `slots` are the facts that the instruction must carry, "" where the record lacks one.
    `options` are the labels to choose from, sorted and without repeats, () where none are listed.
    `inputs` are the pieces of the input. `answer` is the kind of the one answer, None where the
    output does not fit the task. `spans_in_text` says that spans of the input stand inside a text
    where the task has no audio.

    An instruction must ask for answers of this `form` ("" for any), list the options where the
    record `lists_options` itself, and say a word of each group of `details`
    (`PlainQuestion.details`). Where the options are labels of a corpus (`has_vocabulary`) they are
    listed more often than not. `keeps` is why the record keeps its own words, "" where it does
    not (a `KeepReason`); slots, options, form and details are empty then.
    """

    task: str
    slots: tuple[tuple[str, str], ...]
    options: tuple[str, ...]
    inputs: tuple[LabelledPiece, ...]
    answer: Kind | None
    spans_in_text: bool
    form: str = ""
    lists_options: bool = False
    details: tuple[int, ...] = ()
    has_vocabulary: bool = False
    keeps: str = ""


@dataclass(frozen=True, slots=True)
class PromptSignature:
    """The instructions to draw from, the facts that one carries, and the labels to choose from.

    `options` are sorted and without repeats, () where nothing is listed; `kinds` are those of
    the pieces in the task's order; `lead_ins` says whether the answer may have one.
    """

    instructions: tuple[CompiledInstruction, ...]
    slots: tuple[tuple[str, str], ...]
    options: tuple[str, ...]
    kinds: tuple[Kind, ...]
    answer: Kind
    lead_ins: bool


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """A signature with the values of one record: its pieces in the task's order, and the answer.

    `order` says for each piece which of the record's it is; a field that holds one text counts as
    one piece, whatever the text looks like. It is None where `spans_in_text`.
    """

    signature: PromptSignature
    pieces: tuple[Piece, ...]
    answer: Piece
    order: tuple[int, ...] | None


class _RecordValues(NamedTuple):
    """The facts of a record, its values in the record's order, and the answer if it fits."""

    facts: PromptFacts
    pieces: Sequence[Piece]
    answer: Piece | None


def prompt_facts(
    row: TaskRow, instance: Instance, inputs: Sequence[Piece], outputs: Sequence[Piece]
) -> PromptFacts:
    """The facts of a record whose pieces are `inputs` and `outputs`.

    Of `row` it reads only what `catalogue_digest.catalogue_digest` covers.
    """
    return _record_values(row, instance, inputs, outputs).facts


def sign_record(
    instance: Instance, row: TaskRow, languages: tuple[str, ...]
) -> SignedRecord | None:
    """The signature of a record and its values, or None where it keeps its own words.

    Raises:
      TemplateError: the task's pool breaks the schema.
    """
    signed = _signed_or_kept(instance, row, languages)
    return None if isinstance(signed, KeepReason) else signed


def keep_reason(instance: Instance, row: TaskRow, languages: tuple[str, ...]) -> KeepReason | None:
    """Why a record keeps its own words; None where the pool asks for it.

    Raises:
      TemplateError: the task's pool breaks the schema.
    """
    signed = _signed_or_kept(instance, row, languages)
    return signed if isinstance(signed, KeepReason) else None


def _signed_or_kept(
    instance: Instance, row: TaskRow, languages: tuple[str, ...]
) -> SignedRecord | KeepReason:
    facts, pieces, answer = _record_values(
        row, instance, instance.input_pieces, instance.output_pieces
    )
    prompt = sign_facts(facts, row, languages)
    if isinstance(prompt, KeepReason) or answer is None:
        return prompt if isinstance(prompt, KeepReason) else KeepReason.PIECES
    in_order = tuple(pieces[number] for number in prompt.order)
    order = None if facts.spans_in_text else prompt.order
    return SignedRecord(prompt.signature, in_order, answer, order)


class SignedFacts(NamedTuple):
    """A signature, and for each piece of the task which of the record's it is."""

    signature: PromptSignature
    order: tuple[int, ...]


def sign_facts(
    facts: PromptFacts, row: TaskRow, languages: tuple[str, ...]
) -> SignedFacts | KeepReason:
    """The signature of all records with these facts, or why they keep their own words.

    Raises:
      TemplateError: the task's pool breaks the schema.
    """
    order = _task_order(facts, row, languages)
    if order is None or facts.answer is None:
        return KeepReason.PIECES
    if facts.keeps:
        return KeepReason(facts.keeps)
    signature = _signature(facts, facts.answer, order, row, languages)
    return KeepReason.POOL if signature is None else SignedFacts(signature, order)


def input_values(row: TaskRow, field: str, pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The values of an input in the record's order."""
    if row.reads == ("text",):
        return (_only_text(field, pieces),)
    return pieces


def answer_value(row: TaskRow, field: str, pieces: Sequence[Piece]) -> Piece | None:
    """The one value of an output, None if it does not fit the task."""
    if "audio" not in row.writes:
        return _only_text(field, pieces)
    fits = len(pieces) == 1 and pieces[0].kind in row.writes
    return pieces[0] if fits else None


def _record_values(
    row: TaskRow, instance: Instance, inputs: Sequence[Piece], outputs: Sequence[Piece]
) -> _RecordValues:
    pieces = input_values(row, instance.input, inputs)
    answer = answer_value(row, instance.output, outputs)
    facts = PromptFacts(
        task=row.id,
        slots=(),
        options=(),
        inputs=tuple(LabelledPiece(piece.label, piece.kind) for piece in pieces),
        answer=None if answer is None else answer.kind,
        spans_in_text="audio" not in row.reads and any(piece.kind == "audio" for piece in inputs),
    )
    return _RecordValues(_with_question(facts, row, instance, answer), pieces, answer)


def _with_question(
    facts: PromptFacts, row: TaskRow, instance: Instance, answer: Piece | None
) -> PromptFacts:
    """The facts of a record with what it asks, or why it keeps its own words."""
    if answer is None:
        return facts
    text = answer.value if answer.kind == "text" else None
    answer_written = record_answer(row, instance, text)
    question = record_question(row, instance.instruction, answer_written, instance.slots)
    if question.keeps is not None:
        return dataclasses.replace(facts, keeps=str(question.keeps))
    options = question.options or listed_beside(row, instance, answer_written)
    return dataclasses.replace(
        facts,
        slots=question.facts,
        options=tuple(sorted(dict.fromkeys(options))),
        form=_form(row, question, answer_written),
        lists_options=bool(question.options) or not answer_written.has_plain_words,
        has_vocabulary=bool(instance.vocabulary and options),
        details=question.details,
    )


def _form(row: TaskRow, question: RecordQuestion, answer: RecordAnswer) -> str:
    """The form of answers that an instruction must ask for; "" where any will do."""
    if row.question is None:
        return ""
    return SEVERAL if question.asks_for_several else answer.form


def _signature(
    facts: PromptFacts,
    answer: Kind,
    order: tuple[int, ...],
    row: TaskRow,
    languages: tuple[str, ...],
) -> PromptSignature | None:
    """The signature of records with these facts, or None where no instruction can be used."""
    pool = compiled_pool(row, languages)
    if pool is None or not all(fact for _, fact in facts.slots):
        return None
    instructions = tuple(i for i in pool.instructions if _asks_alike(i, facts, row))
    if not instructions:
        return None
    if facts.has_vocabulary:
        instructions = _mostly_listing(instructions)
    instructions = tuple(_with_true_lead_ins(i, facts, row) for i in instructions)
    return PromptSignature(
        instructions=instructions,
        slots=facts.slots,
        options=facts.options,
        kinds=tuple(facts.inputs[number].kind for number in order),
        answer=answer,
        # An answer from outside a closed set may be a whole sentence already.
        lead_ins=bool(facts.options) or not row.labels,
    )


def _asks_alike(instruction: CompiledInstruction, facts: PromptFacts, row: TaskRow) -> bool:
    """Whether an instruction asks for all that a record asks, in the form of its answer."""
    if instruction.lists_options and not facts.options:
        return False
    if facts.lists_options and not (
        instruction.lists_options or instruction.words.issuperset(_words(facts.options))
    ):
        return False
    groups = row.question.details if row.question is not None else ()
    if not all(instruction.says(groups[number]) for number in facts.details):
        return False
    if instruction.answers or not facts.form:
        return not facts.form or facts.form in instruction.answers
    is_listed = instruction.lists_options and facts.form != SEVERAL
    return is_listed or is_plain_form(row, facts.form)


def _with_true_lead_ins(
    instruction: CompiledInstruction, facts: PromptFacts, row: TaskRow
) -> CompiledInstruction:
    """The same without lead-ins that turn an answer round: "Same speaker: different"."""
    polarity = row.question.polarity if row.question is not None else None
    if polarity is None or not facts.form or facts.form in polarity.forms[:1]:
        return instruction
    true_lead_ins = (
        lead_in
        for lead_in in instruction.lead_ins
        if not set(words_of(lead_in)).intersection(polarity.asks)
    )
    return dataclasses.replace(instruction, lead_ins=tuple(true_lead_ins))


def _mostly_listing(
    instructions: tuple[CompiledInstruction, ...],
) -> tuple[CompiledInstruction, ...]:
    """The same with those that list options `_LISTING_RATIO` times as often as the others."""
    listing = tuple(i for i in instructions if i.lists_options)
    open_ended = tuple(i for i in instructions if not i.lists_options)
    if not listing:
        return instructions
    return listing * max(1, math.ceil(_LISTING_RATIO * len(open_ended) / len(listing))) + open_ended


def _words(options: Sequence[str]) -> Iterator[str]:
    return (word for option in options for word in words_of(option))


def _task_order(
    facts: PromptFacts, row: TaskRow, languages: tuple[str, ...]
) -> tuple[int, ...] | None:
    """For each piece of the task the number of the record's, or None if they do not fit."""
    kinds = [piece.kind for piece in facts.inputs]
    if len(kinds) != len(row.inputs):
        return None
    if len(kinds) == 1:
        return (0,) if kinds[0] == row.inputs[0].kind else None
    pool = compiled_pool(row, languages)
    return None if pool is None else matching_order(pool.pieces, facts.inputs)


def _only_text(field: str, pieces: Sequence[Piece]) -> Piece:
    """A field that holds one text and no audio, whatever it looks like."""
    if len(pieces) == 1 and pieces[0].kind == "text":
        return pieces[0]
    return Piece("", "text", field.strip())
