"""A record's own words: its instruction, input and output as they stand, cut at their audio.

The renderer makes segments of them and a store keeps their ids, so that both agree on where a
text begins. Texts without a value of the record, such as the label of a span, are few in a
corpus and belong to the `OwnLayout`; the others are the record's, like its audio.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from audioflan_tasks.catalogue import Kind, TaskRow
from audioflan_tasks.preprocessors.prompt_signature import answer_value, input_values
from audioflan_tasks.records import Instance, Piece
from audioflan_tasks.records.spans import answer_pieces

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

    `texts` are its instruction ("" if it has none), the texts that a pool would use of its input
    and of its output (`input_texts` and `output_texts` of them), and then those that only its own
    words have. `audio_ids` are all spans of the input, then all of the output, repeats included.
    """

    layout: OwnLayout
    texts: tuple[str, ...]
    input_texts: int
    output_texts: int
    audio_ids: tuple[str, ...]


def own_words(
    instance: Instance, row: TaskRow, inputs: Sequence[Piece], outputs: Sequence[Piece]
) -> OwnWords:
    """The own words of a record whose pieces are `inputs` and `outputs`.

    Of `row` it reads only what `catalogue_digest.catalogue_digest` covers.
    """
    answer = answer_value(row, instance.output, outputs)
    source = _FieldValues(input_values(row, instance.input, inputs), inputs)
    target = _FieldValues(outputs if answer is None else (answer,), outputs)
    texts = [instance.instruction, *source.texts, *target.texts]
    input_items: list[OwnItem] = [INSTRUCTION] if instance.instruction else []
    if instance.input:
        lead = "\n" if instance.instruction else ""
        cuts = _cut(instance.input, inputs, lead, may_hold_audio="audio" in row.reads)
        input_items += _items(cuts, source.places(1, 0), texts)
    places = target.places(1 + len(source.texts), len(source.audio_ids))
    # A sentence around an answer would be cut off after it: then the answer stands alone.
    lead_in: list[OwnItem] = [instance.lead_in] if instance.has_plain_lead_in else []
    target_items = (*lead_in, *_items(_target_cuts(instance.output, row, outputs), places, texts))
    return OwnWords(
        OwnLayout(tuple(input_items), target_items),
        tuple(texts),
        len(source.texts),
        len(target.texts),
        (*source.audio_ids, *target.audio_ids),
    )


def own_answer(output: str, row: TaskRow) -> str:
    """What counts as the answer of an output: its last audio id, else its text."""
    cuts = list(_target_cuts(output, row, answer_pieces(output, "audio" in row.writes)))
    audio_ids = [cut.value for cut in cuts if cut.kind == "audio"]
    return (audio_ids or [cut.value for cut in cuts])[-1]


class _Cut(NamedTuple):
    """A stretch of a field; `is_own` says that it holds a value of the record."""

    kind: Kind
    value: str
    is_own: bool = True


class _FieldValues:
    """The texts that a pool would use of a field, and all of its spans."""

    def __init__(self, values: Sequence[Piece], pieces: Sequence[Piece]) -> None:
        self.texts, self.audio_ids = _of_kind("text", values), _of_kind("audio", pieces)

    def places(self, first_text: int, first_span: int) -> _Places:
        return _Places(first_text, first_text + len(self.texts), first_span)


class _Places(NamedTuple):
    """Where the values of a side lie: its texts from `begin` to `end`, its spans from `span` on."""

    begin: int
    end: int
    span: int


def _items(cuts: Iterable[_Cut], places: _Places, texts: list[str]) -> Iterator[OwnItem]:
    """Words and values; a text that is none of the side's is added to `texts`."""
    spans = itertools.count(places.span)
    for cut in cuts:
        if not cut.is_own:
            yield cut.value
        elif cut.kind == "audio":
            yield OwnValue("audio", next(spans))
        elif cut.value in texts[places.begin : places.end]:
            yield OwnValue("text", texts.index(cut.value, places.begin))
        else:
            texts.append(cut.value)
            yield OwnValue("text", len(texts) - 1)


def _of_kind(kind: Kind, pieces: Sequence[Piece]) -> list[str]:
    return [piece.value for piece in pieces if piece.kind == kind]


def _target_cuts(output: str, row: TaskRow, pieces: Sequence[Piece]) -> Iterator[_Cut]:
    return _cut(output, pieces, "", may_hold_audio="audio" in row.writes)


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
