"""Samples to codes: the one place where codes of any tokenizer are made, and checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import TokenRangeError
from audioflan_tasks.tokens.checks import check_codes
from audioflan_tasks.tokens.protocol import AudioTokenizer

__all__ = ["encode_blocks"]


def encode_blocks(
    tokenizer: AudioTokenizer, blocks: Iterable[NDArray[np.float32]]
) -> NDArray[np.uint16]:
    """Codes [frames, codebooks] of a recording whose samples come in blocks.

    A tokenizer that has `encode_stream` gets them one by one, another the whole.

    Raises:
      TokenRangeError: what the tokenizer gives are no codes: of another shape, no integers, or
        outside its codebooks.
    """
    books = len(tokenizer.codebook_sizes)
    stream = getattr(tokenizer, "encode_stream", None)
    if stream is None:
        parts = [tokenizer.encode(np.concatenate(list(blocks)))]
    else:
        parts = [part for part in stream(blocks) if len(part)]
    tables = [_checked(tokenizer, part) for part in parts]
    return np.concatenate(tables) if tables else np.zeros((0, books), np.uint16)


def _checked(tokenizer: AudioTokenizer, codes: Any) -> NDArray[np.uint16]:
    table = np.asarray(codes)
    try:
        check_codes(table, tokenizer.codebook_sizes)
    except TokenRangeError as error:
        raise TokenRangeError(
            f"tokenizer {tokenizer.name!r} gives what are no codes: {error}; see "
            "audioflan_tasks.tokens.contract.check_tokenizer"
        ) from None
    return np.ascontiguousarray(table, np.uint16)
