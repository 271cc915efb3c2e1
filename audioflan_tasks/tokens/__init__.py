"""Audio tokens, text tokens, and the id space that holds both."""

from __future__ import annotations

from audioflan_tasks.tokens.cache import CodeCache, cache_folder
from audioflan_tasks.tokens.protocol import AudioTokenizer
from audioflan_tasks.tokens.registry import get_tokenizer, register_tokenizer, tokenizer_names
from audioflan_tasks.tokens.vocabulary import AudioTextVocabulary, DecodedSegment, vocabulary

__all__ = [
    "AudioTextVocabulary",
    "AudioTokenizer",
    "CodeCache",
    "DecodedSegment",
    "cache_folder",
    "get_tokenizer",
    "register_tokenizer",
    "tokenizer_names",
    "vocabulary",
]
