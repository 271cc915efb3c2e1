"""The schema of a record (Audio-FLAN, arXiv 2502.16584, appendix A.3), after coercion.

`RawRecord` documents and checks it; `PlainRecord` is the same for the common path,
where a record that needs no repair is decoded straight into it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictStr

__all__ = ["MINIMAL_RECORD", "PlainRecord", "RawRecord", "RawTaskType"]

# The least that a record needs; everything else has a rule (docs/format.md).
MINIMAL_RECORD = (
    '{"instruction": "Is the voice female or male?", "input": "audio: <|SOA|>clip_1<|EOA|>", '
    '"output": "female", "task": "Gender Recognition", "split": "train"}'
)


class RawTaskType(BaseModel):
    """Names of the task and what the authors say about it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    major: tuple[StrictStr, ...] = Field(description="major task, one of 23")
    minor: tuple[StrictStr, ...] = Field(description="minor task, one of 80")
    ug: tuple[StrictStr, ...] = Field(alias="U/G", description="understanding or generation")
    unseen: StrictBool = Field(default=False, description="held out by the authors")


class RawRecord(BaseModel):
    """One line of a release file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: StrictStr = Field(description="what is asked")
    input: StrictStr = Field(description="labelled text and audio spans, joined by line breaks")
    output: StrictStr = Field(description="text, or an optional phrase and an audio span")
    uuid: StrictStr = Field(default="", description="name of the record")
    split: tuple[StrictStr, ...] = Field(default=(), description="train, dev or test")
    task_type: RawTaskType
    domain: StrictStr = Field(default="", description="speech, music or audio")
    source: tuple[StrictStr, ...] = Field(default=(), description="origin of the recording")
    other: dict[str, Any] | None = Field(default=None, description="anything else")
    audio_path: tuple[StrictStr, ...] = Field(default=(), description="paths instead of ids")
    audio_start: StrictFloat | None = Field(default=None, description="seconds")
    audio_end: StrictFloat | None = Field(default=None, description="seconds; null: to the end")


class PlainTaskType(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """As RawTaskType, one value each."""

    major: tuple[str]
    minor: tuple[str]
    ug: tuple[str] = msgspec.field(name="U/G")
    unseen: bool


class PlainRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As RawRecord, but only in the spelling of the paper: anything else goes the slow way."""

    instruction: str
    input: str
    output: str
    uuid: str
    split: tuple[str]
    task_type: PlainTaskType
    domain: str
    source: tuple[str, ...]
    other: dict[str, Any] | None
    audio_path: ClassVar[tuple[str, ...]] = ()
    audio_start: ClassVar[float | None] = None
    audio_end: ClassVar[float | None] = None
