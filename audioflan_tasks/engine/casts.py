"""Outlines with their words in ids: what is left for a row is to put its values in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.draft import Side
from audioflan_tasks.preprocessors.asks import Ask
from audioflan_tasks.preprocessors.lengths import kept_steps
from audioflan_tasks.preprocessors.outline import Outline, choose, frame, layout, words
from audioflan_tasks.preprocessors.splice import ROLES
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["Cast", "Poured"]

Ids = NDArray[np.integer[Any]]

# More ways than a task has to be asked, so that only outlines of many options come near.
_MOST_FORMS = 4096
# Lists of few options have few orders, which are worth remembering.
_FEW = 4

_ASKED, _GIVEN, _SAID = (ROLES[name] for name in ("instruction", "input", "answer"))


class Poured(NamedTuple):
    """The sides of an example, and the template that its words are from."""

    inputs: Side
    targets: Side
    template: str


class _Form(NamedTuple):
    """One side: ids that stay, and numbers of values, in turn.

    `fixed` counts the ids that stay; `runs` has for each run of one role how many of these it
    holds, and which values.
    """

    items: tuple[Ids | int, ...]
    fixed: int
    runs: tuple[tuple[int, int, tuple[int, ...]], ...]
    audio: tuple[int, ...]


class _Forms(NamedTuple):
    inputs: _Form
    targets: _Form
    template: str


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
        self._kinds = (*outline.kinds, outline.answer)
        self._sources = tuple(_sources(outline, order))
        self._forms: dict[tuple[int, int, str], _Forms] = {}
        self._lists: dict[tuple[int, str, tuple[int, ...]], Ids] = {}

    def pour(
        self,
        texts: Sequence[Ids],
        codes: Sequence[NDArray[np.uint16]],
        draw: int,
        limits: tuple[int, int],
    ) -> Poured | None:
        """The example of a row, or None if it cannot be made to fit.

        Args:
          texts: ids of its own texts as a store has them, the instruction first.
          codes: of its audio, input before output.
          draw: 63 bits.
          limits: most ids of inputs and targets.
        """
        choice = choose(self._outline, draw)
        key = choice[:3]
        forms = self._forms.get(key)
        if forms is None:
            if len(self._forms) >= _MOST_FORMS:
                self._forms.clear()
            forms = self._forms[key] = self._formed(*key)
        code_ids = self._vocabulary.code_ids
        own = [code_ids(codes[at]) if audio else texts[at] for audio, at in self._sources]
        if choice.order:
            own.append(self._listed(choice.ask, choice.style, choice.order))
        inputs = self._side(forms.inputs, own, limits[0])
        targets = self._side(forms.targets, own, limits[1])
        if inputs is None or targets is None:
            return None
        return Poured(inputs, targets, forms.template)

    def _side(self, form: _Form, own: list[Ids], limit: int) -> Side | None:
        items, fixed, runs, audio = form
        lengths = [len(one) for one in own]
        total = fixed
        for item in items:
            if isinstance(item, int):
                total += lengths[item]
        if total > limit:
            cut = self._cropped(audio, own, total - limit)
            return None if cut is None else self._side(form, cut, limit)
        parts = [own[item] if isinstance(item, int) else item for item in items]
        told = [(role, count + sum([lengths[n] for n in held])) for role, count, held in runs]
        return Side(parts, total, told)

    def _cropped(self, audio: tuple[int, ...], own: list[Ids], excess: int) -> list[Ids] | None:
        """The values without the ends of the longest spans; None if that is not enough."""
        step = self._vocabulary.step
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

    def _formed(self, number: int, rest: int, style: str) -> _Forms:
        ask = self._outline.asks[number]
        around = frame(self._outline, ask, rest)
        inputs: list[tuple[int, str | int]] = []
        for item in layout(around):
            if item is None:
                inputs += [(_ASKED, part) for part in self._asked(ask, style)]
            else:
                inputs.append((_GIVEN, item))
        targets: list[tuple[int, str | int]] = [(_SAID, around.lead_in)] if around.lead_in else []
        targets.append((_SAID, len(self._kinds) - 1))
        eos = np.array([self._vocabulary.eos_id], np.int32)
        return _Forms(
            self._form(inputs),
            self._form(targets, eos),
            f"{ask.name}+{style}" if style else ask.name,
        )

    def _asked(self, ask: Ask, style: str) -> Iterator[str | int]:
        """The instruction's words, with the number of the options among them."""
        said = words(self._outline, ask, style, range(len(self._outline.options)))
        if said.head:
            yield said.head
        if said.listed:
            yield len(self._kinds)
        if said.tail:
            yield said.tail

    def _form(self, items: Sequence[tuple[int, str | int]], end: Ids | None = None) -> _Form:
        """A side of (role, words or number of a value); `end` belongs to the last."""
        pieces = [(role, one) for role, item in items for one in self._ids(item)]
        if end is not None:
            pieces.append((pieces[-1][0], end))
        runs: list[tuple[int, int, tuple[int, ...]]] = []
        for role, one in pieces:
            count, held = (0, (one,)) if isinstance(one, int) else (len(one), ())
            if runs and runs[-1][0] == role:
                runs[-1] = (role, runs[-1][1] + count, runs[-1][2] + held)
            else:
                runs.append((role, count, held))
        merged = tuple(_merged([one for _, one in pieces]))
        return _Form(
            merged,
            sum(len(one) for one in merged if not isinstance(one, int)),
            tuple(runs),
            tuple(n for n in merged if isinstance(n, int) and self._kind(n) == "audio"),
        )

    def _kind(self, number: int) -> str:
        return self._kinds[number] if number < len(self._kinds) else "text"

    def _ids(self, item: str | int) -> Iterator[Ids | int]:
        if isinstance(item, str):
            yield self._vocabulary.encode_text(item)
        elif self._kind(item) == "audio":
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

    A store numbers the record's own pieces by kind, and texts begin with the instruction.
    """
    kinds = dict(zip(order, outline.kinds, strict=True))
    audio = [at for at in sorted(kinds) if kinds[at] == "audio"]
    texts = [at for at in sorted(kinds) if kinds[at] == "text"]
    for at in order:
        own = audio.index(at) if kinds[at] == "audio" else 1 + texts.index(at)
        yield kinds[at] == "audio", own
    if outline.answer == "audio":
        yield True, len(audio)
    else:
        yield False, 1 + len(texts)
