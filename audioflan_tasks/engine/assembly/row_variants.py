"""The variants of many rows: what their draws select, the forms of it, the options they list."""

from __future__ import annotations

from collections.abc import ItemsView, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.compiled_prompt import CompiledPrompt
from audioflan_tasks.engine.assembly.prompt_tables import (
    ANSWER,
    ASK,
    FIRST_ASK,
    FORM,
    INPUT,
    INPUT_IS_FIRST,
    INSTRUCTION,
    INSTRUCTION_COUNT,
    LABEL_SETS,
    LEAD_INS,
    NO_LIST,
    OPTION_LIST,
    RECORD_FORMS,
    RECORD_PROMPT,
    STYLES,
    TEMPLATE,
    UNKNOWN,
    PromptTables,
)
from audioflan_tasks.preprocessors.options import permuted
from audioflan_tasks.preprocessors.prompt_variant import INPUT_FIRST

__all__ = ["RowVariants", "draw_variants"]

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class RowVariants:
    """The prompt of each row [rows], its forms [rows, 3] (instruction, input, answer), whether the
    input is first, the template, all as numbers; and the ids of options where they are listed.

    The record of a row with `RECORD_PROMPT` must be read.
    """

    prompt: I64
    forms: I64
    input_first: I64
    template: I64
    option_ids: dict[int, NDArray[np.int32]]

    @classmethod
    def of_records(cls, count: int) -> RowVariants:
        """Rows that are made of their records."""
        zeros = np.zeros(count, np.int64)
        forms = np.tile(np.array(RECORD_FORMS), (count, 1))
        return cls(np.full(count, RECORD_PROMPT), forms, zeros, zeros.copy(), {})

    def leave_to_records(self, rows: I64) -> None:
        """Has these rows made of their records."""
        self.prompt[rows], self.forms[rows] = RECORD_PROMPT, RECORD_FORMS
        self.input_first[rows] = self.template[rows] = 0
        for row in rows.tolist():
            self.option_ids.pop(row, None)

    def after_records(self, count: int) -> RowVariants:
        """The same behind `count` rows that are made of their records."""
        first = RowVariants.of_records(count)
        return RowVariants(
            np.concatenate([first.prompt, self.prompt]),
            np.concatenate([first.forms, self.forms]),
            np.concatenate([first.input_first, self.input_first]),
            np.concatenate([first.template, self.template]),
            {row + count: ids for row, ids in self.option_ids.items()},
        )


@dataclass(frozen=True, slots=True)
class _VariantDraws:
    """What the draws of rows select, as `preprocessors.prompt_variant.draw_variant` does it.

    Numbers of the instruction, of its label sets, lead-ins and styles; the entries of the tables
    where the forms of these are; `order_draw` is what is left of the draws, and orders options.
    """

    instruction: I64
    labels: I64
    lead_in: I64
    style: I64
    ask: I64
    input: I64
    answer: I64
    order_draw: U64

    @classmethod
    def select(cls, tables: PromptTables, prompt: I64, draws: U64) -> _VariantDraws:
        """Those of rows with these prompts."""
        of_prompt = tables.prompts.rows[prompt]
        quotient, instruction = _digits(draws, of_prompt[:, INSTRUCTION_COUNT])
        facts = tables.instructions.rows[of_prompt[:, INSTRUCTION] + instruction]
        quotient, first = _digits(quotient, np.int64(len(INPUT_FIRST)))
        quotient, labels = _digits(quotient, facts[:, LABEL_SETS])
        quotient, lead_in = _digits(quotient, facts[:, LEAD_INS])
        quotient, style = _digits(quotient, facts[:, STYLES])
        return cls(
            instruction, labels, lead_in, style,
            of_prompt[:, FIRST_ASK] + facts[:, ASK] + style,
            facts[:, INPUT] + labels * len(INPUT_FIRST) + first,
            facts[:, ANSWER] + lead_in,
            quotient,
        )  # fmt: skip


def _digits(draws: U64, sizes: I64 | np.int64) -> tuple[U64, I64]:
    """Quotients and remainders."""
    quotients, remainders = np.divmod(draws, sizes.astype(np.uint64))
    return quotients, remainders.astype(np.int64)


def draw_variants(
    tables: PromptTables, prompts: Mapping[int, CompiledPrompt], prompt: I64, draws: U64
) -> RowVariants:
    """The variants that draws of 64 bits select of the prompts with these numbers.

    Forms that no row has needed yet are worked out by `prompts`, which are those of `tables` that
    leave something to draw.
    """
    selection = _VariantDraws.select(tables, prompt, draws)
    _compile_forms(tables, prompts, prompt, selection)
    asks, inputs = tables.asks.rows[selection.ask], tables.inputs.rows[selection.input]
    forms = np.empty((len(prompt), 3), np.int64)
    forms[:, 0], forms[:, 1] = asks[:, FORM], inputs[:, FORM]
    forms[:, 2] = tables.answers.rows[selection.answer]
    return RowVariants(
        prompt,
        forms,
        inputs[:, INPUT_IS_FIRST].astype(np.int64),
        asks[:, TEMPLATE].astype(np.int64),
        _option_ids(tables, prompts, prompt, selection, asks[:, OPTION_LIST]),
    )


def _compile_forms(
    tables: PromptTables,
    prompts: Mapping[int, CompiledPrompt],
    prompt: I64,
    selection: _VariantDraws,
) -> None:
    """Works out the forms that are not known."""
    for entry, row in _unknown(tables.asks.rows[:, FORM], selection.ask):
        number, style = int(selection.instruction[row]), int(selection.style[row])
        prompts[int(prompt[row])].compile_ask(number, style, entry)
    for entry, row in _unknown(tables.inputs.rows[:, FORM], selection.input):
        number, labels = int(selection.instruction[row]), int(selection.labels[row])
        prompts[int(prompt[row])].compile_input(number, labels, entry)
    for entry, row in _unknown(tables.answers.rows, selection.answer):
        number, lead_in = int(selection.instruction[row]), int(selection.lead_in[row])
        prompts[int(prompt[row])].compile_answer(number, lead_in, entry)


def _unknown(forms: NDArray[np.int32], entries: I64) -> ItemsView[int, int]:
    """Those of the entries whose forms are not known, each with a row that needs it."""
    rows = np.flatnonzero(forms[entries] == UNKNOWN)
    return dict(zip(entries[rows].tolist(), rows.tolist(), strict=True)).items()


def _option_ids(
    tables: PromptTables,
    prompts: Mapping[int, CompiledPrompt],
    prompt: I64,
    selection: _VariantDraws,
    lists: NDArray[np.int32],
) -> dict[int, NDArray[np.int32]]:
    """The ids of the options of rows that list them, in the order that their draws select."""
    rows = np.flatnonzero(lists != NO_LIST)
    parts: list[int | None] = []
    part_counts: list[int] = []
    columns = (rows, lists[rows], selection.order_draw[rows])
    for row, number, draw in zip(*(column.tolist() for column in columns), strict=True):
        option_list = tables.option_lists[number]
        order = permuted(len(option_list), draw)
        row_parts = option_list.parts(order)
        if None in row_parts:
            row_parts[:] = prompts[int(prompt[row])].compile_options(
                int(selection.instruction[row]), int(selection.style[row]), order, option_list
            )
        parts += row_parts
        part_counts.append(len(row_parts))
    _, starts, sizes = tables.parts.rows[np.array(parts, np.int64)].T
    ids = tables.ids.rows[ragged_ranges(starts, sizes)]
    ends = np.zeros(len(parts) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    cuts = ends[np.cumsum([0, *part_counts])].tolist()
    slices = (ids[begin:end] for begin, end in pairwise(cuts))
    return dict(zip(rows.tolist(), slices, strict=True))
