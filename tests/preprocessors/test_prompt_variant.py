"""Variants of a prompt by the number that draws them."""

from __future__ import annotations

from audioflan_tasks.preprocessors.compiled_pool import CompiledInstruction
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature
from audioflan_tasks.preprocessors.prompt_variant import (
    PromptVariant,
    can_be_first,
    draw_variant,
    list_styles,
)

LABELS = (("",), ("text: ",))


def instruction_of(number: int, *parts: str, points_on: bool = False) -> CompiledInstruction:
    return CompiledInstruction(
        f"t/{number}", "en", parts, points_on, LABELS, (True, False), ("", "It is ", "Answer: ")
    )


OPEN = instruction_of(0, "Name the animal below.", points_on=True)
LISTING = instruction_of(1, "Which is it? ", "options", "")
INLINE = instruction_of(2, "Choose from ", "options", ".")
SIGNATURE = PromptSignature((OPEN, LISTING), (), ("cat", "dog"), ("text",), "text", True)


def test_a_draw_is_read_digit_by_digit() -> None:
    # Instruction 1 of 2, entry 2 of 3 (the input first), labels 1 of 2, lead-in 2 of 3, style 3 of
    # 5; what is left, 2**16, puts the last of two options in an even place: it is swapped.
    draw = 1 + 2 * (2 + 3 * (1 + 2 * (2 + 3 * (3 + 5 * 2**16))))
    assert draw_variant(SIGNATURE, draw) == PromptVariant(1, 1, 2, True, "dashes", (1, 0))
    # One more of what is left: in an odd place, where it was.
    more = draw + 2 * 3 * 2 * 3 * 5
    assert draw_variant(SIGNATURE, more) == PromptVariant(1, 1, 2, True, "dashes", (0, 1))
    # Instruction 0 lists nothing and cannot stand behind the input.
    assert draw_variant(SIGNATURE, draw - 1) == PromptVariant(0, 1, 2, False, "", ())


def test_a_bare_text_is_not_first() -> None:
    assert not can_be_first(LISTING, 0)
    assert can_be_first(LISTING, 1)
    assert not can_be_first(OPEN, 1)


def test_styles_of_lists() -> None:
    assert list_styles(OPEN, ("cat", "dog")) == ()
    assert list_styles(LISTING, ()) == ()
    assert list_styles(INLINE, ("cat", "dog")) == ("comma", "or", "letters")
    assert list_styles(LISTING, ("cat", "dog"))[3:] == ("dashes", "lettered_lines")
