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

__all__ = ["ROLES", "Role", "SegmentLike", "Span", "SplicedExample", "splice"]

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
    parts: list[NDArray[np.int32]] = []
    roles: list[NDArray[np.uint8]] = []
    spans: list[Span] = []
    offset = 0
    for segment in segments:
        if segment.kind == "audio":
            ids = vocabulary.audio_block(codes(segment.value))
            spans.append(Span(offset, offset + len(ids), segment.value))
        elif segment.kind == "markup":
            ids = vocabulary.encode_markup(segment.value)
        elif segment.parts:
            ids = np.concatenate([vocabulary.encode_text(part) for part in segment.parts])
        else:
            ids = vocabulary.encode_text(segment.value)
        parts.append(ids)
        roles.append(np.full(len(ids), ROLES[segment.role], np.uint8))
        offset += len(ids)
    return SplicedExample(
        np.concatenate(parts) if parts else np.zeros(0, np.int32),
        np.concatenate(roles) if roles else np.zeros(0, np.uint8),
        tuple(spans),
    )
