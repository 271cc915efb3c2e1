"""Pools as the renderer needs them: what can be worked out before the record is known."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.config import LANGUAGE
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors.templates import (
    ENGLISH,
    OPTIONS,
    Instruction,
    Pool,
    PoolNotFoundError,
    pool,
)

__all__ = ["Ask", "Prepared", "languages_asked", "prepared"]

# Words that say the input stands after the instruction.
_POINTS_ON = re.compile(r"\b(below|following)\b|下面|下文|以下|下列|如下", re.I)


class Ask(NamedTuple):
    """An instruction, with the labels (by piece) and lead-ins of its language.

    `points_on` says that its words are true only before the input. `groups` names for each
    piece the group of pieces whose labels are chosen together, `label_groups` each group with
    the number of its labels.
    """

    name: str
    language: str
    parts: tuple[str, ...]
    points_on: bool
    labels: tuple[tuple[str, ...], ...]
    lead_ins: tuple[str, ...]
    groups: tuple[str, ...]
    label_groups: tuple[tuple[str, int], ...]

    @property
    def lists_options(self) -> bool:
        """Whether its words list the labels to choose from."""
        return OPTIONS in self.parts[1::2]

    @property
    def label_choices(self) -> int:
        """In how many ways labels can be chosen."""
        return math.prod(count for _, count in self.label_groups)


class Prepared(NamedTuple):
    """All ways to ask a task, those that list no labels, and the pieces it reads.

    A piece is its name, its kind, and every label that it may have.
    """

    asks: tuple[Ask, ...]
    without_options: tuple[Ask, ...]
    pieces: tuple[tuple[str, str, tuple[str, ...]], ...]


@lru_cache(maxsize=256)
def languages_asked(languages: tuple[str, ...]) -> tuple[str, ...]:
    """The languages, checked, in an order that does not depend on how they were listed.

    Raises:
      SettingsError: one is no code such as 'zh'.
    """
    for language in languages:
        if not re.fullmatch(LANGUAGE, language):
            raise SettingsError(f"language {language!r}: expected a code such as 'en' or 'zh'")
    return tuple(sorted(set(languages)))


@lru_cache(maxsize=1024)
def prepared(row: TaskRow, languages: tuple[str, ...]) -> Prepared | None:
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
    return Prepared(
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


def _ask(row: TaskRow, found: Pool, language: str, number: int, instruction: Instruction) -> Ask:
    labels = tuple(found.inputs[piece.name] for piece in row.inputs)
    # Pieces of one kind are labelled alike; a kind that stands alone is a group of its own.
    groups = tuple(piece.kind for piece in row.inputs)
    return Ask(
        name="/".join((row.id, *((language,) if language != ENGLISH else ()), str(number))),
        language=language,
        parts=instruction.parts,
        points_on=bool(_POINTS_ON.search(instruction.ask)),
        labels=labels,
        lead_ins=found.answer.lead_ins,
        groups=groups,
        label_groups=tuple(
            {g: len(found) for g, found in zip(groups, labels, strict=True)}.items()
        ),
    )


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
