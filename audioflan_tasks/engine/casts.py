"""Outlines with their words in ids: what is left for a row is to put its values in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.draft import Side
from audioflan_tasks.preprocessors.lengths import kept_steps
from audioflan_tasks.preprocessors.outline import Outline, choose, layout, ways, words
from audioflan_tasks.preprocessors.splice import ROLES
from audioflan_tasks.store import ShardReader
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["Cast"]

Ids = NDArray[np.integer[Any]]

# Lists of few options have few orders, which are worth remembering.
_FEW = 4

_THEN = (ROLES["instruction"], ROLES["input"])
_FIRST = _THEN[::-1]
_ANSWER = (ROLES["answer"],)


class _Form(NamedTuple):
    """Ids that stay and numbers of values in turn; `fixed` counts the ids that stay."""

    items: tuple[Ids | int, ...]
    fixed: int
    values: tuple[int, ...]


class _Inputs(NamedTuple):
    """The form of an input: instruction and pieces, in one of the two orders.

    `asked` counts the ids of the instruction that stay.
    """

    form: _Form
    asked: int
    template: str


class _Way(NamedTuple):
    """A choice with the forms that it leads to."""

    inputs: _Inputs
    said: _Form
    input_first: bool
    ask: int
    style: str
    order: tuple[int, ...]


class Cast:
    """All ways to ask the records of one outline.

    Values of a row count from 0: the pieces of the input in the task's order, then the answer,
    and last the options where they are listed. `order` says for each piece of the task which of
    the record's it is.
    """

    def __init__(
        self, outline: Outline, order: Sequence[int], vocabulary: AudioTextVocabulary
    ) -> None:
        self._outline, self._vocabulary = outline, vocabulary
        self._kinds = (*outline.kinds, outline.answer, "text")
        self._sources = tuple(_sources(outline, order))
        self._reads_codes = any(audio for audio, _ in self._sources)
        self._reads_texts = not all(audio for audio, _ in self._sources)
        self._period = ways(outline) or 1
        self._ways: dict[int, _Way] = {}
        # Every part of an example is encoded once; together there are many more ways to ask.
        self._asked: dict[tuple[int, str], _Form] = {}
        self._given: dict[tuple[str, int, bool], _Form] = {}
        self._inputs: dict[tuple[int, int, bool, str], _Inputs] = {}
        self._said: dict[tuple[int, int], _Form] = {}
        self._lists: dict[tuple[int, str, tuple[int, ...]], Ids] = {}

    def pour(
        self, shard: ShardReader, at: int, draw: int, limits: tuple[int, int]
    ) -> tuple[Side, Side, str] | None:
        """Inputs, targets and template of a row's example, or None if it cannot be made to fit.

        Args:
          shard, at: where the row is.
          draw: 63 bits.
          limits: most ids of inputs and targets.

        Raises:
          MissingAudioError: the row was kept without codes.
        """
        way = self._ways.get(draw % self._period) or self._way(draw)
        (form, asked, template), said, input_first, number, style, order = way
        code_ids = self._vocabulary.code_ids
        codes = shard.codes(at) if self._reads_codes else ()
        texts = shard.text_ids(at, 1) if self._reads_texts else ()
        own = [code_ids(codes[at]) if audio else texts[at] for audio, at in self._sources]
        if order:
            own.append(self._listed(number, style, order))
            asked += len(own[-1])
        inputs = self._side(form, own, limits[0])
        targets = self._side(said, own, limits[1])
        if inputs is None or targets is None:
            return None
        given = inputs.length - asked
        inputs.roles_of, inputs.counts = (
            (_FIRST, (given, asked)) if input_first else (_THEN, (asked, given))
        )
        return inputs, targets, template

    def _way(self, draw: int) -> _Way:
        """What a draw chooses; remembered where nothing but small numbers is drawn."""
        number, labels, lead_in, input_first, style, order = choose(self._outline, draw)
        key = (number, labels, input_first, style)
        found = _Way(
            self._inputs.get(key) or self._input(key),
            self._said.get((number, lead_in)) or self._say(number, lead_in),
            input_first,
            number,
            style,
            order,
        )
        if self._period > 1:
            self._ways[draw % self._period] = found
        return found

    def _side(self, form: _Form, own: list[Ids], limit: int) -> Side | None:
        """A side of one role, its longest spans cropped; None if that is not enough."""
        items, length, values = form
        for n in values:
            length += len(own[n])
        if length > limit:
            cut = self._cropped(values, own, length - limit)
            return None if cut is None else self._side(form, cut, limit)
        parts = [own[item] if isinstance(item, int) else item for item in items]
        return Side(parts, length, _ANSWER, (length,))

    def _cropped(self, values: tuple[int, ...], own: list[Ids], excess: int) -> list[Ids] | None:
        step = self._vocabulary.step
        audio = [n for n in values if self._kinds[n] == "audio"]
        steps = np.array([len(own[n]) // step for n in audio], np.int64)
        kept = kept_steps(steps, -(-excess // step))
        if kept is None:
            return None
        cut = list(own)
        for n, count in zip(audio, kept.tolist(), strict=True):
            cut[n] = own[n][: count * step]
        return cut

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

    def _input(self, key: tuple[int, int, bool, str]) -> _Inputs:
        number, labels, input_first, style = key
        ask = self._outline.asks[number]
        asked = self._asked.get((number, style)) or self._ask(number, style)
        layer = (ask.language, labels, input_first)
        given = self._given.get(layer)
        if given is None:
            laid = layout(ask.label_sets[labels], input_first)
            given = self._given[layer] = self._form([item for item in laid if item is not None])
        first, then = (given, asked) if input_first else (asked, given)
        found = self._inputs[key] = _Inputs(
            _Form(
                (*first.items, *then.items), first.fixed + then.fixed, (*first.values, *then.values)
            ),
            asked.fixed,
            f"{ask.name}+{style}" if style else ask.name,
        )
        return found

    def _ask(self, number: int, style: str) -> _Form:
        """The instruction, with the options as a value where they are listed."""
        options = range(len(self._outline.options) if style else 0)
        said = words(self._outline, self._outline.asks[number], style, options)
        items = (said.head, len(self._kinds) - 1 if said.listed else "", said.tail)
        found = self._asked[number, style] = self._form(items)
        return found

    def _say(self, number: int, lead_in: int) -> _Form:
        """The answer after its lead-in, and EOS."""
        eos = np.array([self._vocabulary.eos_id], np.int32)
        before = self._outline.asks[number].lead_ins[lead_in]
        form = self._said[number, lead_in] = self._form((before, len(self._kinds) - 2), eos)
        return form

    def _form(self, items: Iterable[str | int], end: Ids | None = None) -> _Form:
        pieces = [one for item in items for one in self._ids(item)]
        merged = tuple(_merged(pieces if end is None else [*pieces, end]))
        return _Form(
            merged,
            sum(len(one) for one in merged if not isinstance(one, int)),
            tuple(one for one in merged if isinstance(one, int)),
        )

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
    """The same with neighbouring arrays joined."""
    arrays: list[Ids] = []
    for item in items:
        if isinstance(item, int):
            if arrays:
                yield np.concatenate(arrays)
            arrays = []
            yield item
        else:
            arrays.append(item)
    if arrays:
        yield np.concatenate(arrays)


def _sources(outline: Outline, order: Sequence[int]) -> Iterator[tuple[bool, int]]:
    """For each value whether it is audio, and its place among the row's codes or texts.

    A store numbers the record's own pieces by kind.
    """
    kinds = dict(zip(order, outline.kinds, strict=True))
    audio = [at for at in sorted(kinds) if kinds[at] == "audio"]
    texts = [at for at in sorted(kinds) if kinds[at] == "text"]
    for at in order:
        own = (audio if kinds[at] == "audio" else texts).index(at)
        yield kinds[at] == "audio", own
    if outline.answer == "audio":
        yield True, len(audio)
    else:
        yield False, len(texts)
