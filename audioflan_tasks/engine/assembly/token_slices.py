"""Where the values of many rows lie: texts and codes of a store, and arrays that are at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.prompt_tables import AUDIO, OTHER, TEXT
from audioflan_tasks.engine.assembly.row_locator import check_items, gathered
from audioflan_tasks.store import REF, TEXT_SLICE, ShardReader, text_check
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["SliceRequests", "TokenSlices", "locate_slices"]

I64 = NDArray[np.int64]
Arrays = list[NDArray[Any]]

# Arrays of values with two numbers of each.
_Run = tuple[Arrays, NDArray[Any], NDArray[Any]]

_NO_IDS = np.zeros(0, np.int32)
_NO_NUMBERS = np.zeros(0, np.int64)


class SliceRequests(NamedTuple):
    """Values that are looked for: kind, place among the texts or audio spans of the row's shard,
    and the number of the shard."""

    kind: I64
    place: I64
    shard: I64

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
    shards: Mapping[int, ShardReader],
    other_arrays: Arrays,
    vocabulary: AudioTextVocabulary,
) -> tuple[TokenSlices, I64]:
    """Values in an order of their own, and for each that is requested its number there.

    Audio without codes has size -1. `other_arrays` are the arrays of kind OTHER, in order.
    """
    text, audio, other = (np.flatnonzero(requests.kind == kind) for kind in (TEXT, AUDIO, OTHER))
    numbers = np.empty(len(requests.kind), np.int64)
    numbers[np.concatenate([text, audio, other])] = np.arange(len(numbers))
    text_ids, text_starts, text_sizes = _texts(requests.only(text), shards)
    codes, span_starts, frames = _spans(requests.only(audio), shards)
    codebooks = len(vocabulary.codebook_sizes)
    starts = (text_starts, span_starts * codebooks, np.zeros(len(other_arrays), np.int64))
    sizes = (
        text_sizes,
        np.where(frames < 0, -1, frames.astype(np.int64) * codebooks),
        np.array([len(ids) for ids in other_arrays], np.int64),
    )
    slices = TokenSlices(
        [*text_ids, *codes, *other_arrays],
        np.concatenate(starts, dtype=np.int64, casting="unsafe"),
        np.concatenate(sizes, dtype=np.int64, casting="unsafe"),
        (len(text), len(text) + len(audio)),
        True,
    )
    return (slices if vocabulary.layout == "flatten" else _as_ids(slices, vocabulary)), numbers


def _texts(requests: SliceRequests, shards: Mapping[int, ShardReader]) -> _Run:
    """Arrays of texts, where they begin, and how many ids they are."""
    _, place, shard = requests
    if not len(shard):
        return [], _NO_NUMBERS, _NO_NUMBERS
    views = {n: reader.text_bytes for n, reader in shards.items()}
    texts = gathered(views, shard, place, TEXT_SLICE)
    ids = {n: reader.ids for n, reader in shards.items()}
    if any(reader.is_checked for reader in shards.values()):
        _check_texts(requests, shards, texts)
    return [ids[n] for n in shard.tolist()], texts["start"], texts["size"]


def _check_texts(
    requests: SliceRequests, shards: Mapping[int, ShardReader], texts: NDArray[Any]
) -> None:
    """Compares the ids of texts with their checks.

    Raises:
      StoreError: those of one have changed since they were written.
    """
    id_bytes = {n: reader.id_bytes for n, reader in shards.items()}
    id_size = next(iter(shards.values())).ids.itemsize
    begins, sizes = (texts[name].astype(np.int64) * id_size for name in ("start", "size"))
    columns = (requests.shard, requests.place, begins, begins + sizes)
    checks = [
        text_check(id_bytes[n][begin:end], place)
        for n, place, begin, end in zip(*(column.tolist() for column in columns), strict=True)
    ]
    for number in np.flatnonzero(texts["check"] != np.array(checks, np.uint32)).tolist():
        shard, place = int(requests.shard[number]), int(requests.place[number])
        raise shards[shard].item_fault(TEXT_SLICE, place)


def _spans(requests: SliceRequests, shards: Mapping[int, ShardReader]) -> _Run:
    """Arrays of codes, where they begin in frames, and how many these are; -1 without codes."""
    _, place, shard = requests
    if not len(shard):
        return [], _NO_NUMBERS, _NO_NUMBERS
    views = {n: reader.ref_bytes for n, reader in shards.items()}
    refs = gathered(views, shard, place, REF)
    check_items(shards, shard, place, refs)
    for n, (start, frames, bucket, _) in zip(shard.tolist(), refs.tolist(), strict=True):
        shards[n].check_codes(bucket, start, frames)
    flat = {n: reader.flat for n, reader in shards.items()}
    buckets = refs["bucket"]
    arrays = [
        flat[n][bucket] if bucket >= 0 else _NO_IDS
        for n, bucket in zip(shard.tolist(), buckets.tolist(), strict=True)
    ]
    return arrays, refs["start"], np.where(buckets < 0, -1, refs["frames"])


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
