"""The shape of one task: what it reads, writes, and is scored by.

Names follow Table 1 of Audio-FLAN (arXiv 2502.16584), definitions are our own
words in the sense of its appendix A.1.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.dataclasses import dataclass

from audioflan_tasks.catalogue.answer_kinds import ANSWER_KINDS, AnswerKind
from audioflan_tasks.catalogue.question import AnswerPattern, PlainQuestion

__all__ = [
    "PREFIX",
    "Category",
    "Domain",
    "InputPiece",
    "Kind",
    "Major",
    "SimulatedRecord",
    "TaskRow",
    "snake",
]

PREFIX = "audioflan_"

Domain = Literal["speech", "music", "audio"]
Category = Literal["understanding", "generation"]
Kind = Literal["text", "audio"]


@dataclass(frozen=True, slots=True)
class InputPiece:
    """One piece of a task's input, in the order in which it is given.

    `words` are those in a record's label that tell it from another piece of its kind.
    """

    name: str
    kind: Kind
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Major:
    """One of the paper's 23 major tasks, with Table 2's category and instance count."""

    name: str
    domain: Domain
    category: Category
    paper_instances: int


@dataclass(frozen=True, slots=True)
class SimulatedRecord:
    """A form of record that simulations of these kinds can make for a task.

    `form` names a `RecordForm` of `preprocessors/simulate/runs/records.py`.
    """

    form: str
    kinds: tuple[str, ...]


class TaskRow(BaseModel):
    """One minor task: all facts about it except its template pool.

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
    answer: str = Field(description="name of an `AnswerKind`")
    question: PlainQuestion | None = Field(
        default=None, description="the words of what it asks; without them any words ask it"
    )
    answer_patterns: tuple[AnswerPattern, ...] = Field(
        default=(), description="ways to write its answers, if not those of its answer kind"
    )
    answer_nouns: tuple[str, ...] = Field(
        default=(),
        description="what a lead-in calls the answer or its subject (records/lead_ins.py)",
    )
    metrics: tuple[str, ...] = Field(min_length=1, description="primary first")
    optional_metrics: tuple[str, ...] = Field(
        default=(), description="those that need an extra or a model, computed when asked for"
    )
    attributes: tuple[str, ...] = Field(default=(), description="those of Figure 3")
    slots: tuple[str, ...] = Field(default=(), description="facts an instruction must carry")
    labels: tuple[str, ...] = Field(default=(), description="closed label set, if universal")
    several_labels: bool = Field(
        default=False,
        description="a label answer may list several, which are compared as a set",
    )
    inverse: tuple[str, ...] = Field(
        default=(), description="ids of tasks that swap input and output"
    )
    swaps: tuple[str, ...] = Field(
        default=(), description="those of `inverse` that a record serves with its sides swapped"
    )
    twins: tuple[str, ...] = Field(default=(), description="ids of tasks that ask the same thing")
    companions: tuple[str, ...] = Field(
        default=(), description="ids of other tasks that are held out together with it"
    )
    family: str = Field(
        default="",
        description="one of `families.FAMILIES`, or a name of your own; unset: the task's id",
    )
    family_reason: str = Field(
        default="", description="what the task does of the family's skill, in a few words"
    )
    improves: str = Field(
        default="",
        description="the audio piece that the answer is a better version of (denoised, separated)",
    )
    names_heard: Literal["", "events", "instruments", "speakers"] = Field(
        default="", description="what can be heard, where the answer names it: for yes/no probes"
    )
    label_ranges: tuple[tuple[str, float], ...] = Field(
        default=(),
        description="labels that stand for ranges of a number from 0, each with its upper end",
    )
    opposites: tuple[tuple[str, str], ...] = Field(
        default=(),
        description="words that the first two labels answer to, each with the word that swaps them",
    )
    simulations: tuple[SimulatedRecord, ...] = Field(
        default=(), description="records that simulations can make for it"
    )
    corpora: tuple[str, ...] = Field(default=(), description="sources in the paper's Table 3")
    note: str = Field(default="", description="where the paper contradicts itself")
    pool: str = Field(default="", description="template pool of a user's own task: a TOML path")
    custom_id: str = Field(default="", pattern=r"^[a-z0-9_]*$")

    def __hash__(self) -> int:
        """Of what names the task: rows are keys of many caches, and have dozens of fields."""
        return hash((self.minor, self.custom_id))

    @property
    def id(self) -> str:
        """Snake-case id without the prefix: `automatic_speech_recognition`."""
        return self.custom_id or snake(self.minor)

    @property
    def name(self) -> str:
        """Name in seqio's registry: `audioflan_automatic_speech_recognition`."""
        return PREFIX + self.id

    @property
    def family_name(self) -> str:
        """Name of the family: tasks that share its skill (`families.FAMILIES`)."""
        return self.family or self.id

    @property
    def answer_kind(self) -> AnswerKind:
        """The form of its answers."""
        return ANSWER_KINDS[self.answer]

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

    @field_validator("answer")
    @classmethod
    def _answer_has_a_kind(cls, answer: str) -> str:
        if answer not in ANSWER_KINDS:
            raise ValueError(
                f"no answer kind {answer!r}; expected one of {', '.join(ANSWER_KINDS)}"
            )
        return answer

    @model_validator(mode="after")
    def _improved_piece_is_read(self) -> TaskRow:
        clips = [piece.name for piece in self.inputs if piece.kind == "audio"]
        if self.improves and self.improves not in clips:
            raise ValueError(
                f"{self.minor}: improves {self.improves!r}, expected an audio piece of its inputs: "
                f"{', '.join(clips) or 'it has none'}"
            )
        return self

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
