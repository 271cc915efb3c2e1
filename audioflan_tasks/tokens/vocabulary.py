"""One id space for text and audio.

    0 … T-1            text pieces (pad 0, eos 1, unk 2 in the built-in models)
    T, T+1             <|SOA|>, <|EOA|>
    T+2                a place that a delayed codebook leaves empty
    T+3 … T+7          reserved
    T+8 + k*C + code   code of codebook k, C the largest codebook size

Text never gives an id of T or above: what looks like a marker in a transcript is encoded
character by character.

The class has the interface of `seqio.Vocabulary` without importing seqio, and is registered
as a virtual subclass of it once seqio is imported.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import TokenRangeError
from audioflan_tasks.shutdown import CALL_GATE
from audioflan_tasks.tokens.layout import FREE, Layout, columns, from_sequence, to_sequence
from audioflan_tasks.tokens.registry import get_tokenizer
from audioflan_tasks.tokens.text import text_side
from audioflan_tasks.tokens.text_protocol import ChatFormat, TextSide

__all__ = ["AudioTextVocabulary", "DecodedSegment", "vocabulary"]

_LOG = logging.getLogger("audioflan_tasks")

Ids = NDArray[np.int32]

_SPECIALS = 8
_MARKER = re.compile(r"<(\\*)\|(SOA|EOA)\|>")
_SPAN = re.compile(r"<\|SOA\|>([0-9:\s?]*)(<\|EOA\|>|$)")


@dataclass(frozen=True, slots=True)
class DecodedSegment:
    """One segment of decoded ids: text, or codes [frames, columns] of an audio span.

    `problem` says what is wrong with a span: no end mark, text inside, codes out of order.
    """

    kind: Literal["text", "audio"]
    text: str = ""
    codes: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    problem: str = ""


class AudioTextVocabulary:
    """Text pieces, markers and codebooks in one id space; equal if the ids mean the same."""

    def __init__(self, text: TextSide, codebook_sizes: tuple[int, ...], layout: Layout) -> None:
        self._text = text
        self._sizes = codebook_sizes
        self._layout: Layout = layout
        self._columns = columns(layout, len(codebook_sizes))
        self._width = max(codebook_sizes)
        self.soa_id = text.size
        self.eoa_id = text.size + 1
        self.free_id = text.size + 2
        self.audio_base = text.size + _SPECIALS
        self._offsets = self.audio_base + self._width * np.arange(self._columns)
        # Offsets of many frames, so that codes become ids by one addition.
        self._tiled_offsets: Ids = np.zeros(0, np.int32)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AudioTextVocabulary) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return f"AudioTextVocabulary({self.fingerprint}, {self.vocab_size} ids)"

    @property
    def fingerprint(self) -> str:
        """What the ids mean: text model, codebook sizes and layout."""
        sizes = "x".join(map(str, self._sizes))
        return f"{self._text.fingerprint}/{sizes}/{self._layout}"

    @property
    def text_fingerprint(self) -> str:
        """What the ids of text mean."""
        return self._text.fingerprint

    @property
    def layout(self) -> Layout:
        """How codebooks become a sequence."""
        return self._layout

    @property
    def text_size(self) -> int:
        """Ids of the text side; audio begins after them.

        With a user's own LLM this is the size of its embedding table, and `vocab_size` is
        what to resize it to.
        """
        return self._text.size

    @property
    def step(self) -> int:
        """Ids of one step of an audio span; a span is cut at multiples of it."""
        return self._columns

    @property
    def codebook_sizes(self) -> tuple[int, ...]:
        """Sizes of the tokenizer's codebooks."""
        return self._sizes

    @property
    def pad_id(self) -> int:
        """Padding; 0 in the built-in models."""
        return self._text.pad

    @property
    def eos_id(self) -> int:
        """End of sequence; 1 in the built-in models."""
        return self._text.eos

    @property
    def unk_id(self) -> int:
        """Unknown; 2 in the built-in models."""
        return self._text.unk

    @property
    def bos_id(self) -> None:
        """There is none, as in T5."""
        return

    @property
    def extra_ids(self) -> int:
        """None: markers and codes count as base vocabulary, or seqio would call them unknown."""
        return 0

    @property
    def _base_vocab_size(self) -> int:
        return int(self.audio_base + self._width * self._columns)

    @property
    def vocab_size(self) -> int:
        """Number of ids, audio included."""
        return self._base_vocab_size

    def encode(self, s: str) -> list[int]:
        """Ids of a text; markers in it are ordinary characters."""
        return self._text.encode(s)

    def encode_text(self, text: str) -> Ids:
        """Ids of a text [n], read-only, as recent ones are cached."""
        return _text_ids(self._text, text)

    def encode_markup(self, text: str) -> Ids:
        """Ids [n] of a piece of a chat template, special tokens included."""
        return np.array(self._text.encode_markup(text), np.int32)

    @property
    def chat(self) -> ChatFormat:
        """The chat template that an LLM's tokenizer brings; an empty one elsewhere."""
        return self._text.chat

    def audio_block(self, codes: NDArray[np.integer[Any]]) -> Ids:
        """`<|SOA|>`, the codes [frames, codebooks] in this layout, `<|EOA|>`.

        Raises:
          TokenRangeError: the shape or a code does not fit the codebooks.
        """
        if codes.ndim != 2 or codes.shape[1] != len(self._sizes):
            raise TokenRangeError(
                f"codes of shape {codes.shape}: expected [frames, {len(self._sizes)}]"
            )
        if codes.size and (codes.min() < 0 or (codes.max(axis=0) >= self._sizes).any()):
            raise TokenRangeError(f"codes outside their codebooks of sizes {self._sizes}")
        code_ids = self.code_ids(codes)
        ids = np.empty(len(code_ids) + 2, np.int32)
        ids[0], ids[-1] = self.soa_id, self.eoa_id
        ids[1:-1] = code_ids
        return ids

    def code_ids(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
        """Ids [n] of codes [frames, codebooks] that are known to fit, without the marks."""
        if self._layout == "flatten":
            flat = codes.reshape(-1)
            return np.asarray(flat + self.offsets(len(flat)))
        steps = to_sequence(codes, self._layout)
        return np.where(steps == FREE, self.free_id, steps + self._offsets).ravel()

    def offsets(self, count: int) -> Ids:
        """Offsets [count] that turn codes, frame after frame, into ids of layout `flatten`."""
        # One look at the attribute: tf.data may call from several threads.
        offsets = self._tiled_offsets
        if count > len(offsets):
            repeats = -(-max(count, 2 * len(offsets)) // self._columns)
            offsets = self._tiled_offsets = np.tile(self._offsets.astype(np.int32), repeats)
        return offsets[:count]

    def decode(self, ids: Iterable[int]) -> str:
        """Readable text up to the first EOS.

        A span is `<|SOA|>12:845 7:1 …<|EOA|>`, one group a frame. A literal marker in the
        text is shown as `<\\|SOA|>`, so that the two cannot be confused.
        """
        return "".join(self._text_of(segment) for segment in self.decode_segments(ids))

    def decode_segments(self, ids: Iterable[int]) -> tuple[DecodedSegment, ...]:
        """Text and audio of the ids up to the first EOS, in order."""
        array = np.fromiter((int(i) for i in ids), np.int64)
        ends = np.flatnonzero(array == self._text.eos)
        array = array[: ends[0]] if len(ends) else array
        segments: list[DecodedSegment] = []
        position = 0
        while position < len(array):
            if array[position] == self.soa_id:
                segment, position = self._span(array, position + 1)
                segments.append(segment)
                continue
            starts = np.flatnonzero(array[position:] == self.soa_id)
            stop = position + int(starts[0]) if len(starts) else len(array)
            run = array[position:stop]
            text = self._text.decode(run[run < self._text.size].tolist())
            stray = int((run >= self._text.size).sum())
            problem = f"{stray} audio ids outside a span" if stray else ""
            if text or problem:
                segments.append(DecodedSegment("text", text, problem=problem))
            position = stop
        return tuple(segments)

    def segments_of_text(self, text: str) -> tuple[DecodedSegment, ...]:
        """The segments that a decoded text shows; the inverse of `decode`."""
        segments: list[DecodedSegment] = []
        position = 0
        for match in _SPAN.finditer(text):
            if match.start() > position:
                segments.append(DecodedSegment("text", _unescape(text[position : match.start()])))
            segments.append(self._span_of_text(match))
            position = match.end()
        if position < len(text):
            segments.append(DecodedSegment("text", _unescape(text[position:])))
        return tuple(segments)

    def encode_tf(self, s: Any) -> Any:
        """Ids of a string tensor; TensorFlow is imported here."""
        import tensorflow as tf

        def encode(text: Any) -> Ids:
            # Bytes in a graph, an array without dimensions when run eagerly.
            whole: bytes = np.asarray(text, object).item()
            with CALL_GATE:
                return self.encode_text(whole.decode("utf-8", "replace"))

        ids = tf.numpy_function(encode, [s], tf.int32, stateful=False)
        ids.set_shape([None])
        return ids

    def decode_tf(self, ids: Any) -> Any:
        """Text of an id tensor [n] or [batch, n]; TensorFlow is imported here."""
        import tensorflow as tf

        def decode(values: NDArray[np.integer[Any]]) -> Any:
            with CALL_GATE:
                if values.ndim == 1:
                    return np.array(self.decode(values).encode("utf-8"), object)
                return np.array([self.decode(row).encode("utf-8") for row in values], object)

        text = tf.numpy_function(decode, [ids], tf.string, stateful=False)
        text.set_shape(ids.shape[:-1])
        return text

    def _span(self, array: NDArray[np.int64], start: int) -> tuple[DecodedSegment, int]:
        """The span whose first code is at `start`, and the position after it."""
        is_code = (array[start:] >= self.audio_base) | (array[start:] == self.free_id)
        ends = np.flatnonzero(~is_code)
        stop = start + int(ends[0]) if len(ends) else len(array)
        is_closed = stop < len(array) and array[stop] == self.eoa_id
        problem = "" if is_closed else "no end mark"
        codes, wrong = self._codes(array[start:stop])
        return DecodedSegment("audio", codes=codes, problem=problem or wrong), stop + is_closed

    def _codes(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], str]:
        steps = len(ids) // self._columns
        problem = "" if len(ids) == steps * self._columns else "last frame is not complete"
        grid = ids[: steps * self._columns].reshape(steps, self._columns)
        values = grid - self._offsets
        free = grid == self.free_id
        out_of_range = ~free & ((values < 0) | (values >= self._width))
        bad_steps = np.flatnonzero(out_of_range.any(axis=1))
        if len(bad_steps):
            values, free = values[: bad_steps[0]], free[: bad_steps[0]]
            problem = "codes out of order"
        codes = from_sequence(np.where(free, FREE, values), self._layout)
        gaps = np.flatnonzero((codes == FREE).any(axis=1))
        if len(gaps):
            codes, problem = codes[: gaps[0]], "free places inside the span"
        return codes, problem

    def _text_of(self, segment: DecodedSegment) -> str:
        if segment.kind == "text":
            return _escape(segment.text)
        frames = " ".join(":".join(map(str, frame)) for frame in segment.codes.tolist())
        return f"<|SOA|>{frames}<|EOA|>"

    def _span_of_text(self, match: re.Match[str]) -> DecodedSegment:
        frames = [frame.split(":") for frame in match[1].split()]
        good = [f for f in frames if len(f) == self._columns and all(c.isdigit() for c in f)]
        problem = "" if match[2] else "no end mark"
        if len(good) < len(frames):
            problem = "frames that are no codes"
        codes = np.array(good, np.int64).reshape(len(good), self._columns)
        in_range = (codes < self._width).all(axis=1)
        if not in_range.all():
            codes, problem = codes[in_range], "codes outside their codebooks"
        return DecodedSegment("audio", codes=codes, problem=problem)


@lru_cache(maxsize=2**14)
def _text_ids(side: TextSide, text: str) -> Ids:
    ids = np.array(side.encode(text), np.int32)
    ids.setflags(write=False)
    return ids


@lru_cache(maxsize=16)
def _cached_vocabulary(text: str, sizes: tuple[int, ...], layout: Layout) -> AudioTextVocabulary:
    ids = AudioTextVocabulary(text_side(text), sizes, layout)
    if text not in ("sentencepiece", "bytes"):
        # A user's own model has embeddings for its text only.
        _LOG.info("%s: resize the embeddings from %d to %d", text, ids.text_size, ids.vocab_size)
    return ids


def vocabulary(
    tokenizer: str = "convrvq_16k",
    *,
    text: str = "sentencepiece",
    layout: Layout = "flatten",
    **options: Any,
) -> AudioTextVocabulary:
    """The vocabulary for a tokenizer; equal arguments give the same object.

    Args:
      tokenizer: name of an audio tokenizer; `options` go to it (codebooks=4).
      text: `sentencepiece`, `bytes`, or the path of a SentencePiece model or of an LLM's
        `tokenizer.json`.
      layout: `flatten`, `first` or `delay`.

    Raises:
      UnknownNameError: no such tokenizer.
      TokenizerError: the tokenizer or the text model cannot be loaded.
    """
    return _cached_vocabulary(
        text, tuple(get_tokenizer(tokenizer, **options).codebook_sizes), layout
    )


def _escape(text: str) -> str:
    return _MARKER.sub(lambda m: f"<{m[1]}\\|{m[2]}|>", text)


def _unescape(text: str) -> str:
    return _MARKER.sub(lambda m: f"<{m[1][1:]}|{m[2]}|>", text)
