"""Where the values of many rows lie: texts and codes of a store, and arrays that are at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

_NOTHING = np.zeros(0, np.int32)


class SliceRequests(NamedTuple):
    """Values that are looked for: kind, place among their row's of that kind, the row's shard
    (a number that does not fall) and its place there."""

    kind: I64
    place: I64
    of: I64
    at: I64


class TokenSlices(NamedTuple):
    """Values: `sizes[v]` ids of `arrays[v]` from `starts[v]` on.

    Those from `audio[0]` to `audio[1]` are audio; `coded` says that they are codes, which become
    ids by an addition.
    """

    arrays: Arrays
    starts: I64
    sizes: I64
    audio: tuple[int, int]
    coded: bool


def locate_slices(
    asked: SliceRequests,
    shards: Sequence[ShardReader],
    others: Arrays,
    vocabulary: AudioTextVocabulary,
) -> tuple[TokenSlices, I64]:
    """Values in an order of their own, and for each that is asked for its number there.

    Audio without codes has size -1. `others` are the arrays of kind OTHER, in order.
    """
    text, audio, other = (np.flatnonzero(asked.kind == kind) for kind in (TEXT, AUDIO, OTHER))
    numbers = np.empty(len(asked.kind), np.int64)
    numbers[np.concatenate([text, audio, other])] = np.arange(len(numbers))
    # One list of arrays, starts and sizes each; those of texts, audio and others in turn.
    arrays: Arrays = []
    starts: list[NDArray[Any]] = []
    sizes: list[NDArray[Any]] = []
    for ids, begin, end in _texts(asked.of[text], asked.at[text], asked.place[text], shards):
        arrays += ids
        starts.append(begin)
        sizes.append(end - begin)
    books = len(vocabulary.codebook_sizes)
    for flat, begin, frames in _spans(asked.of[audio], asked.at[audio], asked.place[audio], shards):
        arrays += flat
        starts.append(begin * books)
        sizes.append(np.where(frames < 0, -1, frames * books))
    arrays += others
    starts.append(np.zeros(len(others), np.int64))
    sizes.append(np.array([len(one) for one in others], np.int64))
    found = TokenSlices(
        arrays,
        np.concatenate(starts, dtype=np.int64, casting="unsafe"),
        np.concatenate(sizes, dtype=np.int64, casting="unsafe"),
        (len(text), len(text) + len(audio)),
        True,
    )
    return (found if vocabulary.layout == "flatten" else _laid_out(found, vocabulary)), numbers


def _texts(of: I64, at: I64, place: I64, shards: Sequence[ShardReader]) -> Iterator[_Run]:
    """Arrays of texts, where they begin and where they end."""
    if not is_scattered(of):
        for shard, run in by_shard(shards, of):
            lie = shard.texts_at(at[run], place[run])
            yield [shard.texts.ids] * len(lie[0]), lie[0].astype(np.int64), lie[1].astype(np.int64)
        return
    readers = [shards[n] for n in of.tolist()]
    found = [s.text_at(*one) for s, *one in zip(readers, at.tolist(), place.tolist(), strict=True)]
    begin, end = np.array(found, np.int64).reshape(-1, 2).T
    yield [shard.texts.ids for shard in readers], begin, end


def _spans(of: I64, at: I64, place: I64, shards: Sequence[ShardReader]) -> Iterator[_Run]:
    """Arrays of codes, where they begin in frames, and how many these are; -1 without codes."""
    if not is_scattered(of):
        for shard, run in by_shard(shards, of):
            refs, flat = shard.spans_at(at[run], place[run]), shard.flat
            buckets = refs["bucket"]
            frames = np.where(buckets < 0, -1, refs["frames"]).astype(np.int64)
            arrays = [flat[n] if n >= 0 else _NOTHING for n in buckets.tolist()]
            yield arrays, refs["start"], frames
        return
    readers = [shards[n] for n in of.tolist()]
    found = [s.span_at(*one) for s, *one in zip(readers, at.tolist(), place.tolist(), strict=True)]
    begin, frames, bucket = np.array(found, np.int64).reshape(-1, 3).T
    numbers = bucket.tolist()
    arrays = [
        shard.flat[n] if n >= 0 else _NOTHING for shard, n in zip(readers, numbers, strict=True)
    ]
    yield arrays, begin, np.where(bucket < 0, -1, frames)


def _laid_out(values: TokenSlices, vocabulary: AudioTextVocabulary) -> TokenSlices:
    """Codes as ids, in a layout that moves them."""
    books = len(vocabulary.codebook_sizes)
    for value in range(*values.audio):
        start, size = int(values.starts[value]), int(values.sizes[value])
        if size >= 0:
            codes = values.arrays[value][start : start + size].reshape(-1, books)
            values.arrays[value] = vocabulary.code_ids(codes)
            values.starts[value], values.sizes[value] = 0, len(values.arrays[value])
    return values._replace(coded=False)
