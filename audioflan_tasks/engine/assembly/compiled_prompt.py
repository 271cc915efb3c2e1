"""Prompts with their words in ids: a row only adds its values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import Kind
from audioflan_tasks.engine.assembly.prompt_tables import (
    ASK,
    AUDIO,
    FORM,
    INPUT_IS_FIRST,
    NO_LIST,
    OTHER,
    STYLES,
    TEXT,
    UNKNOWN,
    OptionList,
    PromptTables,
)
from audioflan_tasks.preprocessors.compiled_pool import CompiledInstruction
from audioflan_tasks.preprocessors.options import inline_styles, like_places
from audioflan_tasks.preprocessors.own_words import OwnItem, OwnLayout
from audioflan_tasks.preprocessors.prompt_layout import (
    Slot,
    fill_instruction,
    lay_out_answer,
    lay_out_input,
)
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature
from audioflan_tasks.preprocessors.prompt_variant import INPUT_FIRST, can_be_first, list_styles
from audioflan_tasks.preprocessors.render import KEEP
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["CompiledPrompt", "own_prompt"]

Ids = NDArray[np.integer[Any]]
# Words, or the number and the kind of a value.
_SideItem: TypeAlias = str | tuple[int, Kind]


class CompiledPrompt:
    """All variants of the prompt of one signature, each form of them worked out when it is drawn.

    Values of a row count from 0: the pieces of the input in the task's order, then the answer,
    and last the list of options where there are any. `order` says for each piece of the task
    which of the record's it is. `number` is that of the prompt in the tables.
    """

    def __init__(
        self,
        signature: PromptSignature,
        order: Sequence[int],
        vocabulary: AudioTextVocabulary,
        tables: PromptTables,
    ) -> None:
        self._signature, self._vocabulary, self._tables = signature, vocabulary, tables
        self._kinds = (*signature.kinds, signature.answer, "text")
        self._answer, self._options = len(signature.kinds), len(signature.kinds) + 1
        option_sources = [(OTHER, 0)] if signature.options else []
        instructions = signature.instructions
        languages = sorted({instruction.language for instruction in instructions})
        # All that the number of styles depends on.
        styles = tuple(inline_styles(signature.options, language) for language in languages)
        key = (
            "instructions", instructions, bool(signature.options), styles, signature.lead_ins,
            self._kinds,
        )  # fmt: skip
        first = tables.shared(key, self._add_instructions)
        rows = tables.instructions.rows[first : first + len(instructions)]
        self.number = tables.prompt(
            [*_sources(signature, order), *option_sources],
            first,
            len(rows),
            tables.unknown_asks(int((rows[:, ASK] + rows[:, STYLES]).max())),
        )

    def _add_instructions(self) -> int:
        """The first of the signature's instructions in the tables, where no form is known."""
        rows: dict[str, tuple[int, ...]] = {}
        ask = 0
        # Where options are listed more often than not an instruction is there many times.
        for instruction in {one.name: one for one in self._signature.instructions}.values():
            lead_ins = instruction.lead_ins[: None if self._signature.lead_ins else 1]
            styles = max(1, len(list_styles(instruction, self._signature.options)))
            rows[instruction.name] = (
                len(instruction.label_sets),
                len(lead_ins),
                styles,
                ask,
                self._first_input(instruction),
                self._first_answer(lead_ins),
            )
            ask += styles
        names = [instruction.name for instruction in self._signature.instructions]
        return self._tables.instructions.add([rows[name] for name in names])

    def _first_input(self, instruction: CompiledInstruction) -> int:
        """Where the forms of the input begin, whose order alone is known at first."""
        label_sets, bare = instruction.label_sets, instruction.bare
        key = ("inputs", label_sets, bare, instruction.points_on, self._kinds)
        orders = [
            is_first and can_be_first(instruction, labels)
            for labels in range(len(label_sets))
            for is_first in INPUT_FIRST
        ]
        return self._tables.shared(
            key, lambda: self._tables.inputs.add([(UNKNOWN, is_first) for is_first in orders])
        )

    def _first_answer(self, lead_ins: tuple[str, ...]) -> int:
        key = ("answers", lead_ins, self._answer, self._kinds[self._answer])
        return self._tables.shared(key, lambda: self._tables.answers.add([UNKNOWN] * len(lead_ins)))

    def compile_ask(self, number: int, style: int, entry: int) -> None:
        """Works out instruction `number` in one of its styles, which is an entry in the tables."""
        instruction, tables = self._signature.instructions[number], self._tables
        style_name = self._style(instruction, style)
        option_count = len(self._signature.options) if style_name else 0
        text = fill_instruction(self._signature, instruction, style_name, range(option_count))
        form = self._form((text.head, self._options if text.options else "", text.tail))
        option_list = NO_LIST
        if text.options:
            # Texts in one order tell those in another, but for where options have blanks.
            option_list = tables.shared(
                ("list", self._signature.options, text.options),
                lambda: tables.option_list(like_places(option_count, style_name)),
            )
        name = f"{instruction.name}+{style_name}" if style_name else instruction.name
        tables.asks.rows[entry] = form, tables.template(name), option_list

    def compile_input(self, number: int, labels: int, entry: int) -> None:
        """Works out the pieces of the input with one set of the instruction's labels."""
        rows = self._tables.inputs.rows
        label_set = self._signature.instructions[number].label_sets[labels]
        items = lay_out_input(label_set, bool(rows[entry, INPUT_IS_FIRST]))
        rows[entry, FORM] = self._form([item for item in items if not isinstance(item, Slot)])

    def compile_answer(self, number: int, lead_in: int, entry: int) -> None:
        """Works out the answer after a lead-in, and EOS."""
        items = lay_out_answer(self._signature.instructions[number].lead_ins[lead_in])
        side = [item if isinstance(item, str) else self._answer for item in items]
        self._tables.answers.rows[entry] = self._form(side, ends=True)

    def compile_options(
        self, number: int, style: int, order: Sequence[int], option_list: OptionList
    ) -> list[int]:
        """The parts of the options in this order, which the list learns."""
        instruction = self._signature.instructions[number]
        style_name = self._style(instruction, style)
        texts = fill_instruction(self._signature, instruction, style_name, order).options
        parts: list[int] = []
        for place, (text, option, part) in enumerate(
            zip(texts, order, option_list.parts(order), strict=True)
        ):
            if part is None:
                part = self._tables.part(self._vocabulary.encode_text(text))
                option_list.learn(place, option, part)
            parts.append(part)
        return parts

    def _style(self, instruction: CompiledInstruction, number: int) -> str:
        styles = list_styles(instruction, self._signature.options)
        return styles[number] if styles else ""

    def _form(self, items: Sequence[str | int], *, ends: bool = False) -> int:
        """Texts and numbers of values in turn, with EOS behind them if it ends."""
        side = [item if isinstance(item, str) else (item, self._kinds[item]) for item in items]
        return _form(side, self._vocabulary, self._tables, ends=ends)


def own_prompt(layout: OwnLayout, vocabulary: AudioTextVocabulary, tables: PromptTables) -> int:
    """The number of the prompt of own words of this layout, which has one variant.

    Values of a row are those of the layout, in its order.
    """
    inputs, sources = _numbered(layout.inputs, 0)
    targets, target_sources = _numbered(layout.targets, len(sources))
    cut = int(layout.has_instruction)
    forms = (
        _form(inputs[:cut], vocabulary, tables),
        _form(inputs[cut:], vocabulary, tables),
        _form(targets, vocabulary, tables, ends=True),
    )
    return tables.fixed_prompt([*sources, *target_sources], forms, KEEP)


def _numbered(
    items: Sequence[OwnItem], count: int
) -> tuple[list[_SideItem], list[tuple[int, int]]]:
    """A side with its values numbered from `count` on, and where these lie."""
    side: list[_SideItem] = []
    sources: list[tuple[int, int]] = []
    for item in items:
        if isinstance(item, str):
            side.append(item)
        else:
            side.append((count + len(sources), item.kind))
            sources.append((AUDIO if item.kind == "audio" else TEXT, item.place))
    return side, sources


def _form(
    side: Sequence[_SideItem],
    vocabulary: AudioTextVocabulary,
    tables: PromptTables,
    *,
    ends: bool = False,
) -> int:
    """The number of the form of a side, with EOS behind it if it ends."""

    def encoded() -> list[Ids | int]:
        eos = [np.array([vocabulary.eos_id], np.int32)] if ends else []
        parts = (part for item in side for part in _ids(item, vocabulary))
        return list(_joined_arrays([*parts, *eos]))

    return tables.shared(("form", *side, ends), lambda: tables.form(encoded()))


def _ids(item: _SideItem, vocabulary: AudioTextVocabulary) -> Iterator[Ids | int]:
    if isinstance(item, str):
        yield vocabulary.encode_text(item)
        return
    number, kind = item
    if kind == "audio":
        yield np.array([vocabulary.soa_id], np.int32)
        yield number
        yield np.array([vocabulary.eoa_id], np.int32)
    else:
        yield number


def _joined_arrays(items: Sequence[Ids | int]) -> Iterator[Ids | int]:
    """The same with neighbouring arrays joined, and none that is empty."""
    arrays: list[Ids] = []
    for item in items:
        if not isinstance(item, int):
            arrays += [item] if len(item) else []
            continue
        if arrays:
            yield np.concatenate(arrays)
        arrays = []
        yield item
    if arrays:
        yield np.concatenate(arrays)


def _sources(signature: PromptSignature, order: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Kind of each value but the options, and its place among the row's texts or audio spans.

    A store numbers the record's own pieces by kind; its texts begin with the instruction.
    """
    kinds = dict(zip(order, signature.kinds, strict=True))
    audio = [number for number in sorted(kinds) if kinds[number] == "audio"]
    texts = [number for number in sorted(kinds) if kinds[number] == "text"]
    for number in order:
        if kinds[number] == "audio":
            yield AUDIO, audio.index(number)
        else:
            yield TEXT, 1 + texts.index(number)
    yield (AUDIO, len(audio)) if signature.answer == "audio" else (TEXT, 1 + len(texts))
