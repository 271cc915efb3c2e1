"""What the workers of a build keep open between units: the audio under a root, tokenizers."""

from __future__ import annotations

import importlib
import json
from functools import lru_cache

from audioflan_tasks.sounds import Sounds
from audioflan_tasks.tokens import AudioTokenizer, get_tokenizer

__all__ = ["forget_sounds", "sounds_of", "tokenizer_of"]


@lru_cache(maxsize=4)
def sounds_of(root: str) -> Sounds:
    """The audio under a root; lists and folders are read once."""
    return Sounds(root)


def forget_sounds() -> None:
    """Makes the next build of this process see files that came since the last one."""
    sounds_of.cache_clear()


@lru_cache(maxsize=4)
def tokenizer_of(name: str, options: str, imports: tuple[str, ...]) -> AudioTokenizer:
    """A tokenizer by name and options as JSON; `imports` are modules that register it."""
    for module in imports:
        importlib.import_module(module)
    return get_tokenizer(name, **json.loads(options))
