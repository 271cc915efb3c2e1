"""From a record to the text and audio that a model reads and writes.

`render` is a pure function of instance, task, seed and epoch: nothing is drawn from a
generator with state, so any example can be made again alone, on any machine. Values of a
record (text, labels, numbers, times, audio ids) are copied, never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors.compiled_pool import checked_languages
from audioflan_tasks.preprocessors.prompt_layout import (
    Slot,
    fill_instruction,
    lay_out_answer,
    lay_out_input,
)
from audioflan_tasks.preprocessors.prompt_signature import SignedRecord, sign_record
from audioflan_tasks.preprocessors.prompt_variant import PromptVariant, draw_variant
from audioflan_tasks.preprocessors.templates import ENGLISH
from audioflan_tasks.records import Instance
from audioflan_tasks.records.spans import scan
from audioflan_tasks.seeds import mixed, seed_of

__all__ = [
    "KEEP",
    "Mode",
    "Rendered",
    "Role",
    "Segment",
    "draw_key",
    "draw_salt",
    "render",
]

Mode = Literal["pool", "keep"]
Role = Literal["instruction", "input", "answer"]

KEEP = "keep"


class Segment(NamedTuple):
    """Text, one audio id, or a piece of a chat template, with its part in the example.

    `parts` are what a text is encoded in, one by one; () means as a whole.
    """

    kind: Literal["text", "audio", "markup"]
    value: str
    role: Role
    parts: tuple[str, ...] = ()


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
    signed = None
    if mode == "pool":
        signed = sign_record(instance, row, checked_languages(tuple(languages)))
    if signed is None:
        return _kept(instance, row)
    key = draw_key(row.id, instance.uuid or instance.where)
    variant = draw_variant(signed.signature, mixed(key ^ draw_salt(seed, epoch)))
    name = signed.signature.instructions[variant.instruction].name
    return Rendered(
        tuple(_input_segments(signed, variant)),
        tuple(_answer_segments(signed, variant)),
        f"{name}+{variant.style}" if variant.style else name,
    )


def draw_key(task: str, name: str) -> int:
    """63 bits that stand for a record: its task's id and its uuid, or where it is from."""
    return seed_of("record", task, name)


@lru_cache(maxsize=256)
def draw_salt(seed: int, epoch: int) -> int:
    """63 bits that, xored with a record's and mixed, give its draw of an epoch."""
    return seed_of("render", seed, epoch)


def _input_segments(signed: SignedRecord, variant: PromptVariant) -> Iterator[Segment]:
    signature = signed.signature
    instruction = signature.instructions[variant.instruction]
    for item in lay_out_input(instruction.label_sets[variant.labels], variant.input_first):
        if isinstance(item, Slot):
            text = fill_instruction(signature, instruction, variant.style, variant.order)
            parts = text.parts
            yield Segment("text", "".join(parts), "instruction", parts if text.options else ())
        elif isinstance(item, str):
            yield Segment("text", item, "input")
        else:
            piece = signed.pieces[item]
            yield Segment(piece.kind, piece.value, "input")


def _answer_segments(signed: SignedRecord, variant: PromptVariant) -> Iterator[Segment]:
    instruction = signed.signature.instructions[variant.instruction]
    for item in lay_out_answer(instruction.lead_ins[variant.lead_in]):
        if isinstance(item, str):
            yield Segment("text", item, "answer")
        else:
            yield Segment(signed.answer.kind, signed.answer.value, "answer")


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
