"""Samples to codes: the one place where codes of any tokenizer are made, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import AudioFlanError, TokenizerError, TokenRangeError
from audioflan_tasks.tokens.checks import check_codes
from audioflan_tasks.tokens.protocol import AudioTokenizer

__all__ = ["encode_blocks"]


def encode_blocks(
    tokenizer: AudioTokenizer, blocks: Iterable[NDArray[np.float32]]
) -> NDArray[np.uint16]:
    """Codes [frames, codebooks] of a recording whose samples come in blocks.

    A tokenizer that has `encode_stream` gets them one by one, another the whole.

    Raises:
      TokenRangeError: what the tokenizer gives are no codes: of another shape, no integers,
        outside its codebooks, or no frame for some samples.
      TokenizerError: the tokenizer raises something.
    """
    books = len(tokenizer.codebook_sizes)
    counted_blocks = _CountedBlocks(blocks)
    tables = [_checked(tokenizer, part) for part in _parts(tokenizer, counted_blocks)]
    codes = np.concatenate(tables) if tables else np.zeros((0, books), np.uint16)
    if not len(codes) and counted_blocks.samples:
        raise _no_codes(tokenizer, f"no frame for {counted_blocks.samples} samples")
    return codes


class _CountedBlocks:
    """Blocks, and how many `samples` those had that were read so far."""

    def __init__(self, blocks: Iterable[NDArray[np.float32]]) -> None:
        self._blocks, self.samples = blocks, 0

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        for block in self._blocks:
            self.samples += len(block)
            yield block


def _parts(tokenizer: AudioTokenizer, blocks: _CountedBlocks) -> list[Any]:
    """What a tokenizer makes of blocks."""
    stream = getattr(tokenizer, "encode_stream", None)
    try:
        if stream is not None:
            return [part for part in stream(blocks) if len(part)]
        return [tokenizer.encode(np.concatenate(list(blocks)))]
    except AudioFlanError:
        raise
    except Exception as error:
        # StopIteration would end the stream that asks for codes, others would not be passed.
        reason = str(error).partition("\n")[0]
        raise TokenizerError(
            f"tokenizer {tokenizer.name!r} cannot encode a recording of which it has read "
            f"{blocks.samples} samples: {type(error).__name__}: {reason}"
        ) from error


def _checked(tokenizer: AudioTokenizer, codes: Any) -> NDArray[np.uint16]:
    table = np.asarray(codes)
    try:
        check_codes(table, tokenizer.codebook_sizes)
    except TokenRangeError as error:
        raise _no_codes(tokenizer, str(error)) from None
    return np.ascontiguousarray(table, np.uint16)


def _no_codes(tokenizer: AudioTokenizer, reason: str) -> TokenRangeError:
    return TokenRangeError(
        f"tokenizer {tokenizer.name!r} gives what are no codes: {reason}; see "
        "audioflan_tasks.tokens.contract.check_tokenizer"
    )
