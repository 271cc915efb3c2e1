"""Which of the ways to ask a draw picks: instruction, labels, lead-in, order, style of options."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.preprocessors.compiled_pool import CompiledInstruction
from audioflan_tasks.preprocessors.options import block_styles, inline_styles, permuted
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature
from audioflan_tasks.preprocessors.templates import OPTIONS

__all__ = ["PromptVariant", "draw_variant", "equivalent_draws", "variant_period"]

# A third of the examples have the input before the instruction.
_INPUT_FIRST = (False, False, True)
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
    """The variant that a draw of 63 bits selects, uniform over all of the signature's."""
    draw, number = divmod(draw, len(signature.instructions))
    instruction = signature.instructions[number]
    draw, first = divmod(draw, len(_INPUT_FIRST))
    draw, labels = divmod(draw, len(instruction.label_sets))
    draw, lead_in = divmod(draw, len(instruction.lead_ins) if signature.lead_ins else 1)
    # A text without a label would run into an instruction after it.
    can_be_first = not instruction.points_on and not instruction.bare[labels]
    input_first = _INPUT_FIRST[first] and can_be_first
    if not signature.options or not instruction.lists_options:
        return PromptVariant(number, labels, lead_in, input_first, "", ())
    styles = _styles(instruction, signature.options)
    draw, style = divmod(draw, len(styles))
    order = permuted(len(signature.options), draw)
    return PromptVariant(number, labels, lead_in, input_first, styles[style], order)


def equivalent_draws(signature: PromptSignature, draw: int) -> list[int]:
    """Draws that differ from this one only in equal entries of `_INPUT_FIRST`, itself included."""
    size = len(signature.instructions)
    quotient, number = divmod(draw, size)
    quotient, first = divmod(quotient, len(_INPUT_FIRST))
    begin = quotient * len(_INPUT_FIRST)
    equal_entries = (
        n for n, is_first in enumerate(_INPUT_FIRST) if is_first == _INPUT_FIRST[first]
    )
    return [(begin + n) * size + number for n in equal_entries]


def variant_period(signature: PromptSignature) -> int | None:
    """The modulus under which equal draws select the same variant.

    None where there is none, as where options are ordered by the draw too.
    """
    sizes = {(len(i.label_sets), len(i.lead_ins)) for i in signature.instructions}
    if signature.options or len(sizes) > 1:
        return None
    ((labels, lead_ins),) = sizes
    per_instruction = len(_INPUT_FIRST) * labels * (lead_ins if signature.lead_ins else 1)
    return len(signature.instructions) * per_instruction


@lru_cache(maxsize=4096)
def _styles(instruction: CompiledInstruction, options: tuple[str, ...]) -> tuple[str, ...]:
    """The styles in which an instruction can list the options."""
    place = instruction.parts.index(OPTIONS, 1)
    words_before, words_after = instruction.parts[place - 1], instruction.parts[place + 1]
    block = not words_after and words_before.rstrip().endswith(_STOPS)
    return inline_styles(options, instruction.language) + (block_styles(options) if block else ())
