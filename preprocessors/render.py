"""From a record to the text and audio that a model reads and writes.

`render` is a pure function of instance, task, seed and epoch: no random generator has state,
so any example can be rendered again by itself, on any machine. Values of a
record (text, labels, numbers, times, audio ids) are copied, never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

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
    "RenderedExample",
    "Role",
    "Segment",
    "draw_key",
    "draw_salt",
    "render",
]

Mode = Literal["pool", "keep"]
Role = Literal["instruction", "input", "answer"]

KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Segment:
    """Text, one audio id, or a piece of a chat template, with its role in the example.

    A text is encoded part by part where it has `parts`, else as a whole.
    """

    kind: Literal["text", "audio", "markup"]
    value: str
    role: Role
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenderedExample:
    """Both sides of an example; the last answer segment is the answer itself.

    `template` identifies the words: 'task/number' of the instruction ('task/zh/number' where
    it is not English), with '+style' where options are listed, or 'keep' for the record's own
    words.
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
) -> RenderedExample:
    """An instance with one of its task's instructions.

    The choice is uniform over the instructions of all `languages` together, and depends on
    these, seed, task, uuid and epoch only. Languages without a pool of the task are ignored, and
    English is used where none remains. Where the record lacks a slot of the task,
    or its pieces do not fit the task, or there is no instruction that can be used, the
    record's own instruction, input and output are used, as with mode 'keep'.

    Raises:
      SettingsError: no such mode, or a language that is no code such as 'zh'.
      TemplateError: the task's pool breaks the schema.
    """
    if mode not in ("pool", "keep"):
        raise SettingsError(f"instructions {mode!r}: expected 'pool' or 'keep'")
    codes = checked_languages(tuple(languages))
    signed = None if mode == "keep" else sign_record(instance, row, codes)
    if signed is None:
        return _own_words(instance, row)
    key = draw_key(row.id, instance.uuid or instance.where)
    variant = draw_variant(signed.signature, mixed(key ^ draw_salt(seed, epoch)))
    name = signed.signature.instructions[variant.instruction].name
    return RenderedExample(
        tuple(_input_segments(signed, variant)),
        tuple(_answer_segments(signed, variant)),
        f"{name}+{variant.style}" if variant.style else name,
    )


def draw_key(task: str, name: str) -> int:
    """63 bits that identify a record by its task's id and its uuid, or else its place."""
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


def _own_words(instance: Instance, row: TaskRow) -> RenderedExample:
    """The record's own instruction, input and output."""
    inputs = [Segment("text", instance.instruction, "instruction")] if instance.instruction else []
    if instance.input:
        lead = "\n" if inputs else ""
        inputs += _split_spans(lead + instance.input, "input", may_hold_audio="audio" in row.reads)
    targets = _split_spans(instance.output, "answer", may_hold_audio="audio" in row.writes)
    if instance.lead_in:
        targets = [Segment("text", instance.lead_in, "answer"), *targets]
    return RenderedExample(tuple(inputs), tuple(targets), KEEP)


def _split_spans(text: str, role: Role, *, may_hold_audio: bool) -> list[Segment]:
    """Text and spans in turn, verbatim; all of it text where the task has no audio there."""
    segments = []
    end = 0
    for audio_span in scan(text) if may_hold_audio else ():
        if audio_span.begin > end:
            segments.append(Segment("text", text[end : audio_span.begin], role))
        segments.append(Segment("audio", audio_span.audio_id, role))
        end = audio_span.stop
    if end < len(text) or not segments:
        segments.append(Segment("text", text[end:], role))
    return segments
