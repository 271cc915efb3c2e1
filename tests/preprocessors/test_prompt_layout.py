"""The order of words and values on both sides of an example."""

from __future__ import annotations

import pytest

from audioflan_tasks.preprocessors.compiled_pool import CompiledInstruction
from audioflan_tasks.preprocessors.prompt_layout import (
    InstructionText,
    Slot,
    fill_instruction,
    lay_out_answer,
    lay_out_input,
)
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature


def test_pieces_stand_on_lines_of_their_own_after_the_instruction() -> None:
    items = list(lay_out_input(["audio: ", ""], input_first=False))
    assert items == [Slot.INSTRUCTION, "\naudio: ", 0, "\n", 1]


def test_pieces_before_the_instruction() -> None:
    items = list(lay_out_input(["", "text: "], input_first=True))
    assert items == [0, "\ntext: ", 1, "\n", Slot.INSTRUCTION]


def test_the_answer_follows_its_lead_in() -> None:
    assert list(lay_out_answer("Animal: ")) == ["Animal: ", Slot.ANSWER]
    assert list(lay_out_answer("")) == [Slot.ANSWER]


@pytest.mark.parametrize(
    ("parts", "style", "text"),
    [
        (
            ("At ", "place", ", which? ", "options", " Choose."),
            "comma",
            InstructionText("At a farm, which?", (" dog", ", cat"), " Choose."),
        ),
        (
            ("Which? ", "options", " It was at ", "place", "."),
            "dashes",
            InstructionText("Which?", ("\n- dog", "\n- cat"), " It was at a farm."),
        ),
        (("Name it at ", "place", "."), "", InstructionText("Name it at a farm.")),
    ],
)
def test_placeholders_are_filled(parts: tuple[str, ...], style: str, text: InstructionText) -> None:
    instruction = CompiledInstruction("t/0", "en", parts, False, (("",),), (False,), ("",))
    signature = PromptSignature(
        (instruction,), (("place", "a farm"),), ("cat", "dog"), ("audio",), "text", True
    )
    assert fill_instruction(signature, instruction, style, (1, 0) if style else ()) == text
