"""The order of words and values on both sides of an example.

The renderer makes segments of it and the engine makes arrays of ids; neither orders anything
itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from audioflan_tasks.preprocessors.compiled_pool import CompiledInstruction
from audioflan_tasks.preprocessors.options import BLOCK_STYLES, written_parts
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature
from audioflan_tasks.preprocessors.templates import ENGLISH, OPTIONS
from audioflan_tasks.vocabularies import translated_language

__all__ = [
    "InputItem",
    "InstructionText",
    "Slot",
    "fill_instruction",
    "lay_out_answer",
    "lay_out_input",
]


class Slot(Enum):
    """What stands in a layout for something that is worked out apart."""

    INSTRUCTION = "instruction"
    ANSWER = "answer"


# Words, the number of a piece, or the instruction.
InputItem: TypeAlias = str | int | Slot


@dataclass(frozen=True, slots=True)
class InstructionText:
    """An instruction: what stands before a list of options, its items, and what stands behind.

    Each item is encoded by itself, so that the order of a list does not change its ids.
    """

    head: str
    options: tuple[str, ...] = ()
    tail: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """What is encoded one by one."""
        return tuple(part for part in (self.head, *self.options, self.tail) if part)


def lay_out_input(labels: Sequence[str], input_first: bool) -> Iterator[InputItem]:
    """The parts of the input side in order; each piece is on a line of its own after its label."""
    if not input_first:
        yield Slot.INSTRUCTION
    for number, label in enumerate(labels):
        words = ("" if input_first and not number else "\n") + label
        if words:
            yield words
        yield number
    if input_first:
        yield "\n"
        yield Slot.INSTRUCTION


def lay_out_answer(lead_in: str) -> Iterator[str | Slot]:
    """The parts of the answer side in order."""
    if lead_in:
        yield lead_in
    yield Slot.ANSWER


def fill_instruction(
    signature: PromptSignature, instruction: CompiledInstruction, style: str, order: Sequence[int]
) -> InstructionText:
    """An instruction with its placeholders filled, and options in this style and order."""
    facts = dict(signature.slots)
    head, tail = instruction.parts[0], ""
    options: tuple[str, ...] = ()
    for name, literal in zip(instruction.parts[1::2], instruction.parts[2::2], strict=True):
        if name == OPTIONS:
            options_in_order = [signature.options[number] for number in order]
            head, options = _options(head, options_in_order, style, instruction.language)
            tail = literal
        elif options:
            tail = _joined(tail, facts[name], literal, instruction.language)
        else:
            head = _joined(head, facts[name], literal, instruction.language)
    return InstructionText(head, options, tail)


def _joined(head: str, fact: str, literal: str, language: str) -> str:
    """Words, a fact and words; a language is named in that of the instruction.

    Its Chinese name needs no blanks around it.
    """
    if language == ENGLISH:
        return head + fact + literal
    name = translated_language(fact, language)
    if name == fact or name.isascii():
        return head + name + literal
    return head.rstrip(" ") + name + literal.lstrip(" ")


def _options(
    head: str, options: list[str], style: str, language: str
) -> tuple[str, tuple[str, ...]]:
    """The words before a list and its items; the blank between them belongs to the first item."""
    bare = head.rstrip()
    blank = "" if style in BLOCK_STYLES else head[len(bare) :]
    first, *following = written_parts(options, style, language)
    return bare, (blank + first, *following)
