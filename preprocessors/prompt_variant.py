"""Which of the ways to ask a draw picks: instruction, labels, lead-in, order, style of options."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.preprocessors.compiled_pool import CompiledInstruction
from audioflan_tasks.preprocessors.options import block_styles, inline_styles, permuted
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature
from audioflan_tasks.preprocessors.templates import OPTIONS

__all__ = ["INPUT_FIRST", "PromptVariant", "can_be_first", "draw_variant", "list_styles"]

# A third of the examples have the input before the instruction.
INPUT_FIRST = (False, False, True)
# What a phrase ends in after which a list over several lines reads well.
_STOPS = (":", "?", ".", "!", "：", "？", "。", "！")


@dataclass(frozen=True, slots=True)
class PromptVariant:
    """What a draw selects.

    Numbers of an instruction of the signature, of its label sets and of its lead-ins; whether
    the input comes first; and where options are listed their style and order.
    """

    instruction: int
    labels: int
    lead_in: int
    input_first: bool
    style: str
    order: tuple[int, ...]


def draw_variant(signature: PromptSignature, draw: int) -> PromptVariant:
    """The variant that a draw of 64 bits selects, uniform over all of the signature's.

    The engine draws many at once in the same way (`engine.assembly.row_variants`).
    """
    draw, number = divmod(draw, len(signature.instructions))
    instruction = signature.instructions[number]
    draw, first = divmod(draw, len(INPUT_FIRST))
    draw, labels = divmod(draw, len(instruction.label_sets))
    draw, lead_in = divmod(draw, len(instruction.lead_ins) if signature.lead_ins else 1)
    input_first = INPUT_FIRST[first] and can_be_first(instruction, labels)
    styles = list_styles(instruction, signature.options)
    if not styles:
        return PromptVariant(number, labels, lead_in, input_first, "", ())
    draw, style = divmod(draw, len(styles))
    order = permuted(len(signature.options), draw)
    return PromptVariant(number, labels, lead_in, input_first, styles[style], order)


def can_be_first(instruction: CompiledInstruction, labels: int) -> bool:
    """Whether the input may stand before the instruction, with this one of its label sets.

    A text without a label would run into an instruction after it.
    """
    return not instruction.points_on and not instruction.bare[labels]


def list_styles(instruction: CompiledInstruction, options: tuple[str, ...]) -> tuple[str, ...]:
    """The styles in which an instruction can list the options; () where it lists none."""
    if not options or not instruction.lists_options:
        return ()
    return _styles(instruction, options)


@lru_cache(maxsize=4096)
def _styles(instruction: CompiledInstruction, options: tuple[str, ...]) -> tuple[str, ...]:
    place = instruction.parts.index(OPTIONS, 1)
    words_before, words_after = instruction.parts[place - 1], instruction.parts[place + 1]
    block = not words_after and words_before.rstrip().endswith(_STOPS)
    return inline_styles(options, instruction.language) + (block_styles(options) if block else ())
