"""Words and layouts as tables."""

from __future__ import annotations

import numpy as np

from audioflan_tasks.engine.assembly.prompt_tables import (
    CHOICES,
    FROM_RECORD,
    OTHER_COUNT,
    PERIOD,
    SKIPPED,
    SOURCE_COUNT,
    TEXT,
    PromptTables,
)  # fmt: skip


def test_a_form_is_words_and_values_in_turn() -> None:
    tables = PromptTables()
    form = tables.form([np.array([7, 8]), 0, np.array([9])])
    first, many = tables.forms.rows[form].tolist()
    parts = tables.parts.rows[first : first + many].tolist()
    assert [part[0] for part in parts] == [-1, 0, -1]
    words = [tables.ids.rows[begin : begin + count].tolist() for _, begin, count in parts]
    assert words == [[7, 8], [], [9]]
    assert tables.word_count(form) == 3


def test_like_forms_are_made_once() -> None:
    tables = PromptTables()
    asked = []

    def items() -> list[int]:
        asked.append(1)
        return [0]

    one = tables.form_of("a", items)
    assert tables.form_of("a", items) == one
    assert len(asked) == 1
    other = tables.form([1])
    both = tables.joined(one, other)
    assert tables.joined(one, other) == both
    assert tables.joined(other, one) != both
    first, many = tables.forms.rows[both].tolist()
    assert tables.parts.rows[first : first + many, 0].tolist() == [0, 1]


def test_the_first_ways_are_no_example_and_one_that_is_there() -> None:
    tables = PromptTables()
    forms = tables.forms.rows[tables.variants.rows[[SKIPPED, FROM_RECORD], :2]]
    assert forms[:, :, 1].tolist() == [[0, 0], [1, 1]]


def test_a_cast_without_choices_is_drawn_anew_each_time() -> None:
    tables = PromptTables()
    number = tables.prompt([(TEXT, 0), (TEXT, 1)])
    row = tables.prompts.rows[number]
    assert row[[SOURCE_COUNT, OTHER_COUNT, PERIOD]].tolist() == [2, 0, 1]
    assert tables.choices.rows[row[CHOICES]] == -1
