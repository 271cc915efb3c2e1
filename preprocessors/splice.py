"""From rendered segments to ids: text is encoded, audio becomes a block of codes.

Codes never pass through text: a span of 3,000 ids costs one array addition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = [
    "ROLES",
    "Role",
    "SegmentLike",
    "Span",
    "SplicedExample",
    "join_ids",
    "segment_ids",
    "splice",
]

Role = Literal["instruction", "input", "answer"]

ROLES: dict[str, int] = {"instruction": 1, "input": 2, "answer": 3}


class SegmentLike(Protocol):
    """Text, an audio id, or a piece of a chat template, with the role it plays."""

    @property
    def kind(self) -> Literal["text", "audio", "markup"]: ...

    @property
    def value(self) -> str: ...

    @property
    def role(self) -> Role: ...

    @property
    def parts(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Span:
    """An audio span of the ids: ids[start] is its start mark, ids[end - 1] its end mark."""

    start: int
    end: int
    audio_id: str


@dataclass(frozen=True, slots=True)
class SplicedExample:
    """Ids [n] int32, the role of each [n] uint8, and the audio spans among them."""

    ids: NDArray[np.int32]
    roles: NDArray[np.uint8]
    spans: tuple[Span, ...]


def splice(
    segments: Sequence[SegmentLike],
    vocabulary: AudioTextVocabulary,
    codes: Callable[[str], NDArray[Any]],
) -> SplicedExample:
    """Encodes the segments one by one, so that each has ids and a role of its own.

    `codes` gives the codes [frames, codebooks] of an audio id.
    """
    return join_ids(segments, [segment_ids(s, vocabulary, codes) for s in segments])


def segment_ids(
    segment: SegmentLike,
    vocabulary: AudioTextVocabulary,
    codes: Callable[[str], NDArray[Any]],
) -> NDArray[np.int32]:
    """The ids [n] of one segment; those of audio with their marks."""
    if segment.kind == "audio":
        return vocabulary.audio_block(codes(segment.value))
    if segment.kind == "markup":
        return vocabulary.encode_markup(segment.value)
    if segment.parts:
        return np.concatenate([vocabulary.encode_text(part) for part in segment.parts])
    return vocabulary.encode_text(segment.value)


def join_ids(
    segments: Sequence[SegmentLike], ids_by_segment: Sequence[NDArray[np.int32]]
) -> SplicedExample:
    """The ids of segments, one behind the other."""
    roles: list[NDArray[np.uint8]] = []
    spans: list[Span] = []
    offset = 0
    for segment, ids in zip(segments, ids_by_segment, strict=True):
        if segment.kind == "audio":
            spans.append(Span(offset, offset + len(ids), segment.value))
        roles.append(np.full(len(ids), ROLES[segment.role], np.uint8))
        offset += len(ids)
    return SplicedExample(
        np.concatenate(ids_by_segment) if ids_by_segment else np.zeros(0, np.int32),
        np.concatenate(roles) if roles else np.zeros(0, np.uint8),
        tuple(spans),
    )
