"""A record's own words: its instruction, input and output as they stand, cut at their audio.

The renderer makes segments of them and a store keeps their ids, so that both agree on where a
text begins. Texts without a value of the record, such as the label of a span, are few in a
corpus and belong to the `OwnLayout`; the others are the record's, like its audio.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from audioflan_tasks.catalogue import Kind, TaskRow
from audioflan_tasks.records import Instance, Piece
from audioflan_tasks.records.spans import pieces as cut_pieces

__all__ = ["INSTRUCTION", "OwnItem", "OwnLayout", "OwnValue", "OwnWords", "own_answer", "own_words"]


@dataclass(frozen=True, slots=True)
class OwnValue:
    """A text or an audio span of a record: its place in `OwnWords.texts` or `.audio_ids`."""

    kind: Kind
    place: int


# Words that records share, or a value.
OwnItem: TypeAlias = str | OwnValue

INSTRUCTION = OwnValue("text", 0)


@dataclass(frozen=True, slots=True)
class OwnLayout:
    """The order of words and values on both sides; records of equal layout differ in values only.

    `inputs` begin with `INSTRUCTION` unless the record has none.
    """

    inputs: tuple[OwnItem, ...]
    targets: tuple[OwnItem, ...]

    @property
    def has_instruction(self) -> bool:
        """Whether the record has an instruction of its own."""
        return self.inputs[:1] == (INSTRUCTION,)


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A layout with the values of one record.

    `texts` are its instruction ("" if it has none), the texts among the pieces of its input and
    of its output, and then texts that only its own words have. `audio_ids` are all spans of the
    input, then all of the output, repeats included.
    """

    layout: OwnLayout
    texts: tuple[str, ...]
    audio_ids: tuple[str, ...]


def own_words(
    instance: Instance, row: TaskRow, inputs: Sequence[Piece], outputs: Sequence[Piece]
) -> OwnWords:
    """The own words of a record whose pieces are `inputs` and `outputs`.

    Of `row` it reads only what `prompt_signature.catalogue_digest` covers.
    """
    values = _Values(instance, inputs, outputs)
    input_items: list[OwnItem] = [INSTRUCTION] if instance.instruction else []
    if instance.input:
        lead = "\n" if instance.instruction else ""
        cuts = _cut(instance.input, inputs, lead, may_hold_audio="audio" in row.reads)
        input_items += values.items(cuts)
    values.pass_inputs()
    target_items = values.items(_target_cuts(instance.output, row, outputs))
    layout = OwnLayout(tuple(input_items), tuple(target_items))
    return OwnWords(layout, tuple(values.texts), values.audio_ids)


def own_answer(output: str, row: TaskRow) -> str:
    """What counts as the answer of an output: its last audio id, else its text without lead-in."""
    cuts = list(_target_cuts(output, row, cut_pieces(output)))
    audio_ids = [cut.value for cut in cuts if cut.kind == "audio"]
    return (audio_ids or [cut.value for cut in cuts])[-1]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A stretch of a field.

    `is_own` says that it holds a value of the record; `is_piece` that it is one piece.
    """

    kind: Kind
    value: str
    is_own: bool = True
    is_piece: bool = False


class _Values:
    """Texts and spans of a record, numbered as its own words come to them."""

    def __init__(
        self, instance: Instance, inputs: Sequence[Piece], outputs: Sequence[Piece]
    ) -> None:
        input_texts, output_texts = _of_kind("text", inputs), _of_kind("text", outputs)
        self.texts = [instance.instruction, *input_texts, *output_texts]
        input_ids = _of_kind("audio", inputs)
        self.audio_ids = (*input_ids, *_of_kind("audio", outputs))
        self._first_output = OwnValue("text", 1 + len(input_texts))
        self._input_spans, self._next_span = len(input_ids), 0

    def pass_inputs(self) -> None:
        """Goes on with the spans of the output, whether or not those of the input were used."""
        self._next_span = self._input_spans

    def items(self, cuts: Iterator[_Cut]) -> list[OwnItem]:
        return [self._item(cut) for cut in cuts]

    def _item(self, cut: _Cut) -> OwnItem:
        if not cut.is_own:
            return cut.value
        if cut.is_piece:
            return self._first_output
        if cut.kind == "audio":
            self._next_span += 1
            return OwnValue("audio", self._next_span - 1)
        self.texts.append(cut.value)
        return OwnValue("text", len(self.texts) - 1)


def _of_kind(kind: Kind, pieces: Sequence[Piece]) -> list[str]:
    return [piece.value for piece in pieces if piece.kind == kind]


def _target_cuts(output: str, row: TaskRow, pieces: Sequence[Piece]) -> Iterator[_Cut]:
    """The output; "Transcription: hello" is a lead-in and an answer."""
    if len(pieces) == 1 and pieces[0].kind == "text" and not pieces[0].after:
        lead_in = pieces[0].before or ""
        if lead_in:
            yield _Cut("text", lead_in, is_own=False)
        yield _Cut("text", pieces[0].value, is_piece=True)
    else:
        yield from _cut(output, pieces, "", may_hold_audio="audio" in row.writes)


def _cut(field: str, pieces: Sequence[Piece], lead: str, *, may_hold_audio: bool) -> Iterator[_Cut]:
    """Text and spans in turn, verbatim; all of it text where the task has no audio there."""
    if not may_hold_audio or not _of_kind("audio", pieces):
        yield _Cut("text", lead + field, is_own=bool(pieces))
        return
    text, is_own = lead, False
    for piece in pieces:
        text += piece.before or ""
        if piece.kind == "audio":
            if text:
                yield _Cut("text", text, is_own)
            yield _Cut("audio", piece.value)
            text, is_own = piece.after, False
        else:
            text += piece.value + piece.after
            is_own = True
    if text:
        yield _Cut("text", text, is_own)
