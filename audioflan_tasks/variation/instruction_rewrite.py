"""An instruction and what a model made of it; rules are functions of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.preprocessors.templates import ENGLISH
from audioflan_tasks.variation.clauses import request_of
from audioflan_tasks.variation.reading import InstructionContent, read_instruction

__all__ = ["NEAR_COPY", "InstructionRewrite", "InstructionRule", "difference"]

NEAR_COPY = 0.95


@dataclass(frozen=True, slots=True)
class InstructionRewrite:
    """An instruction and what a model made of it.

    `answer` is the record's, if there is one; `others` are wordings that it may not repeat, nor be
    as alike as `near_ratio` (that of `difflib`, from 0 to 1), nor in meaning by the model
    in the folder `embeddings`.
    """

    row: TaskRow
    original: str
    rewrite: str
    language: str = ENGLISH
    answer: str = ""
    other_wordings: tuple[str, ...] = ()
    near_ratio: float = NEAR_COPY
    embeddings: Path | None = None

    @property
    def original_content(self) -> InstructionContent:
        """What the instruction says."""
        return read_instruction(self.original, self.language)

    @property
    def rewrite_content(self) -> InstructionContent:
        """What the rewrite says."""
        return read_instruction(self.rewrite, self.language)

    @property
    def request(self) -> str:
        """The clauses of the rewrite that ask, without those that set a scene."""
        return request_of(self.rewrite, self.language)

    @property
    def request_content(self) -> InstructionContent:
        """What these clauses say."""
        return read_instruction(self.request, self.language)


# A rule returns the place where a rewrite breaks it, "" where it is kept.
InstructionRule = Callable[[InstructionRewrite], str]


def difference(original: Iterable[str], rewrite: Iterable[str]) -> str:
    """What the rewrite lacks, as "-name", and what is new in it, as "+name"."""
    absent, new = set(original) - set(rewrite), set(rewrite) - set(original)
    return ", ".join(
        (*(f"-{name}" for name in sorted(absent)), *(f"+{name}" for name in sorted(new)))
    )
