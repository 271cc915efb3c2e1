"""Variants of many rows at once are those that a draw selects for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audioflan_tasks.catalogue import Kind
from audioflan_tasks.engine.assembly.compiled_prompt import CompiledPrompt
from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT, PromptTables
from audioflan_tasks.engine.assembly.row_variants import RowVariants, draw_variants
from audioflan_tasks.preprocessors.compiled_pool import CompiledInstruction
from audioflan_tasks.preprocessors.prompt_layout import (
    fill_instruction,
    lay_out_answer,
    lay_out_input,
)
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature
from audioflan_tasks.preprocessors.prompt_variant import draw_variant
from audioflan_tasks.tokens import AudioTextVocabulary
from audioflan_tasks.tokens.text import text_side

VOCABULARY = AudioTextVocabulary(text_side("sentencepiece"), (8, 8), "flatten")

HEADS = ("Which is it: ", "Choose from ", "Name it.", "选择：", "Tell me ", "Say it?\n")
TAILS = ("", ".", " and no other.", "。")
LABELS = ("", "audio: ", "clip A: ", "text: ", "音频：")
LEAD_INS = ("", "It is ", "Answer: ", "是")
OPTIONS = (
    "cat",
    "dog",
    " cat",
    "A",
    "b, c",
    "this or that",
    "",
    "猫",
    "door slam",
    "C:maj",
    "10 Hz",
)
KINDS: tuple[tuple[Kind, ...], ...] = (
    ("audio",),
    ("text",),
    ("text", "audio"),
    ("audio", "audio"),
)
FACT = ("place", "a farm")
U64 = st.integers(0, 2**64 - 1)
# What is left of a small draw orders no options before it is mixed.
DRAWS = st.lists(st.one_of(U64, st.integers(0, 2**20)), min_size=1, max_size=40)


@st.composite
def instructions(
    draw: st.DrawFn, number: int, kinds: Sequence[str], has_options: bool
) -> CompiledInstruction:
    language = draw(st.sampled_from(("en", "zh")))
    words = st.sampled_from(HEADS + TAILS)
    names = [(), ("place",)]
    if has_options:
        names += [("options",), ("place", "options"), ("options", "place")]
    parts = [draw(words)]
    for name in draw(st.sampled_from(names)):
        parts += [name, draw(words)]
    labels = st.tuples(*(st.sampled_from(LABELS) for _ in kinds))
    label_sets = tuple(draw(st.lists(labels, min_size=1, max_size=4)))
    bare = tuple(draw(st.booleans()) for _ in label_sets)
    lead_ins = tuple(draw(st.lists(st.sampled_from(LEAD_INS), min_size=1, max_size=3)))
    return CompiledInstruction(
        f"t/{number}", language, tuple(parts), draw(st.booleans()), label_sets, bare, lead_ins
    )


@st.composite
def signatures(draw: st.DrawFn) -> PromptSignature:
    few = st.lists(st.sampled_from(OPTIONS), max_size=8)
    many = st.lists(st.integers(0, 60).map(str), max_size=40)
    options = tuple(sorted(set(draw(few | many))))
    kinds = draw(st.sampled_from(KINDS))
    count = draw(st.integers(1, 3))
    distinct = [draw(instructions(number, kinds, bool(options))) for number in range(count)]
    chosen = draw(st.lists(st.sampled_from(distinct), min_size=1, max_size=6))
    (answer,) = draw(st.sampled_from(KINDS[:2]))
    return PromptSignature(tuple(chosen), (FACT,), options, kinds, answer, draw(st.booleans()))


@given(st.lists(signatures(), min_size=1, max_size=3), DRAWS, st.randoms(use_true_random=False))
def test_rows_at_once_are_rows_one_by_one(
    all_signatures: list[PromptSignature], draws: list[int], random: Any
) -> None:
    tables = PromptTables()
    prompts = [
        CompiledPrompt(signature, range(len(signature.kinds)), VOCABULARY, tables)
        for signature in all_signatures
    ]
    by_number = {prompt.number: prompt for prompt in prompts}
    chosen = [random.randrange(len(prompts)) for _ in draws]
    numbers = np.array([prompts[number].number for number in chosen])
    expected = [
        expected_example(all_signatures[number], draw)
        for number, draw in zip(chosen, draws, strict=True)
    ]
    # The second time all forms are known, and no prompt is needed.
    for known_prompts in (by_number, {}):
        variants = draw_variants(tables, known_prompts, numbers, np.array(draws, np.uint64))
        assert [example_of(tables, variants, row) for row in range(len(draws))] == expected


def test_rows_of_records_have_no_words() -> None:
    tables = PromptTables()
    prompt, draws = np.full(4, RECORD_PROMPT), np.array([0, 1, 2, 2**64 - 1], np.uint64)
    variants = draw_variants(tables, {}, prompt, draws)
    fixed = RowVariants.of_records(4)
    for row in range(4):
        assert example_of(tables, variants, row) == ("", [0], [], [1])
    assert np.array_equal(variants.forms, fixed.forms)
    assert np.array_equal(variants.input_first, fixed.input_first)


def test_rows_are_left_to_their_records() -> None:
    tables = PromptTables()
    instruction = CompiledInstruction(
        "t/0", "en", ("Which? ", "options", ""), False, (("",),), (False,), ("",)
    )
    signature = PromptSignature((instruction,), (), ("cat", "dog"), ("audio",), "text", True)
    prompt = CompiledPrompt(signature, (0,), VOCABULARY, tables)
    variants = draw_variants(
        tables, {prompt.number: prompt}, np.full(3, prompt.number), np.arange(3, dtype=np.uint64)
    )
    assert sorted(variants.option_ids) == [0, 1, 2]
    kept = example_of(tables, variants, 1)
    later = variants.after_records(2)
    assert example_of(tables, later, 3) == kept
    later.leave_to_records(np.array([2, 4]))
    assert sorted(later.option_ids) == [3]
    assert later.prompt.tolist() == [RECORD_PROMPT] * 3 + [prompt.number, RECORD_PROMPT]
    assert example_of(tables, later, 3) == kept
    assert example_of(tables, later, 4) == ("", [0], [], [1])


def test_each_instruction_has_the_labels_of_its_own_pool() -> None:
    tables = PromptTables()
    first, second = (
        CompiledInstruction(name, "en", ("Say.",), True, ((label,),), (False,), ("",))
        for name, label in (("t/0", "audio: "), ("t/generated/0", "clip: "))
    )
    signature = PromptSignature((first, second), (), (), ("audio",), "text", True)
    prompt = CompiledPrompt(signature, (0,), VOCABULARY, tables)
    draws = np.arange(2, dtype=np.uint64)
    variants = draw_variants(tables, {prompt.number: prompt}, np.full(2, prompt.number), draws)
    inputs = [example_of(tables, variants, row)[2] for row in range(2)]
    assert inputs == [
        encoded("\naudio: ") + value(0, "audio"),
        encoded("\nclip: ") + value(0, "audio"),
    ]


def test_options_are_encoded_once() -> None:
    tables, count = PromptTables(), 30
    instruction = CompiledInstruction(
        "t/0", "en", ("Which is it? ", "options", ""), False, (("",),), (False,), ("",)
    )
    options = tuple(sorted(f"sound {number}" for number in range(count)))
    signature = PromptSignature((instruction,), (), options, ("audio",), "text", True)
    prompt = CompiledPrompt(signature, (0,), VOCABULARY, tables)
    draws = np.random.default_rng(1).integers(0, 2**63, 3000).astype(np.uint64)
    numbers = np.full(len(draws), prompt.number)
    part_count = len(tables.parts)
    variants = draw_variants(tables, {prompt.number: prompt}, numbers, draws)
    assert len(variants.option_ids) == len(draws)
    # Two of five styles have a letter at each place, the others two or three kinds of places.
    other_parts = 20
    assert len(tables.parts) - part_count <= count * (2 * count + 2 + 3 + 1) + other_parts


def expected_example(
    signature: PromptSignature, draw: int
) -> tuple[str, list[int], list[int], list[int]]:
    """The template, and the instruction, the rest of the inputs and the targets as `example_of`."""
    variant = draw_variant(signature, draw)
    instruction = signature.instructions[variant.instruction]
    text = fill_instruction(signature, instruction, variant.style, variant.order)
    asked = [number for part in text.parts for number in encoded(part)]
    rest: list[int] = []
    for item in lay_out_input(instruction.label_sets[variant.labels], variant.input_first):
        if isinstance(item, str):
            rest += encoded(item)
        elif isinstance(item, int):
            rest += value(item, signature.kinds[item])
    targets: list[int] = []
    for part in lay_out_answer(instruction.lead_ins[variant.lead_in]):
        if isinstance(part, str):
            targets += encoded(part)
        else:
            targets += value(len(signature.kinds), signature.answer)
    eos = [-1 - VOCABULARY.eos_id]
    template = f"{instruction.name}+{variant.style}" if variant.style else instruction.name
    inputs = (rest, asked) if variant.input_first else (asked, rest)
    return template, *inputs, targets + eos


def encoded(text: str) -> list[int]:
    """Ids of a text below 0, so that they differ from numbers of values."""
    return [-1 - number for number in VOCABULARY.encode(text)]


def value(number: int, kind: str) -> list[int]:
    marks = [-1 - VOCABULARY.soa_id], [-1 - VOCABULARY.eoa_id]
    return [*marks[0], number, *marks[1]] if kind == "audio" else [number]


def example_of(
    tables: PromptTables, variants: RowVariants, row: int
) -> tuple[str, list[int], list[int], list[int]]:
    """The template, and both forms of the inputs in the order in which they stand, and the targets.

    Ids of words are below 0, the others are numbers of values; those of options have their ids.
    """
    options = variants.option_ids.get(row)
    forms = [form_items(tables, form) for form in variants.forms[row].tolist()]
    if options is not None:
        number = max(number for form in forms for number in form)
        assert number in forms[0]
        place = forms[0].index(number)
        forms[0][place : place + 1] = (-1 - options.astype(np.int64)).tolist()
    first, second, targets = forms
    inputs = (second, first) if variants.input_first[row] else (first, second)
    return tables.templates[int(variants.template[row])], *inputs, targets


def form_items(tables: PromptTables, form: int) -> list[int]:
    begin, count = tables.forms.rows[form].tolist()
    items: list[int] = []
    for number, start, size in tables.parts.rows[begin : begin + count].tolist():
        ids: NDArray[np.int32] = tables.ids.rows[start : start + size]
        items += [number] if number >= 0 else (-1 - ids.astype(np.int64)).tolist()
    return items
