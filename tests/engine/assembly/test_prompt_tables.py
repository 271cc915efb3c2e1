"""Words and layouts as tables."""

from __future__ import annotations

import numpy as np

from audioflan_tasks.engine.assembly.prompt_tables import (
    ANSWER,
    ASK,
    FIRST_ASK,
    FORM,
    INPUT,
    INSTRUCTION,
    INSTRUCTION_COUNT,
    OTHER_COUNT,
    RECORD_FORMS,
    RECORD_PROMPT,
    SOURCE_COUNT,
    TEMPLATE,
    TEXT,
    OptionList,
    PromptTables,
)


def test_a_form_is_words_and_values_in_turn() -> None:
    tables = PromptTables()
    form = tables.form([np.array([7, 8]), 0, np.array([9])])
    first, many = tables.forms.rows[form].tolist()
    parts = tables.parts.rows[first : first + many].tolist()
    assert [part[0] for part in parts] == [-1, 0, -1]
    words = [tables.ids.rows[begin : begin + count].tolist() for _, begin, count in parts]
    assert words == [[7, 8], [], [9]]


def test_a_part_of_words_is_in_no_form() -> None:
    tables = PromptTables()
    part = tables.part(np.array([4, 5, 6]))
    number, begin, count = tables.parts.rows[part].tolist()
    assert number == -1
    assert tables.ids.rows[begin : begin + count].tolist() == [4, 5, 6]


def test_like_numbers_are_asked_for_once() -> None:
    tables = PromptTables()
    asked = []

    def form() -> int:
        asked.append(1)
        return tables.form([0])

    one = tables.shared("a", form)
    assert tables.shared("a", form) == one
    assert len(asked) == 1
    assert tables.shared("b", form) != one


def test_the_first_prompt_is_that_of_records() -> None:
    tables = PromptTables()
    forms = tables.forms.rows[list(RECORD_FORMS)]
    assert forms[:, 1].tolist() == [1, 0, 1]
    assert tables.parts.rows[forms[[0, 2], 0], 0].tolist() == [0, 1]
    row = tables.prompts.rows[RECORD_PROMPT]
    assert row[[SOURCE_COUNT, OTHER_COUNT, INSTRUCTION_COUNT]].tolist() == [2, 2, 1]


def test_a_fixed_prompt_has_its_forms_from_the_first() -> None:
    tables = PromptTables()
    forms = (tables.form([0]), tables.form([1]), tables.form([2]))
    number = tables.fixed_prompt([(TEXT, 0), (TEXT, 1), (TEXT, 2)], forms, "keep")
    row = tables.prompts.rows[number]
    assert row[[SOURCE_COUNT, OTHER_COUNT, INSTRUCTION_COUNT]].tolist() == [3, 0, 1]
    facts = tables.instructions.rows[row[INSTRUCTION]]
    ask = tables.asks.rows[row[FIRST_ASK] + facts[ASK]]
    assert tables.templates[ask[TEMPLATE]] == "keep"
    assert ask[FORM] == forms[0]
    # Whatever the draw says of the order, there is one.
    assert tables.inputs.rows[facts[INPUT] : facts[INPUT] + 3].tolist() == [[forms[1], 0]] * 3
    assert tables.answers.rows[facts[ANSWER]] == forms[2]


def test_a_list_learns_parts_by_place_and_option() -> None:
    options = OptionList([0, 1, 1])
    assert len(options) == 3
    assert options.parts([2, 0, 1]) == [None, None, None]
    options.learn(0, 2, 7)
    options.learn(2, 1, 8)
    assert options.parts([2, 0, 1]) == [7, None, 8]
    # The second place is like the third.
    assert options.parts([0, 1, 2]) == [None, 8, None]
