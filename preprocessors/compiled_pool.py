"""Pools as the renderer needs them: what can be worked out before the record is known."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.options import LANGUAGE
from audioflan_tasks.preprocessors.templates import (
    ENGLISH,
    OPTIONS,
    Instruction,
    Pool,
    PoolNotFoundError,
    pool,
)

__all__ = ["CompiledInstruction", "CompiledPool", "checked_languages", "compiled_pool"]

# Words that say the input stands after the instruction.
_POINTS_ON = re.compile(r"\b(below|following)\b|下面|下文|以下|下列|如下", re.I)


class CompiledInstruction(NamedTuple):
    """An instruction, with the labels and lead-ins of its language.

    `label_sets` are the ways to label all pieces together, `bare` says for each whether a text
    goes without a label; `points_on` that the words are true only before the input.
    """

    name: str
    language: str
    parts: tuple[str, ...]
    points_on: bool
    label_sets: tuple[tuple[str, ...], ...]
    bare: tuple[bool, ...]
    lead_ins: tuple[str, ...]

    @property
    def lists_options(self) -> bool:
        """Whether its words list the labels to choose from."""
        return len(self.parts) > 1 and OPTIONS in self.parts[1::2]


class CompiledPool(NamedTuple):
    """All ways to ask a task, those that list no labels, and the pieces it reads.

    A piece is its name, its kind, and every label that it may have.
    """

    asks: tuple[CompiledInstruction, ...]
    without_options: tuple[CompiledInstruction, ...]
    pieces: tuple[tuple[str, str, tuple[str, ...]], ...]


@lru_cache(maxsize=256)
def checked_languages(languages: tuple[str, ...]) -> tuple[str, ...]:
    """The languages, checked, in an order that does not depend on how they were listed.

    Raises:
      SettingsError: one is no code such as 'zh'.
    """
    for language in languages:
        if not re.fullmatch(LANGUAGE, language):
            raise SettingsError(f"language {language!r}: expected a code such as 'en' or 'zh'")
    return tuple(sorted(set(languages)))


@lru_cache(maxsize=1024)
def compiled_pool(row: TaskRow, languages: tuple[str, ...]) -> CompiledPool | None:
    """The pools of a task, or None where a user's task brings none.

    Raises:
      TemplateError: a pool breaks the schema.
    """
    pools = _pools(row, languages)
    if not pools:
        return None
    asks = tuple(
        _ask(row, found, language, number, instruction)
        for language, found in pools.items()
        for number, instruction in enumerate(found.instruction)
    )
    return CompiledPool(
        asks=asks,
        without_options=tuple(ask for ask in asks if not ask.lists_options),
        pieces=tuple(
            (
                p.name,
                p.kind,
                tuple(label for found in pools.values() for label in found.inputs[p.name]),
            )
            for p in row.inputs
        ),
    )


def _ask(
    row: TaskRow, found: Pool, language: str, number: int, instruction: Instruction
) -> CompiledInstruction:
    sets = tuple(_label_sets(row, found))
    return CompiledInstruction(
        name="/".join((row.id, *((language,) if language != ENGLISH else ()), str(number))),
        language=language,
        parts=instruction.parts,
        points_on=bool(_POINTS_ON.search(instruction.ask)),
        label_sets=sets,
        bare=tuple(
            any(kind == "text" and not one for kind, one in zip(row.reads, labels, strict=True))
            for labels in sets
        ),
        lead_ins=found.answer.lead_ins,
    )


def _label_sets(row: TaskRow, found: Pool) -> Iterator[tuple[str, ...]]:
    """Labels of pieces of one kind belong together: 'clip A: ' goes with 'clip B: '."""
    counts = {piece.kind: len(found.inputs[piece.name]) for piece in row.inputs}
    for picked in itertools.product(*map(range, counts.values())):
        number = dict(zip(counts, picked, strict=True))
        yield tuple(found.inputs[piece.name][number[piece.kind]] for piece in row.inputs)


def _pools(row: TaskRow, languages: tuple[str, ...]) -> dict[str, Pool]:
    """The task's pools by language: those asked for, else the English one, else none."""
    folder, found = row.pool or None, {}
    for language in languages:
        with suppress(PoolNotFoundError):
            found[language] = pool(row.id, folder, row=row, language=language)
    if found:
        return found
    try:
        return {ENGLISH: pool(row.id, folder, row=row)}
    except PoolNotFoundError:
        if folder:
            raise
        return {}
