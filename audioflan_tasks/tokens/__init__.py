"""Audio tokens, text tokens, and the id space that holds both."""

from __future__ import annotations

from audioflan_tasks.tokens.cache import CodeCache
from audioflan_tasks.tokens.from_options import tokenizer_of, vocabulary_of
from audioflan_tasks.tokens.protocol import AudioTokenizer
from audioflan_tasks.tokens.registry import get_tokenizer, register_tokenizer, tokenizer_names
from audioflan_tasks.tokens.vocabulary import AudioTextVocabulary, DecodedSegment, vocabulary

__all__ = [
    "AudioTextVocabulary",
    "AudioTokenizer",
    "CodeCache",
    "DecodedSegment",
    "get_tokenizer",
    "register_tokenizer",
    "tokenizer_names",
    "tokenizer_of",
    "vocabulary",
    "vocabulary_of",
]
