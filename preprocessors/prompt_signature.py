"""What of a record decides the words around its values, apart from the values themselves.

Records with equal `PromptFacts` get the same instructions, labels and layout: only the texts and
the audio differ. A store numbers its rows by these facts, and the renderer makes a
`PromptSignature` of them, so that both agree on which rows share their words.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from audioflan_tasks.catalogue import Kind, TaskRow
from audioflan_tasks.preprocessors.compiled_pool import (
    CompiledInstruction,
    PoolPiece,
    compiled_pool,
)
from audioflan_tasks.preprocessors.options import lists
from audioflan_tasks.records import Instance, Piece

__all__ = [
    "PromptFacts",
    "PromptSignature",
    "SignedRecord",
    "answer_value",
    "catalogue_digest",
    "input_values",
    "prompt_facts",
    "sign_record",
]


@dataclass(frozen=True, slots=True)
class LabelledPiece:
    """Label and kind of a piece of a record's input."""

    label: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class PromptFacts:
    """What a record brings to the words around it, whatever the task's pools hold.

    `slots` are the facts that the instruction must carry, "" where the record lacks one.
    `options` are the labels to choose from, sorted and without repeats, () where none are listed.
    `inputs` are the pieces of the input. `answer` is the kind of the one answer, None where the
    output does not fit the task. `spans_in_text` says that spans of the input stand inside a text
    where the task has no audio.
    """

    task: str
    slots: tuple[tuple[str, str], ...]
    options: tuple[str, ...]
    inputs: tuple[LabelledPiece, ...]
    answer: Kind | None
    spans_in_text: bool


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


def catalogue_digest(row: TaskRow | None) -> str:
    """A digest that changes when the `PromptFacts` of a task's records could; "" without a row."""
    if row is None:
        return ""
    kind = row.answer_kind
    answer = [row.answer, kind.lists_options, kind.choices]
    inputs = [[piece.name, piece.kind] for piece in row.inputs]
    columns = [row.id, inputs, row.writes, answer, row.slots, row.labels]
    return hashlib.sha256(json.dumps(columns).encode("utf-8")).hexdigest()[:16]


class _RecordValues(NamedTuple):
    """The facts of a record, its values in the record's order, and the answer if it fits."""

    facts: PromptFacts
    pieces: Sequence[Piece]
    answer: Piece | None


def prompt_facts(
    row: TaskRow, instance: Instance, inputs: Sequence[Piece], outputs: Sequence[Piece]
) -> PromptFacts:
    """The facts of a record whose pieces are `inputs` and `outputs`.

    Of `row` it reads only what `catalogue_digest` covers.
    """
    return _record_values(row, instance, inputs, outputs).facts


def sign_record(
    instance: Instance, row: TaskRow, languages: tuple[str, ...]
) -> SignedRecord | None:
    """The signature of a record and its values, or None where the pool does not fit it.

    Raises:
      TemplateError: the task's pool breaks the schema.
    """
    facts, pieces, answer = _record_values(
        row, instance, instance.input_pieces, instance.output_pieces
    )
    order = _task_order(facts, row, languages)
    if order is None or answer is None:
        return None
    signature = _signature(facts, answer.kind, order, row, languages)
    if signature is None:
        return None
    in_order = tuple(pieces[number] for number in order)
    return SignedRecord(signature, in_order, answer, None if facts.spans_in_text else order)


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
    slots = instance.slots if row.slots else {}
    options = () if answer is None else _options(instance, row, answer.value)
    facts = PromptFacts(
        task=row.id,
        slots=tuple((slot, slots.get(slot, "")) for slot in row.slots),
        options=tuple(sorted(dict.fromkeys(options))),
        inputs=tuple(LabelledPiece(piece.label, piece.kind) for piece in pieces),
        answer=None if answer is None else answer.kind,
        spans_in_text="audio" not in row.reads and any(piece.kind == "audio" for piece in inputs),
    )
    return _RecordValues(facts, pieces, answer)


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
    instructions = pool.instructions if facts.options else pool.without_options
    if not instructions:
        return None
    return PromptSignature(
        instructions=instructions,
        slots=facts.slots,
        options=facts.options,
        kinds=tuple(facts.inputs[number].kind for number in order),
        answer=answer,
        # An answer from outside a closed set may be a whole sentence already.
        lead_ins=bool(facts.options) or not row.labels,
    )


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
    return None if pool is None else _matching_order(pool.pieces, facts.inputs)


def _options(instance: Instance, row: TaskRow, gold: str) -> Sequence[str]:
    """The labels to choose from: the record's, else the task's; () if the gold is not there."""
    if not row.answer_kind.lists_options:
        return ()
    several = row.answer_kind.choices == "several"
    candidates = (instance.options, row.labels)
    return next((c for c in candidates if c and lists(c, gold, several=several)), ())


def _only_text(field: str, pieces: Sequence[Piece]) -> Piece:
    """A field that holds one text and no audio, whatever it looks like."""
    if len(pieces) == 1 and pieces[0].kind == "text":
        return pieces[0]
    return Piece("", "text", field.strip())


@lru_cache(maxsize=4096)
def _matching_order(
    task_pieces: tuple[PoolPiece, ...], record_pieces: tuple[LabelledPiece, ...]
) -> tuple[int, ...] | None:
    """For each piece of the task the number of the record's; labels decide between equal kinds."""

    def agreement(order: tuple[int, ...]) -> int:
        labels = (record_pieces[number].label.lower() for number in order)
        return sum(
            _is_labelled(piece, label)
            for piece, label in zip(task_pieces, labels, strict=True)
            if label
        )

    orders = [
        order
        for order in itertools.permutations(range(len(record_pieces)))
        if all(
            record_pieces[number].kind == piece.kind
            for piece, number in zip(task_pieces, order, strict=True)
        )
    ]
    # `max` keeps the first of equals, which is the record's own order.
    return max(orders, key=agreement) if orders else None


def _is_labelled(piece: PoolPiece, label: str) -> bool:
    return label == piece.name or label in {name.strip(" :：").lower() for name in piece.labels}
