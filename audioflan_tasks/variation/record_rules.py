"""Rules that the rewrite of a whole record must keep: its audio, its texts, its answer.

As in `instruction_rewrite.py`, a rule returns the place where it is broken, "" where it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.parsing import parse
from audioflan_tasks.records import Instance, Piece, audio_ids, canonical
from audioflan_tasks.records.lead_ins import ANSWER, split_answer, with_lead_in
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.reading import language_of

__all__ = ["RECORD_RULES", "RecordRewrite", "RecordRule", "output_of"]

_LONGEST_LEAD_IN = 100


@dataclass(frozen=True, slots=True)
class RecordRewrite:
    """A record and the three fields that a model gave for it."""

    row: TaskRow
    instance: Instance
    fields: Mapping[str, str]

    @property
    def rewritten(self) -> Instance:
        """The record with the new fields; its answer is cut from the words before it."""
        output = split_answer(self.row, canonical(self.fields["output"])[0])
        return self.instance.replace(
            instruction=self.fields["instruction"].strip(),
            input=canonical(self.fields["input"])[0],
            output=output.answer,
            lead_in=output.lead_in,
        )

    @property
    def instruction(self) -> InstructionRewrite:
        """Its instruction alone."""
        original = self.instance.instruction
        answer = "" if self.row.answer_kind.is_audio else self.instance.output
        return InstructionRewrite(
            self.row, original, self.rewritten.instruction, language_of(original), answer
        )


RecordRule = Callable[[RecordRewrite], str]


def output_of(instance: Instance) -> str:
    """The output of a record as the release writes it, with its lead-in."""
    return with_lead_in(instance.lead_in, instance.output)


def _audio_ids(case: RecordRewrite) -> str:
    instance, rewritten = case.instance, case.rewritten
    for field, field_before, field_after in (
        ("input", instance.input, rewritten.input),
        ("output", instance.output, rewritten.output),
    ):
        if audio_ids(field_before) != audio_ids(field_after):
            return f"{field}: {', '.join(audio_ids(field_after)) or 'none'}"
    return ""


def _content(case: RecordRewrite) -> str:
    """The values of the input, texts after a label among them."""
    values, new_values = (_values(i.input_pieces) for i in (case.instance, case.rewritten))
    if values == new_values:
        return ""
    lost_values = [value for value in values if value not in new_values]
    return f"input: {lost_values[0][1][:60]}" if lost_values else "input: its order"


def _labels(case: RecordRewrite) -> str:
    """A label may not give a piece the part of another: a reference is no source."""
    pairs = zip(case.instance.input_pieces, case.rewritten.input_pieces, strict=False)
    for piece, new_piece in pairs:
        parts = _parts(case.row, piece)
        if parts and _parts(case.row, new_piece) - parts:
            return new_piece.label
    return ""


def _answer(case: RecordRewrite) -> str:
    """The output means what it meant, to the last sign and to the task's own parser."""
    instance, rewritten = case.instance, case.rewritten
    if instance.output.strip() != rewritten.output.strip():
        return f"output: {case.fields['output'][:60]}"
    if case.row.answer_kind.is_audio:
        return ""
    values = [parse(case.row, output_of(i), instance.options).value for i in (instance, rewritten)]
    return "" if values[0] == values[1] else f"output: {values[1]!r}"


def _lead_in(case: RecordRewrite) -> str:
    """Words before the answer: short, without audio or figures, and none after it."""
    lead_in, new_lead_in = case.instance.lead_in, case.rewritten.lead_in
    has_figures = re.search(r"\d|<\||```", new_lead_in) is not None
    is_odd = len(new_lead_in) > _LONGEST_LEAD_IN or has_figures or ANSWER in new_lead_in
    return f"output: {new_lead_in[:60]}" if is_odd and new_lead_in != lead_in else ""


RECORD_RULES: Mapping[str, RecordRule] = {
    "audio_ids": _audio_ids,
    "content": _content,
    "labels": _labels,
    "answer": _answer,
    "lead_in": _lead_in,
}


def _values(pieces: tuple[Piece, ...]) -> list[tuple[str, str]]:
    return [(piece.kind, piece.value) for piece in pieces]


def _parts(row: TaskRow, piece: Piece) -> frozenset[str]:
    """Names of the pieces of a task of which a label has a word."""
    words = set(re.findall(r"\w+", piece.label.lower()))
    return frozenset(p.name for p in row.inputs if words.intersection(p.words))
