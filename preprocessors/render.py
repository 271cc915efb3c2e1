"""From a record to the text and audio that a model reads and writes.

`render` is a pure function of instance, task, seed and epoch: nothing is drawn from a
generator with state, so any example can be made again alone, on any machine. Values of a
record (text, labels, numbers, times, audio ids) are copied, never changed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeVar

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors.asks import Ask, Prepared, languages_asked, prepared
from audioflan_tasks.preprocessors.options import (
    BLOCK_STYLES,
    inline_styles,
    lists,
    ordered,
    written,
)
from audioflan_tasks.preprocessors.templates import ENGLISH, OPTIONS
from audioflan_tasks.records import Instance, Piece
from audioflan_tasks.records.spans import scan
from audioflan_tasks.seeds import seed_of

__all__ = ["KEEP", "Mode", "Rendered", "Role", "Segment", "render"]

Mode = Literal["pool", "keep"]
Role = Literal["instruction", "input", "answer"]

KEEP = "keep"

# A third of the examples have the input before the instruction.
_INPUT_FIRST = (False, False, True)
# What a phrase ends in after which a list over several lines reads well.
_STOPS = (":", "?", ".", "!", "：", "？", "。", "！")

_T = TypeVar("_T")


class Segment(NamedTuple):
    """Text, one audio id, or a piece of a chat template, with its part in the example."""

    kind: Literal["text", "audio", "markup"]
    value: str
    role: Role


class Rendered(NamedTuple):
    """Both sides of an example; the last answer segment is the answer itself.

    `template` says what was chosen: 'task/number' of the instruction ('task/zh/number' where
    it is not English), '+style' where options are listed, or 'keep' where the record's own
    words are used.
    """

    inputs: tuple[Segment, ...]
    targets: tuple[Segment, ...]
    template: str


def render(
    instance: Instance,
    row: TaskRow,
    seed: int,
    *,
    epoch: int = 0,
    mode: Mode = "pool",
    languages: Sequence[str] = (ENGLISH,),
) -> Rendered:
    """An instance with one of its task's instructions.

    The choice is uniform over the instructions of all `languages` together, and depends on
    these, seed, task, uuid and epoch only. Languages that the task has no pool in are passed
    over, and where none is left English is used. Where the record lacks a slot of the task,
    or its pieces do not fit the task, or there is no instruction that can be used, the
    record's own instruction, input and output are used, as with mode 'keep'.

    Raises:
      SettingsError: no such mode, or a language that is no code such as 'zh'.
      TemplateError: the task's pool breaks the schema.
    """
    if mode not in ("pool", "keep"):
        raise SettingsError(f"instructions {mode!r}: expected 'pool' or 'keep'")
    pools = None if mode == "keep" else prepared(row, languages_asked(tuple(languages)))
    if pools is None:
        return _kept(instance, row)
    inputs = _inputs(instance, pools)
    answer = _answer(instance, row)
    slots = instance.slots if row.slots else {}
    if inputs is None or answer is None or any(not slots.get(slot) for slot in row.slots):
        return _kept(instance, row)
    options = _options(instance, row, answer.value)
    usable = pools.asks if options else pools.without_options
    if not usable:
        return _kept(instance, row)
    draw = seed_of(seed, row.id, instance.uuid or instance.where, epoch)
    ask, draw = _pick(usable, draw)
    text, style, draw = _filled(ask, slots, options, draw)
    labels, draw = _labels(ask, inputs, draw)
    # An answer from outside a closed set may be a whole sentence already.
    lead_ins = ask.lead_ins if options or not row.labels else ("",)
    lead_in, draw = _pick(lead_ins, draw)
    targets = [Segment("text", lead_in, "answer")] if lead_in else []
    targets.append(Segment(answer.kind, answer.value, "answer"))
    first, _ = _pick(_INPUT_FIRST, draw)
    # A text without a label would run into an instruction after it.
    bare = any(
        piece.kind == "text" and not label for label, piece in zip(labels, inputs, strict=True)
    )
    placed = _before if first and not ask.points_on and not bare else _after
    segments = placed(text, labels, inputs)
    return Rendered(tuple(segments), tuple(targets), f"{ask.name}{style}")


def _labels(ask: Ask, inputs: Sequence[Piece], draw: int) -> tuple[list[str], int]:
    """A label for each piece, and what is left of the draw.

    Labels of pieces of one kind belong together: 'clip A: ' goes with 'clip B: '.
    """
    kinds = [piece.kind for piece in inputs]
    drawn: dict[str, int] = {}
    chosen = []
    for labels, kind in zip(ask.labels, kinds, strict=True):
        if kind not in drawn or kinds.count(kind) == 1:
            drawn[kind], draw = _pick(range(len(labels)), draw)
        chosen.append(labels[drawn[kind]])
    return chosen, draw


def _after(text: str, labels: Sequence[str], inputs: Sequence[Piece]) -> Iterator[Segment]:
    """The instruction, then each piece on a line of its own."""
    yield Segment("text", text, "instruction")
    for label, piece in zip(labels, inputs, strict=True):
        yield Segment("text", f"\n{label}", "input")
        yield Segment(piece.kind, piece.value, "input")


def _before(text: str, labels: Sequence[str], inputs: Sequence[Piece]) -> Iterator[Segment]:
    """Each piece on a line of its own, then the instruction."""
    for number, (label, piece) in enumerate(zip(labels, inputs, strict=True)):
        if number or label:
            yield Segment("text", "\n" * bool(number) + label, "input")
        yield Segment(piece.kind, piece.value, "input")
    yield Segment("text", "\n", "input")
    yield Segment("text", text, "instruction")


def _pick(choices: Sequence[_T], draw: int) -> tuple[_T, int]:
    """One of the choices, and what is left of the draw for the next choice."""
    draw, at = divmod(draw, len(choices))
    return choices[at], draw


def _filled(
    ask: Ask, slots: dict[str, str], options: Sequence[str], draw: int
) -> tuple[str, str, int]:
    """An instruction with its placeholders filled, '+style' if it lists options, and the draw."""
    parts = ask.parts
    if len(parts) == 1:
        return parts[0], "", draw
    text, style = parts[0], ""
    for name, literal in zip(parts[1::2], parts[2::2], strict=True):
        if name != OPTIONS:
            text += slots[name] + literal
            continue
        block = not literal and text.rstrip().endswith(_STOPS)
        styles = inline_styles(options, ask.language) + (BLOCK_STYLES if block else ())
        style, draw = _pick(styles, draw)
        listed = written(ordered(options, draw), style, ask.language)
        text = (text.rstrip() if listed.startswith("\n") else text) + listed + literal
    return text, f"+{style}" if style else "", draw


def _options(instance: Instance, row: TaskRow, gold: str) -> Sequence[str]:
    """The labels to choose from: the record's, else the task's; () if the gold is not there."""
    if row.answer not in ("label", "labels"):
        return ()
    several = row.answer == "labels"
    candidates = (instance.options, row.labels)
    return next((c for c in candidates if c and lists(c, gold, several=several)), ())


def _inputs(instance: Instance, pools: Prepared) -> Sequence[Piece] | None:
    """The pieces of the record in the order of the task's, or None if they do not fit."""
    wanted = pools.pieces
    if len(wanted) == 1 and wanted[0][1] == "text":
        return (_only_text(instance.input, instance.input_pieces),)
    found = instance.input_pieces
    if len(found) != len(wanted):
        return None
    if len(found) == 1:
        return found if found[0].kind == wanted[0][1] else None
    order = _order(wanted, tuple((piece.label, piece.kind) for piece in found))
    return None if order is None else [found[at] for at in order]


def _only_text(field: str, found: Sequence[Piece]) -> Piece:
    """A field that holds one text and no audio, whatever it looks like."""
    if len(found) == 1 and found[0].kind == "text":
        return found[0]
    return Piece("", "text", field.strip())


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


def _answer(instance: Instance, row: TaskRow) -> Piece | None:
    """The one value of the output, or None if it does not fit the task."""
    found = instance.output_pieces
    if "audio" not in row.writes:
        return _only_text(instance.output, found)
    return found[0] if len(found) == 1 and found[0].kind in row.writes else None


def _kept(instance: Instance, row: TaskRow) -> Rendered:
    """The record's own instruction, input and output."""
    inputs = [Segment("text", instance.instruction, "instruction")] if instance.instruction else []
    if instance.input:
        before = "\n" if inputs else ""
        inputs += _cut(before + instance.input, "input", may_hold_audio="audio" in row.reads)
    targets = _cut(instance.output, "answer", may_hold_audio="audio" in row.writes)
    found = instance.output_pieces
    if len(targets) == 1 and len(found) == 1 and found[0].kind == "text" and not found[0].after:
        # "Transcription: hello" is a lead-in and an answer.
        before = found[0].before or ""
        lead_in = [Segment("text", before, "answer")] if before else []
        targets = [*lead_in, Segment("text", found[0].value, "answer")]
    return Rendered(tuple(inputs), tuple(targets), KEEP)


def _cut(text: str, role: Role, *, may_hold_audio: bool) -> list[Segment]:
    """Text and spans in turn, verbatim; all of it text where the task has no audio there."""
    segments = []
    at = 0
    for found in scan(text) if may_hold_audio else ():
        if found.begin > at:
            segments.append(Segment("text", text[at : found.begin], role))
        segments.append(Segment("audio", found.audio_id, role))
        at = found.stop
    if at < len(text) or not segments:
        segments.append(Segment("text", text[at:], role))
    return segments
