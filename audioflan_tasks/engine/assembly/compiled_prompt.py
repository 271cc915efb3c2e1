"""Outlines with their words in ids: what is left for a row is to put its values in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.prompt_tables import AUDIO, OTHER, TEXT, PromptTables
from audioflan_tasks.preprocessors.prompt_signature import (
    PromptSignature,
    draw_variant,
    equivalent_draws,
    layout,
    variant_period,
    words,
)
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["CompiledPrompt", "DrawnVariant"]

Ids = NDArray[np.integer[Any]]

# Lists of few options have few orders, which are worth remembering.
_FEW = 4
# Ways to ask that are remembered by the draw.
_MOST = 2**12


class DrawnVariant(NamedTuple):
    """A way of the wording, and the ids of the options where they are listed."""

    way: int
    listed: Ids | None


class CompiledPrompt:
    """All ways to ask the records of one outline.

    Values of a row count from 0: the pieces of the input in the task's order, then the answer,
    and last the list of options where there are any. `order` says for each piece of the task
    which of the record's it is. `number` is that of the cast in the wording.
    """

    def __init__(
        self,
        outline: PromptSignature,
        order: Sequence[int],
        vocabulary: AudioTextVocabulary,
        wording: PromptTables,
    ) -> None:
        self._outline, self._vocabulary, self._wording = outline, vocabulary, wording
        self._kinds = (*outline.kinds, outline.answer, "text")
        listed = [(OTHER, 0)] if outline.options else []
        found = variant_period(outline)
        remembered = found is not None and found <= _MOST
        self._period = found if found is not None and remembered else 1
        self._choices = wording.choices.add(np.full(self._period, -1)) if remembered else None
        self.number = wording.cast(
            [*_sources(outline, order), *listed], self._choices, self._period
        )
        # Every part of an example is encoded once; together there are many more ways to ask.
        self._ways: dict[tuple[int, int, int, bool, str], int] = {}
        self._asked: dict[tuple[int, str], tuple[int, int]] = {}
        self._given: dict[tuple[str, int, bool], int] = {}
        self._lists: dict[tuple[int, str, tuple[int, ...]], Ids] = {}

    def draw_variant(self, draw: int) -> DrawnVariant:
        """What a draw of 63 bits chooses; the wording remembers it where it can."""
        number, labels, lead_in, input_first, style, order = draw_variant(self._outline, draw)
        key = (number, labels, lead_in, input_first, style)
        way = self._ways.get(key)
        if way is None:
            way = self._ways[key] = self._way(*key)
        if self._choices is not None:
            for same in equivalent_draws(self._outline, draw % self._period):
                self._wording.choices.rows[self._choices + same] = way
        return DrawnVariant(way, self._listed(number, style, order) if order else None)

    def _way(self, number: int, labels: int, lead_in: int, input_first: bool, style: str) -> int:
        inputs = self._input(number, labels, input_first, style)
        name = self._outline.asks[number].name
        return self._wording.way(
            inputs,
            self._say(number, lead_in),
            self._asked[number, style][1],
            input_first,
            f"{name}+{style}" if style else name,
        )

    def _listed(self, number: int, style: str, order: tuple[int, ...]) -> Ids:
        """Ids of a list of options."""
        key = (number, style, order)
        found = self._lists.get(key)
        if found is None:
            encode = self._vocabulary.encode_text
            said = words(self._outline, self._outline.asks[number], style, order)
            found = np.concatenate([encode(item) for item in said.listed])
            if len(order) <= _FEW:
                self._lists[key] = found
        return found

    def _input(self, number: int, labels: int, input_first: bool, style: str) -> int:
        """Instruction and pieces, in one of the two orders."""
        ask = self._outline.asks[number]
        if (number, style) not in self._asked:
            asked = self._ask(number, style)
            self._asked[number, style] = (asked, self._wording.said(asked))
        layer = (ask.language, labels, input_first)
        if layer not in self._given:
            laid = layout(ask.label_sets[labels], input_first)
            self._given[layer] = self._form([item for item in laid if item is not None])
        both = (self._asked[number, style][0], self._given[layer])
        return self._wording.joined(*(both[::-1] if input_first else both))

    def _ask(self, number: int, style: str) -> int:
        """The instruction, with the options as a value where they are listed."""
        options = range(len(self._outline.options) if style else 0)
        said = words(self._outline, self._outline.asks[number], style, options)
        return self._form((said.head, len(self._kinds) - 1 if said.listed else "", said.tail))

    def _say(self, number: int, lead_in: int) -> int:
        """The answer after its lead-in, and EOS."""
        before = self._outline.asks[number].lead_ins[lead_in]
        return self._form((before, len(self._kinds) - 2), ends=True)

    def _form(self, items: Sequence[str | int], *, ends: bool = False) -> int:
        """Texts and numbers of values in turn, with EOS behind them if it ends."""
        kinds = (item if isinstance(item, str) else (item, self._kinds[item]) for item in items)

        def made() -> list[Ids | int]:
            eos = [np.array([self._vocabulary.eos_id], np.int32)] if ends else []
            return list(_merged([*(one for item in items for one in self._ids(item)), *eos]))

        return self._wording.form_of((*kinds, ends), made)

    def _ids(self, item: str | int) -> Iterator[Ids | int]:
        if isinstance(item, str):
            yield self._vocabulary.encode_text(item)
        elif self._kinds[item] == "audio":
            yield np.array([self._vocabulary.soa_id], np.int32)
            yield item
            yield np.array([self._vocabulary.eoa_id], np.int32)
        else:
            yield item


def _merged(items: Sequence[Ids | int]) -> Iterator[Ids | int]:
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


def _sources(outline: PromptSignature, order: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Kind of each value but the options, and its place among the row's texts or audio spans.

    A store numbers the record's own pieces by kind.
    """
    kinds = dict(zip(order, outline.kinds, strict=True))
    audio = [at for at in sorted(kinds) if kinds[at] == "audio"]
    texts = [at for at in sorted(kinds) if kinds[at] == "text"]
    for at in order:
        if kinds[at] == "audio":
            yield AUDIO, audio.index(at)
        else:
            yield TEXT, texts.index(at)
    yield (AUDIO, len(audio)) if outline.answer == "audio" else (TEXT, len(texts))
