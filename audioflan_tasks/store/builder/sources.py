"""What the workers of a build keep open between units: the audio under a root, tokenizers."""

from __future__ import annotations

import importlib
import json
from functools import lru_cache

from audioflan_tasks.clips import ClipReader
from audioflan_tasks.tokens import AudioTokenizer, get_tokenizer

__all__ = ["clip_reader_of", "forget_clip_readers", "tokenizer_of"]


@lru_cache(maxsize=4)
def clip_reader_of(root: str) -> ClipReader:
    """The audio under a root; lists and folders are read once."""
    return ClipReader(root)


def forget_clip_readers() -> None:
    """Makes the next build of this process see files that came since the last one."""
    clip_reader_of.cache_clear()


@lru_cache(maxsize=4)
def tokenizer_of(name: str, options: str, imports: tuple[str, ...]) -> AudioTokenizer:
    """A tokenizer by name and options as JSON; `imports` are modules that register it."""
    for module in imports:
        importlib.import_module(module)
    return get_tokenizer(name, **json.loads(options))
