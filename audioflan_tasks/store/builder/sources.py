"""What the workers of a build keep open between units: the audio under a root, tokenizers."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.clips import ClipReader
from audioflan_tasks.tokens import AudioTokenizer, get_tokenizer

__all__ = ["AudioSource", "clip_reader_of", "tokenizer_of"]


@dataclass(frozen=True, slots=True)
class AudioSource:
    """The audio under a root, and a word for the build that reads it.

    Workers may outlive a build; the next one sees files that have come since.
    """

    root: str
    build: str


@lru_cache(maxsize=4)
def clip_reader_of(source: AudioSource) -> ClipReader:
    """The audio of a source; lists and folders are read once."""
    return ClipReader(source.root)


@lru_cache(maxsize=4)
def tokenizer_of(name: str, options: str, imports: tuple[str, ...]) -> AudioTokenizer:
    """A tokenizer by name and options as JSON; `imports` are modules that register it."""
    for module in imports:
        importlib.import_module(module)
    return get_tokenizer(name, **json.loads(options))
