"""Where the values of many rows lie: texts and codes of a store, and arrays that are at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.prompt_tables import AUDIO, OTHER, TEXT
from audioflan_tasks.engine.assembly.row_locator import by_shard, is_scattered
from audioflan_tasks.store import ShardReader
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["SliceRequests", "TokenSlices", "locate_slices"]

I64 = NDArray[np.int64]
Arrays = list[NDArray[Any]]

# Arrays of values with two numbers of each.
_Run = tuple[Arrays, I64, I64]

_NO_IDS = np.zeros(0, np.int32)


class SliceRequests(NamedTuple):
    """Values that are looked for: kind, place among their row's texts or audio spans, the row's
    shard (a number that does not fall) and its offset there."""

    kind: I64
    place: I64
    shard: I64
    offset: I64

    def only(self, numbers: I64) -> SliceRequests:
        """Those of these numbers."""
        return SliceRequests(*(column[numbers] for column in self))


@dataclass(frozen=True, slots=True)
class TokenSlices:
    """Values: `sizes[v]` ids of `arrays[v]` from `starts[v]` on.

    Those from `audio[0]` to `audio[1]` are audio; `are_codes` says that they are codes, which
    become ids by an addition.
    """

    arrays: Arrays
    starts: I64
    sizes: I64
    audio: tuple[int, int]
    are_codes: bool


def locate_slices(
    requests: SliceRequests,
    shards: Sequence[ShardReader],
    other_arrays: Arrays,
    vocabulary: AudioTextVocabulary,
) -> tuple[TokenSlices, I64]:
    """Values in an order of their own, and for each that is requested its number there.

    Audio without codes has size -1. `other_arrays` are the arrays of kind OTHER, in order.
    """
    text, audio, other = (np.flatnonzero(requests.kind == kind) for kind in (TEXT, AUDIO, OTHER))
    numbers = np.empty(len(requests.kind), np.int64)
    numbers[np.concatenate([text, audio, other])] = np.arange(len(numbers))
    # One list of arrays, starts and sizes each; those of texts, audio and others in turn.
    arrays: Arrays = []
    starts: list[NDArray[Any]] = []
    sizes: list[NDArray[Any]] = []
    for ids, begin, end in _texts(requests.only(text), shards):
        arrays += ids
        starts.append(begin)
        sizes.append(end - begin)
    codebooks = len(vocabulary.codebook_sizes)
    for codes, begin, frames in _spans(requests.only(audio), shards):
        arrays += codes
        starts.append(begin * codebooks)
        sizes.append(np.where(frames < 0, -1, frames * codebooks))
    arrays += other_arrays
    starts.append(np.zeros(len(other_arrays), np.int64))
    sizes.append(np.array([len(ids) for ids in other_arrays], np.int64))
    slices = TokenSlices(
        arrays,
        np.concatenate(starts, dtype=np.int64, casting="unsafe"),
        np.concatenate(sizes, dtype=np.int64, casting="unsafe"),
        (len(text), len(text) + len(audio)),
        True,
    )
    return (slices if vocabulary.layout == "flatten" else _as_ids(slices, vocabulary)), numbers


def _texts(requests: SliceRequests, shards: Sequence[ShardReader]) -> Iterator[_Run]:
    """Arrays of texts, where they begin and where they end."""
    _, place, shard, offset = requests
    if not is_scattered(shard):
        for reader, run in by_shard(shards, shard):
            begin, end = (n.astype(np.int64) for n in reader.texts_at(offset[run], place[run]))
            yield [reader.texts.ids] * len(begin), begin, end
        return
    readers = [shards[n] for n in shard.tolist()]
    columns = zip(readers, offset.tolist(), place.tolist(), strict=True)
    slices = [reader.text_at(row, number) for reader, row, number in columns]
    begin, end = np.array(slices, np.int64).reshape(-1, 2).T
    yield [reader.texts.ids for reader in readers], begin, end


def _spans(requests: SliceRequests, shards: Sequence[ShardReader]) -> Iterator[_Run]:
    """Arrays of codes, where they begin in frames, and how many these are; -1 without codes."""
    _, place, shard, offset = requests
    if not is_scattered(shard):
        for reader, run in by_shard(shards, shard):
            refs, flat = reader.spans_at(offset[run], place[run]), reader.flat
            buckets = refs["bucket"]
            frames = np.where(buckets < 0, -1, refs["frames"]).astype(np.int64)
            arrays = [flat[n] if n >= 0 else _NO_IDS for n in buckets.tolist()]
            yield arrays, refs["start"], frames
        return
    readers = [shards[n] for n in shard.tolist()]
    columns = zip(readers, offset.tolist(), place.tolist(), strict=True)
    spans = [reader.span_at(row, number) for reader, row, number in columns]
    begin, frames, bucket = np.array(spans, np.int64).reshape(-1, 3).T
    arrays = [
        reader.flat[n] if n >= 0 else _NO_IDS
        for reader, n in zip(readers, bucket.tolist(), strict=True)
    ]
    yield arrays, begin, np.where(bucket < 0, -1, frames)


def _as_ids(values: TokenSlices, vocabulary: AudioTextVocabulary) -> TokenSlices:
    """Codes as ids, in a layout that moves them."""
    books = len(vocabulary.codebook_sizes)
    for value in range(*values.audio):
        start, size = int(values.starts[value]), int(values.sizes[value])
        if size >= 0:
            codes = values.arrays[value][start : start + size].reshape(-1, books)
            values.arrays[value] = vocabulary.code_ids(codes)
            values.starts[value], values.sizes[value] = 0, len(values.arrays[value])
    return replace(values, are_codes=False)
