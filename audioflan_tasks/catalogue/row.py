"""The shape of one task: what it reads, writes, and is scored by.

Names follow Table 1 of Audio-FLAN (arXiv 2502.16584), definitions are our own
words in the sense of its appendix A.1.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "PREFIX",
    "AnswerFormat",
    "Category",
    "Domain",
    "InputPiece",
    "Kind",
    "Major",
    "TaskRow",
    "snake",
]

PREFIX = "audioflan_"

Domain = Literal["speech", "music", "audio"]
Category = Literal["understanding", "generation"]
Kind = Literal["text", "audio"]
AnswerFormat = Literal[
    "transcript",  # plain text
    "phones",  # symbols separated by single spaces
    "label",  # one label
    "labels",  # sorted labels separated by ", "
    "number",  # a number with its unit, "12.5 dB"
    "times",  # seconds, "0.52, 1.04"
    "intervals",  # "0.00-1.52 speaker 1; 1.70-3.10 speaker 2"
    "sequence",  # ordered names separated by ", "
    "note",  # "C#4"
    "progression",  # "ii-V-I"
    "contour",  # "0.00 220.0; 0.10 221.5", seconds and Hz, 0.0 where unvoiced
    "caption",  # a sentence
    "audio",  # a span
]


class InputPiece(NamedTuple):
    """One piece of a task's input, in the order in which it is given."""

    name: str
    kind: Kind


class Major(NamedTuple):
    """One of the paper's 23 major tasks, with Table 2's category and instance count."""

    name: str
    domain: Domain
    category: Category
    paper_instances: int


class TaskRow(BaseModel):
    """One minor task.

    `paper_category` is Table 2's, per major task; it contradicts the paper's own
    rule in places (Speaker Extraction writes audio and counts as understanding),
    so `reads` and `writes` are what code should look at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    minor: str = Field(min_length=1, description="name in the paper's Table 1")
    group: Major
    definition: str = Field(min_length=10)
    inputs: tuple[InputPiece, ...] = Field(min_length=1)
    writes: tuple[Kind, ...] = Field(min_length=1)
    answer: AnswerFormat
    metrics: tuple[str, ...] = Field(min_length=1, description="primary first")
    attributes: tuple[str, ...] = Field(default=(), description="those of Figure 3")
    slots: tuple[str, ...] = Field(default=(), description="facts an instruction must carry")
    labels: tuple[str, ...] = Field(default=(), description="closed label set, if universal")
    inverse: tuple[str, ...] = Field(
        default=(), description="ids of tasks that swap input and output"
    )
    swaps: tuple[str, ...] = Field(
        default=(), description="those of `inverse` that a record serves with its sides swapped"
    )
    twins: tuple[str, ...] = Field(default=(), description="ids of tasks that ask the same thing")
    corpora: tuple[str, ...] = Field(default=(), description="sources in the paper's Table 3")
    note: str = Field(default="", description="where the paper contradicts itself")
    pool: str = Field(default="", description="template pool of a user's own task: a TOML path")
    custom_id: str = Field(default="", pattern=r"^[a-z0-9_]*$")

    @property
    def id(self) -> str:
        """Snake-case id without the prefix: `automatic_speech_recognition`."""
        return self.custom_id or snake(self.minor)

    @property
    def name(self) -> str:
        """Name in seqio's registry: `audioflan_automatic_speech_recognition`."""
        return PREFIX + self.id

    @property
    def major(self) -> str:
        """Name of the major task."""
        return self.group.name

    @property
    def domain(self) -> Domain:
        """speech, music or audio."""
        return self.group.domain

    @property
    def paper_category(self) -> Category:
        """Table 2's category of the major task."""
        return self.group.category

    @property
    def reads(self) -> tuple[Kind, ...]:
        """Kinds of the input pieces, in order."""
        return tuple(piece.kind for piece in self.inputs)

    @model_validator(mode="after")
    def _pieces_have_own_names(self) -> TaskRow:
        names = [piece.name for piece in self.inputs]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.minor}: input pieces share a name: {names}")
        return self


@lru_cache(maxsize=4096)
def snake(text: str) -> str:
    """Lower case, every run of other characters one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
