"""What the words around a record's values are made of, as bytes that a store keeps.

An outline is the `PromptFacts` of a record, or its task with the `OwnLayout` of its own words. It
is the same for thousands of records. Its key is made of its bytes alone: rows of different shards
and of different stores that share their words have the same key, and a reader that has met it
needs neither the bytes nor a record.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from audioflan_tasks.errors import StoreError
from audioflan_tasks.preprocessors.own_words import OwnLayout
from audioflan_tasks.preprocessors.prompt_signature import PromptFacts

__all__ = ["TaskLayout", "outline", "outline_key", "read_facts", "read_layout"]


@dataclass(frozen=True, slots=True)
class TaskLayout:
    """The layout of own words of records of a task."""

    task: str
    layout: OwnLayout


outline = msgspec.json.Encoder().encode
_decode_facts = msgspec.json.Decoder(PromptFacts).decode
_decode_layout = msgspec.json.Decoder(TaskLayout).decode


def outline_key(data: bytes) -> int:
    """64 bits that name an outline, never 0."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little") or 1


def read_facts(data: bytes) -> PromptFacts:
    """The facts of an outline.

    Raises:
      StoreError: it is none.
    """
    try:
        return _decode_facts(data)
    except msgspec.MsgspecError as error:
        raise StoreError(_damage_text(error)) from error


def read_layout(data: bytes) -> TaskLayout:
    """The layout of an outline; errors as of `read_facts`."""
    try:
        return _decode_layout(data)
    except msgspec.MsgspecError as error:
        raise StoreError(_damage_text(error)) from error


def _damage_text(error: Exception) -> str:
    return f"an outline of a store is damaged ({error}); run audioflan verify"
