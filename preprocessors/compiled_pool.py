"""Pools as the renderer needs them: what can be worked out before the record is known."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.catalogue import Kind, TaskRow
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.options import LANGUAGE, POOL_FOLDER_SIGN
from audioflan_tasks.preprocessors.templates import (
    ENGLISH,
    OPTIONS,
    Pool,
    PoolNotFoundError,
    pool,
)
from audioflan_tasks.preprocessors.wording import words_of

__all__ = [
    "CompiledInstruction",
    "CompiledPool",
    "PoolPiece",
    "checked_languages",
    "compiled_pool",
]

# Words that say the input stands after the instruction.
_POINTS_ON = re.compile(r"\b(below|following)\b|下面|下文|以下|下列|如下", re.I)


@dataclass(frozen=True, slots=True)
class CompiledInstruction:
    """An instruction, with the labels and lead-ins of its language.

    `parts` are literal text and names of placeholders in turn. `label_sets` are the ways to label
    all pieces together, `bare` says for each whether a text goes without a label; `points_on`
    that the words are true only before the input. `answers` are the forms of answers that it asks
    for, () where it names none.
    """

    name: str
    language: str
    parts: tuple[str, ...]
    points_on: bool
    label_sets: tuple[tuple[str, ...], ...]
    bare: tuple[bool, ...]
    lead_ins: tuple[str, ...]
    answers: tuple[str, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """Its words in lower case, without what is filled in."""
        return _words(self.parts)

    def says(self, words: Collection[str]) -> bool:
        """Whether one of these is among its words, or in its text where that has no blanks."""
        if not self.words.isdisjoint(words):
            return True
        text = "".join(self.parts[::2])
        return any(word in text for word in words if not word.isascii())

    @property
    def lists_options(self) -> bool:
        """Whether its words list the labels to choose from."""
        return len(self.parts) > 1 and OPTIONS in self.parts[1::2]


@dataclass(frozen=True, slots=True)
class PoolPiece:
    """A piece that a task reads: name, kind, every label that it may have, and words of labels."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledPool:
    """All instructions of a task, and the pieces it reads."""

    instructions: tuple[CompiledInstruction, ...]
    pieces: tuple[PoolPiece, ...]


@lru_cache(maxsize=256)
def checked_languages(languages: tuple[str, ...]) -> tuple[str, ...]:
    """The languages, checked, in an order that does not depend on how they were listed.

    One may have a folder of pools: "en@FOLDER" (`ExampleOptions.wordings`).

    Raises:
      SettingsError: one is no code such as 'zh'.
    """
    for language in languages:
        if not re.fullmatch(LANGUAGE, _language_of(language)):
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
    return CompiledPool(
        instructions=tuple(
            instruction
            for wording, language_pool in pools.items()
            for instruction in _compiled(row, language_pool, wording)
        ),
        pieces=tuple(
            PoolPiece(
                piece.name,
                piece.kind,
                tuple(
                    label
                    for language_pool in pools.values()
                    for label in language_pool.inputs[piece.name]
                ),
                piece.words,
            )
            for piece in row.inputs
        ),
    )


def _language_of(wording: str) -> str:
    return wording.partition(POOL_FOLDER_SIGN)[0]


def _compiled(row: TaskRow, task_pool: Pool, wording: str) -> Iterator[CompiledInstruction]:
    """The instructions of a pool."""
    language, folder_sign, _ = wording.partition(POOL_FOLDER_SIGN)
    parts = (language if language != ENGLISH else "", "generated" if folder_sign else "")
    label_sets = tuple(_label_sets(row, task_pool))
    bare = tuple(_has_bare_text(row, labels) for labels in label_sets)
    for number, instruction in enumerate(task_pool.instruction):
        yield CompiledInstruction(
            name="/".join((row.id, *filter(None, parts), str(number))),
            language=language,
            parts=instruction.parts,
            points_on=bool(_POINTS_ON.search(instruction.ask)),
            label_sets=label_sets,
            bare=bare,
            lead_ins=task_pool.answer.lead_ins,
            answers=instruction.answers,
        )


def _has_bare_text(row: TaskRow, labels: tuple[str, ...]) -> bool:
    """Whether a text goes without a label."""
    pieces = zip(row.inputs, labels, strict=True)
    return any(piece.kind == "text" and not label for piece, label in pieces)


@lru_cache(maxsize=4096)
def _words(parts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(words_of(" ".join(parts[::2])))


def _label_sets(row: TaskRow, task_pool: Pool) -> Iterator[tuple[str, ...]]:
    """Labels of pieces of one kind belong together: 'clip A: ' goes with 'clip B: '."""
    counts = {piece.kind: len(task_pool.inputs[piece.name]) for piece in row.inputs}
    for combination in itertools.product(*map(range, counts.values())):
        number = dict(zip(counts, combination, strict=True))
        yield tuple(task_pool.inputs[piece.name][number[piece.kind]] for piece in row.inputs)


def _pools(row: TaskRow, languages: tuple[str, ...]) -> dict[str, Pool]:
    """The task's pools by language: those of `languages`, else the English one, else none.

    Where only variations are drawn from and there are none, it is the hand-written ones.
    """
    folder = row.pool or None
    pools = {}
    for wording in languages:
        language, _, own_folder = wording.partition(POOL_FOLDER_SIGN)
        with suppress(PoolNotFoundError):
            pools[wording] = pool(row.id, own_folder or folder, row=row, language=language)
    if pools:
        return pools
    try:
        codes = tuple(dict.fromkeys(map(_language_of, languages)))
        if codes != languages:
            return _pools(row, codes)
        return {ENGLISH: pool(row.id, folder, row=row)}
    except PoolNotFoundError:
        if folder:
            raise
        return {}
