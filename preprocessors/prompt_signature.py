"""What of a record decides the words around its values, apart from the values themselves.

Records of one outline are asked in the same ways: only the texts and the audio that are put
in differ. So the words, and their ids, can be worked out once for all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.preprocessors.compiled_pool import (
    CompiledInstruction,
    CompiledPool,
    compiled_pool,
)
from audioflan_tasks.preprocessors.options import (
    BLOCK_STYLES,
    inline_styles,
    lists,
    permuted,
    written_parts,
)
from audioflan_tasks.preprocessors.templates import OPTIONS
from audioflan_tasks.records import Instance, Piece

__all__ = [
    "PromptSignature",
    "PromptVariant",
    "SignedRecord",
    "Words",
    "draw_variant",
    "equivalent_draws",
    "sign_record",
    "variant_period",
    "words",
]

# A third of the examples have the input before the instruction.
_INPUT_FIRST = (False, False, True)
# What a phrase ends in after which a list over several lines reads well.
_STOPS = (":", "?", ".", "!", "：", "？", "。", "！")

Kind = Literal["text", "audio"]


class PromptSignature(NamedTuple):
    """The ways to ask, the facts that an instruction carries, and the labels to choose from.

    `options` are sorted and without repeats, () where nothing is listed; `kinds` are those of
    the pieces in the task's order; `lead_ins` says whether the answer may have one.
    """

    asks: tuple[CompiledInstruction, ...]
    slots: tuple[tuple[str, str], ...]
    options: tuple[str, ...]
    kinds: tuple[Kind, ...]
    answer: Kind
    lead_ins: bool


class SignedRecord(NamedTuple):
    """An outline with the values of one record: its pieces in the task's order, and the answer.

    `order` says for each piece which of the record's it is; it is None where a value is a
    whole field that is no piece of the record.
    """

    outline: PromptSignature
    pieces: tuple[Piece, ...]
    answer: Piece
    order: tuple[int, ...] | None


class PromptVariant(NamedTuple):
    """What a draw has chosen.

    Numbers of an ask of the outline, of its label sets and of its lead-ins; whether the input
    comes first; and where options are listed their style and order.
    """

    ask: int
    labels: int
    lead_in: int
    input_first: bool
    style: str
    order: tuple[int, ...]


class Words(NamedTuple):
    """An instruction: what stands before a list of options, its items, and what stands behind.

    Each item is encoded by itself, so that the order of a list does not change its ids.
    """

    head: str
    listed: tuple[str, ...] = ()
    tail: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """What is encoded one by one."""
        return tuple(part for part in (self.head, *self.listed, self.tail) if part)


def sign_record(
    instance: Instance, row: TaskRow, languages: tuple[str, ...]
) -> SignedRecord | None:
    """The outline of a record and its values, or None where the pool does not fit it.

    Raises:
      TemplateError: the task's pool breaks the schema.
    """
    pools = compiled_pool(row, languages)
    slots = instance.slots if row.slots else {}
    if pools is None or any(not slots.get(slot) for slot in row.slots):
        return None
    given, answer = _inputs(instance, pools), _answer(instance, row)
    if given is None or answer is None:
        return None
    options = _options(instance, row, answer[0].value)
    asks = pools.asks if options else pools.without_options
    if not asks:
        return None
    pieces, order = given
    outline = PromptSignature(
        asks=asks,
        slots=tuple((slot, slots[slot]) for slot in row.slots),
        options=tuple(sorted(dict.fromkeys(options))),
        kinds=tuple(piece.kind for piece in pieces),
        answer=answer[0].kind,
        # An answer from outside a closed set may be a whole sentence already.
        lead_ins=bool(options) or not row.labels,
    )
    return SignedRecord(outline, pieces, answer[0], order if answer[1] else None)


def draw_variant(outline: PromptSignature, draw: int) -> PromptVariant:
    """What a draw of 63 bits chooses, uniform over all ways to ask."""
    draw, number = divmod(draw, len(outline.asks))
    ask = outline.asks[number]
    draw, first = divmod(draw, len(_INPUT_FIRST))
    draw, labels = divmod(draw, len(ask.label_sets))
    draw, lead_in = divmod(draw, len(ask.lead_ins) if outline.lead_ins else 1)
    # A text without a label would run into an instruction after it.
    before = _INPUT_FIRST[first] and not ask.points_on and not ask.bare[labels]
    if not outline.options or not ask.lists_options:
        return PromptVariant(number, labels, lead_in, before, "", ())
    styles = _styles(ask, outline.options)
    draw, style = divmod(draw, len(styles))
    order = permuted(len(outline.options), draw)
    return PromptVariant(number, labels, lead_in, before, styles[style], order)


def equivalent_draws(outline: PromptSignature, draw: int) -> list[int]:
    """Draws near this one that choose the same: they differ in a place of the input that is one."""
    size = len(outline.asks)
    rest, number = divmod(draw, size)
    rest, first = divmod(rest, len(_INPUT_FIRST))
    begin = rest * len(_INPUT_FIRST)
    same = (n for n, one in enumerate(_INPUT_FIRST) if one == _INPUT_FIRST[first])
    return [(begin + n) * size + number for n in same]


def variant_period(outline: PromptSignature) -> int | None:
    """The number by whose remainder draws choose alike; None where options are ordered too."""
    sizes = {(len(ask.label_sets), len(ask.lead_ins)) for ask in outline.asks}
    if outline.options or len(sizes) > 1:
        return None
    ((labels, lead_ins),) = sizes
    return len(outline.asks) * len(_INPUT_FIRST) * labels * (lead_ins if outline.lead_ins else 1)


def layout(labels: Sequence[str], input_first: bool) -> Iterator[str | int | None]:
    """One side's parts in order: words of the input, numbers of pieces, None the instruction.

    Each piece stands on a line of its own after its label.
    """
    if not input_first:
        yield None
    for number, label in enumerate(labels):
        before = ("" if input_first and not number else "\n") + label
        if before:
            yield before
        yield number
    if input_first:
        yield "\n"
        yield None


def words(
    outline: PromptSignature, ask: CompiledInstruction, style: str, order: Sequence[int]
) -> Words:
    """An instruction with its placeholders filled."""
    slots = dict(outline.slots)
    said = Words(ask.parts[0])
    for name, literal in zip(ask.parts[1::2], ask.parts[2::2], strict=True):
        if name != OPTIONS:
            text = slots[name] + literal
            said = said._replace(tail=said.tail + text) if said.listed else Words(said.head + text)
            continue
        head = said.head.rstrip()
        blank = "" if style in BLOCK_STYLES else said.head[len(head) :]
        first, *rest = written_parts([outline.options[at] for at in order], style, ask.language)
        said = Words(head, (blank + first, *rest), literal)
    return said


@lru_cache(maxsize=4096)
def _styles(ask: CompiledInstruction, options: tuple[str, ...]) -> tuple[str, ...]:
    """The styles in which an instruction can list the options."""
    at = ask.parts.index(OPTIONS, 1)
    block = not ask.parts[at + 1] and ask.parts[at - 1].rstrip().endswith(_STOPS)
    return inline_styles(options, ask.language) + (BLOCK_STYLES if block else ())


def _options(instance: Instance, row: TaskRow, gold: str) -> Sequence[str]:
    """The labels to choose from: the record's, else the task's; () if the gold is not there."""
    if not row.answer_kind.lists_options:
        return ()
    several = row.answer_kind.choices == "several"
    candidates = (instance.options, row.labels)
    return next((c for c in candidates if c and lists(c, gold, several=several)), ())


def _inputs(
    instance: Instance, pools: CompiledPool
) -> tuple[tuple[Piece, ...], tuple[int, ...] | None] | None:
    """The pieces of the record in the order of the task's, or None if they do not fit."""
    wanted = pools.pieces
    if len(wanted) == 1 and wanted[0][1] == "text":
        piece, own = _only_text(instance.input, instance.input_pieces)
        return (piece,), (0,) if own else None
    found = instance.input_pieces
    if len(found) != len(wanted):
        return None
    if len(found) == 1:
        return (found, (0,)) if found[0].kind == wanted[0][1] else None
    order = _order(wanted, tuple((piece.label, piece.kind) for piece in found))
    return None if order is None else (tuple(found[at] for at in order), order)


def _only_text(field: str, found: Sequence[Piece]) -> tuple[Piece, bool]:
    """A field that holds one text and no audio, whatever it looks like; whether it is a piece."""
    if len(found) == 1 and found[0].kind == "text":
        return found[0], True
    return Piece("", "text", field.strip()), False


@lru_cache(maxsize=4096)
def _order(
    wanted: tuple[tuple[str, str, tuple[str, ...]], ...], found: tuple[tuple[str, str], ...]
) -> tuple[int, ...] | None:
    """For each piece wanted the place of the one found; labels decide between equal kinds."""

    def agreement(order: tuple[int, ...]) -> int:
        pairs = ((w, found[at][0].lower()) for w, at in zip(wanted, order, strict=True))
        return sum(
            label == name or label in {variant.strip(" :：").lower() for variant in variants}
            for (name, _, variants), label in pairs
            if label
        )

    orders = [
        order
        for order in itertools.permutations(range(len(found)))
        if all(found[at][1] == w[1] for w, at in zip(wanted, order, strict=True))
    ]
    # `max` keeps the first of equals, which is the record's own order.
    return max(orders, key=agreement) if orders else None


def _answer(instance: Instance, row: TaskRow) -> tuple[Piece, bool] | None:
    """The one value of the output, or None if it does not fit the task; whether it is a piece."""
    found = instance.output_pieces
    if "audio" not in row.writes:
        return _only_text(instance.output, found)
    return (found[0], True) if len(found) == 1 and found[0].kind in row.writes else None
