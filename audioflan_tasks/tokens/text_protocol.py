"""What the text side of a vocabulary is, whichever model is behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

__all__ = ["ChatFormat", "TextSide", "utf8"]


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """How a text side writes chats.

    `template` is Jinja ("" for none), `values` its variables (`bos_token`, …), and
    `special_tokens` those that may stand in it.
    """

    template: str = ""
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    special_tokens: tuple[str, ...] = ()


class TextSide(Protocol):
    """Text to ids below `size` and back. `encode` never gives `pad` or `eos`.

    `encode_markup` is for chat templates: special tokens in it are encoded as themselves.
    """

    fingerprint: str
    size: int
    pad: int
    eos: int
    unk: int
    chat: ChatFormat

    def __hash__(self) -> int: ...

    def encode(self, text: str) -> list[int]: ...

    def encode_markup(self, text: str) -> list[int]: ...

    def decode(self, ids: Sequence[int]) -> str: ...


def utf8(text: str) -> bytes:
    """The text as UTF-8; a lone surrogate, which JSON can smuggle in, becomes "?"."""
    return text.encode("utf-8", "replace")
