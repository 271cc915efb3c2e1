"""Where the values of many rows lie: texts and codes of a store, and arrays that are at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.places import by_shard
from audioflan_tasks.engine.wording import AUDIO, OTHER, TEXT
from audioflan_tasks.store import ShardReader
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["Asked", "Values", "located"]

I64 = NDArray[np.int64]
Arrays = list[NDArray[Any]]

_NOTHING = np.zeros(0, np.int32)


class Asked(NamedTuple):
    """Values that are looked for: kind, place among their row's of that kind, the row's shard
    (a number that does not fall) and its place there."""

    kind: I64
    place: I64
    of: I64
    at: I64


class Values(NamedTuple):
    """Values: `sizes[v]` ids of `arrays[v]` from `starts[v]` on.

    Those from `audio[0]` to `audio[1]` are audio; `coded` says that they are codes, which become
    ids by an addition.
    """

    arrays: Arrays
    starts: I64
    sizes: I64
    audio: tuple[int, int]
    coded: bool


def located(
    asked: Asked,
    shards: Sequence[ShardReader],
    others: Arrays,
    vocabulary: AudioTextVocabulary,
) -> tuple[Values, I64]:
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
    for shard, run in by_shard(shards, asked.of[text]):
        which = text[run]
        begin, end = shard.texts_at(asked.at[which], asked.place[which])
        arrays += [shard.texts.ids] * len(which)
        starts.append(begin)
        sizes.append(end - begin)
    books = len(vocabulary.codebook_sizes)
    for shard, run in by_shard(shards, asked.of[audio]):
        which = audio[run]
        refs = shard.spans_at(asked.at[which], asked.place[which])
        buckets, flat = refs["bucket"], shard.flat
        arrays += [flat[bucket] if bucket >= 0 else _NOTHING for bucket in buckets.tolist()]
        starts.append(refs["start"] * books)
        sizes.append(np.where(buckets < 0, -1, refs["frames"] * books))
    arrays += others
    starts.append(np.zeros(len(others), np.int64))
    sizes.append(np.array([len(one) for one in others], np.int64))
    found = Values(
        arrays,
        np.concatenate(starts, dtype=np.int64, casting="unsafe"),
        np.concatenate(sizes, dtype=np.int64, casting="unsafe"),
        (len(text), len(text) + len(audio)),
        True,
    )
    return (found if vocabulary.layout == "flatten" else _laid_out(found, vocabulary)), numbers


def _laid_out(values: Values, vocabulary: AudioTextVocabulary) -> Values:
    """Codes as ids, in a layout that moves them."""
    books = len(vocabulary.codebook_sizes)
    for value in range(*values.audio):
        start, size = int(values.starts[value]), int(values.sizes[value])
        if size >= 0:
            codes = values.arrays[value][start : start + size].reshape(-1, books)
            values.arrays[value] = vocabulary.code_ids(codes)
            values.starts[value], values.sizes[value] = 0, len(values.arrays[value])
    return values._replace(coded=False)
