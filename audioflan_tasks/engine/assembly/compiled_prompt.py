"""Prompts with their words in ids: a row only adds its values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import Kind
from audioflan_tasks.engine.assembly.prompt_tables import AUDIO, OTHER, TEXT, PromptTables
from audioflan_tasks.preprocessors.own_words import OwnItem, OwnLayout
from audioflan_tasks.preprocessors.prompt_layout import (
    Slot,
    fill_instruction,
    lay_out_answer,
    lay_out_input,
)
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature
from audioflan_tasks.preprocessors.prompt_variant import (
    draw_variant,
    equivalent_draws,
    variant_period,
)
from audioflan_tasks.preprocessors.render import KEEP
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["CompiledPrompt", "DrawnVariant", "own_prompt"]

Ids = NDArray[np.integer[Any]]
# Words, or the number and the kind of a value.
_SideItem: TypeAlias = str | tuple[int, Kind]

# Lists of few options have few orders, which are worth remembering.
_FEW_OPTIONS = 4
# Variants that are remembered by the draw.
_MOST_VARIANTS = 2**12


class DrawnVariant(NamedTuple):
    """A variant (its number in the tables), and the ids of the options where they are listed."""

    variant: int
    options: Ids | None


class CompiledPrompt:
    """All variants of the prompt of one signature.

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
        period = variant_period(signature)
        is_remembered = period is not None and period <= _MOST_VARIANTS
        self._period = period if period is not None and is_remembered else 1
        self._choices = tables.choices.add(np.full(self._period, -1)) if is_remembered else None
        self.number = tables.prompt(
            [*_sources(signature, order), *option_sources], self._choices, self._period
        )
        # Every part of an example is encoded once; together they make many more variants.
        self._variants: dict[tuple[int, int, int, bool, str], int] = {}
        self._instructions: dict[tuple[int, str], tuple[int, int]] = {}
        self._inputs: dict[tuple[str, int, bool], int] = {}
        self._option_lists: dict[tuple[int, str, tuple[int, ...]], Ids] = {}

    def draw_variant(self, draw: int) -> DrawnVariant:
        """What a draw of 63 bits selects; the tables remember it where they can."""
        choice = draw_variant(self._signature, draw)
        number, style, order = choice.instruction, choice.style, choice.order
        key = (number, choice.labels, choice.lead_in, choice.input_first, style)
        variant = self._variants.get(key)
        if variant is None:
            variant = self._variants[key] = self._variant_number(*key)
        if self._choices is not None:
            for equivalent_draw in equivalent_draws(self._signature, draw % self._period):
                self._tables.choices.rows[self._choices + equivalent_draw] = variant
        return DrawnVariant(variant, self._option_ids(number, style, order) if order else None)

    def _variant_number(
        self, number: int, labels: int, lead_in: int, input_first: bool, style: str
    ) -> int:
        inputs = self._input_form(number, labels, input_first, style)
        name = self._signature.instructions[number].name
        return self._tables.variant(
            inputs,
            self._answer_form(number, lead_in),
            f"{name}+{style}" if style else name,
            instruction_ids=self._instructions[number, style][1],
            input_first=input_first,
        )

    def _option_ids(self, number: int, style: str, order: tuple[int, ...]) -> Ids:
        """Ids of a list of options."""
        key = (number, style, order)
        ids = self._option_lists.get(key)
        if ids is None:
            encode = self._vocabulary.encode_text
            instruction = self._signature.instructions[number]
            text = fill_instruction(self._signature, instruction, style, order)
            ids = np.concatenate([encode(option) for option in text.options])
            if len(order) <= _FEW_OPTIONS:
                self._option_lists[key] = ids
        return ids

    def _input_form(self, number: int, labels: int, input_first: bool, style: str) -> int:
        """Instruction and pieces, in one of the two orders."""
        instruction = self._signature.instructions[number]
        if (number, style) not in self._instructions:
            form = self._instruction_form(number, style)
            self._instructions[number, style] = (form, self._tables.word_count(form))
        layer = (instruction.language, labels, input_first)
        if layer not in self._inputs:
            items = lay_out_input(instruction.label_sets[labels], input_first)
            self._inputs[layer] = self._form([i for i in items if not isinstance(i, Slot)])
        forms = (self._instructions[number, style][0], self._inputs[layer])
        return self._tables.joined(*(forms[::-1] if input_first else forms))

    def _instruction_form(self, number: int, style: str) -> int:
        """The instruction, with the options as a value where they are listed."""
        options = range(len(self._signature.options) if style else 0)
        instruction = self._signature.instructions[number]
        text = fill_instruction(self._signature, instruction, style, options)
        return self._form((text.head, self._options if text.options else "", text.tail))

    def _answer_form(self, number: int, lead_in: int) -> int:
        """The answer after its lead-in, and EOS."""
        items = lay_out_answer(self._signature.instructions[number].lead_ins[lead_in])
        return self._form([i if isinstance(i, str) else self._answer for i in items], ends=True)

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
    variant = tables.variant(
        _form(inputs, vocabulary, tables),
        _form(targets, vocabulary, tables, ends=True),
        KEEP,
        own_instruction=layout.has_instruction,
    )
    return tables.prompt([*sources, *target_sources], tables.choices.add([variant]))


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

    return tables.form_of((*side, ends), encoded)


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
