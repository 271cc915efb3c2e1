"""The tokenizer and the vocabulary that `ExampleOptions` name."""

from __future__ import annotations

from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.tokens.protocol import AudioTokenizer
from audioflan_tasks.tokens.registry import get_tokenizer
from audioflan_tasks.tokens.vocabulary import AudioTextVocabulary, vocabulary

__all__ = ["tokenizer_of", "vocabulary_of"]


def tokenizer_of(options: ExampleOptions) -> AudioTokenizer:
    """The audio tokenizer; equal options give the same object.

    Raises:
      UnknownNameError: no such tokenizer.
      TokenizerError: it cannot be made with these options.
    """
    return get_tokenizer(options.tokenizer, **options.tokenizer_arguments)


def vocabulary_of(options: ExampleOptions) -> AudioTextVocabulary:
    """The vocabulary of text and audio; equal options give the same object.

    Raises:
      UnknownNameError: no such tokenizer.
      TokenizerError: the tokenizer or the text model cannot be loaded.
    """
    return vocabulary(
        options.tokenizer, text=options.text, layout=options.layout, **options.tokenizer_arguments
    )
