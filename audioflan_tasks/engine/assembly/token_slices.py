"""Where the values of many rows lie: texts and codes of a store, and arrays that are at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.prompt_tables import AUDIO, OTHER, TEXT
from audioflan_tasks.engine.assembly.row_locator import check_items, gathered, outside_error
from audioflan_tasks.store import REF, TEXT_SLICE, ShardReader, text_check
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["SliceRequests", "TokenSlices", "locate_slices"]

I64 = NDArray[np.int64]
Arrays = list[NDArray[Any]]

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
    """Values: `sizes[v]` ids from `starts[v]` on, of `arrays[v - audio[0]]` for those from
    `audio[0]` to `audio[1]`, which are audio, and of `ids` for all others.

    `are_codes` says that audio are codes, which become ids by an addition.
    """

    ids: NDArray[Any]
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
    ids, text_sizes = _texts(requests.only(text), shards)
    codes, span_starts, frames = _spans(requests.only(audio), shards)
    other_sizes = np.array([len(array) for array in other_arrays], np.int64)
    codebooks = len(vocabulary.codebook_sizes)
    sizes = np.concatenate(
        [text_sizes, np.where(frames < 0, -1, frames * codebooks), other_sizes]
    )  # fmt: skip
    text_end, audio_end = len(text), len(text) + len(audio)
    starts = np.empty(len(sizes), np.int64)
    starts[text_end:audio_end] = span_starts * codebooks
    # Texts and other arrays lie one after the other.
    short = np.r_[:text_end, audio_end : len(sizes)]
    starts[short] = np.cumsum(sizes[short]) - sizes[short]
    slices = TokenSlices(
        np.concatenate([ids, *other_arrays]) if other_arrays else ids,
        codes, starts, sizes, (text_end, audio_end), True,
    )  # fmt: skip
    return (slices if vocabulary.layout == "flatten" else _as_ids(slices, vocabulary)), numbers


def _texts(requests: SliceRequests, shards: Mapping[int, ShardReader]) -> tuple[NDArray[Any], I64]:
    """The ids of texts, one after the other, and how many each has."""
    _, place, shard = requests
    if not len(shard):
        return _NO_IDS, _NO_NUMBERS
    texts = gathered({n: r.text_bytes for n, r in shards.items()}, shard, place, TEXT_SLICE)
    kind = next(iter(shards.values())).id_type
    sizes = texts["size"].astype(np.int64)
    begins = texts["start"].astype(np.int64) * kind.itemsize
    ends = begins + sizes * kind.itemsize
    # Slices of bytes: they cost a fraction of those of arrays.
    views = {n: reader.id_bytes for n, reader in shards.items()}
    slices = [
        views[n][begin:end]
        for n, begin, end in zip(shard.tolist(), begins.tolist(), ends.tolist(), strict=True)
    ]
    if any(reader.is_checked for reader in shards.values()):
        _check_texts(requests, shards, texts["check"], slices)
    ids = np.frombuffer(b"".join(slices), kind)
    if len(ids) != sizes.sum():
        raise outside_error()
    return ids, sizes


def _check_texts(
    requests: SliceRequests,
    shards: Mapping[int, ShardReader],
    checks: NDArray[np.uint32],
    slices: Sequence[bytes | memoryview],
) -> None:
    """Compares the ids of texts with their checks.

    Raises:
      StoreError: those of one have changed since they were written.
    """
    own_checks = list(map(text_check, slices, requests.place.tolist()))
    for number in np.flatnonzero(checks != np.array(own_checks, np.uint32)).tolist():
        shard, place = int(requests.shard[number]), int(requests.place[number])
        raise shards[shard].item_fault(TEXT_SLICE, place)


def _spans(requests: SliceRequests, shards: Mapping[int, ShardReader]) -> tuple[Arrays, I64, I64]:
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
    frames = np.where(buckets < 0, -1, refs["frames"]).astype(np.int64)
    return arrays, refs["start"].astype(np.int64), frames


def _as_ids(values: TokenSlices, vocabulary: AudioTextVocabulary) -> TokenSlices:
    """Codes as ids, in a layout that moves them."""
    books = len(vocabulary.codebook_sizes)
    for number, value in enumerate(range(*values.audio)):
        start, size = int(values.starts[value]), int(values.sizes[value])
        if size >= 0:
            codes = values.arrays[number][start : start + size].reshape(-1, books)
            values.arrays[number] = vocabulary.code_ids(codes)
            values.starts[value], values.sizes[value] = 0, len(values.arrays[number])
    return replace(values, are_codes=False)
