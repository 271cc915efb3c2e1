"""One shard of a store: its rows, and the arrays beside them, mapped when first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MissingAudioError, StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.store.reader.block_checks import StoreChecks
from audioflan_tasks.store.reader.catalogue_check import CatalogueCheck
from audioflan_tasks.store.reader.mapped import MappedArray, map_array, map_lazily
from audioflan_tasks.store.reader.rows import ShardRows
from audioflan_tasks.store.schema import CodeSet, ShardEntry, TextSet

__all__ = ["CodeBuckets", "OpenSets", "ShardReader", "ShardTexts"]


class CodeBuckets(dict[int, NDArray[np.uint16]]):
    """Codes [frames, codebooks] by bucket, mapped when first needed."""

    def __init__(self, store: Path, codes: CodeSet | None, checks: StoreChecks) -> None:
        super().__init__()
        self._store, self._codes, self.checks = store, codes, checks
        # Buckets of which all blocks were checked, and -1; and others that are mapped.
        self.whole = {-1}
        self._partly_checked: dict[int, MappedArray] = {}
        self._frame_bytes = 2 * len(codes.codebook_sizes) if codes is not None else 0
        self.flat = _FlatBuckets(self)
        self.frame_rate = codes.frame_rate if codes is not None else 0.0

    def __missing__(self, bucket: int) -> NDArray[np.uint16]:
        if bucket < 0 or self._codes is None:
            # A row that was kept without codes.
            raise KeyError(bucket)
        path = self._store / self._codes.codes / f"{self._codes.code_units[bucket]}.npy"
        mapping = map_lazily(path, self.checks)
        if mapping.check is None:
            self.whole.add(bucket)
        else:
            self._partly_checked[bucket] = mapping
        codes = self[bucket] = mapping.values
        return codes

    def check(self, bucket: int, start: int, frames: int) -> None:
        """Checks the blocks of some frames that were not yet.

        Raises:
          StoreError: one has changed since it was written.
        """
        if bucket not in self:
            self.__missing__(bucket)
        mapping = self._partly_checked.get(bucket)
        if mapping is None:
            return
        begin = mapping.begin + start * self._frame_bytes
        if mapping.check_bytes(begin, begin + frames * self._frame_bytes):
            self.whole.add(bucket)
            self._partly_checked.pop(bucket, None)


class _FlatBuckets(dict[int, NDArray[np.uint16]]):
    """The same as arrays of one dimension."""

    def __init__(self, buckets: CodeBuckets) -> None:
        super().__init__()
        self._buckets = buckets

    def __missing__(self, bucket: int) -> NDArray[np.uint16]:
        codes = self[bucket] = self._buckets[bucket].reshape(-1)
        return codes


@dataclass(frozen=True, slots=True)
class ShardTexts:
    """The arrays of `store.builder.texts` that texts are read with."""

    ids: NDArray[Any]
    starts: NDArray[np.uint32]
    rows: NDArray[np.uint32]
    first: NDArray[np.uint32]
    inputs: NDArray[np.uint8]
    pieces: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class _TextViews:
    """Ids, and the numbers of `ShardTexts` as memory views."""

    ids: NDArray[Any]
    starts: memoryview[int]
    rows: memoryview[int]
    first: memoryview[int]
    pieces: memoryview[int]


@dataclass(frozen=True, slots=True)
class _SpanViews:
    """Where the spans of each row begin, and the fields of the references, as memory views."""

    spans: memoryview[int]
    start: memoryview[int]
    frames: memoryview[int]
    bucket: memoryview[int]


@dataclass(frozen=True, slots=True)
class OpenSets:
    """The codes and texts that a store was opened with; None for none."""

    codes: CodeSet | None
    texts: TextSet | None


class ShardReader:
    """Reads rows by their place in the shard; `store` is the folder of its store."""

    def __init__(
        self,
        store: Path,
        number: int,
        entry: ShardEntry,
        sets: OpenSets,
        buckets: CodeBuckets,
        check: CatalogueCheck,
    ) -> None:
        path = store / "manifest" / f"{entry.unit}.arrow"
        self.rows = ShardRows(path, entry.groups, entry.before, buckets.checks)
        self.store, self._number, self._sets = store, number, sets
        self._buckets, self._check = buckets, check
        self._partly_checked_ids: MappedArray | None = None

    def instance(self, place: int) -> Instance:
        """The record of a row."""
        return self.rows.instance(place)

    def is_current(self, place: int) -> bool:
        """Whether the signature of a row was worked out with the catalogue of now."""
        return self._check.is_current(self.rows.task(place))

    def codes(self, place: int) -> list[NDArray[np.uint16]]:
        """As `Store.codes`."""
        views = self._span_views
        try:
            return [
                self._codes_at(views.bucket[n], views.start[n], views.frames[n])
                for n in range(views.spans[place], views.spans[place + 1])
            ]
        except KeyError:
            instance = self.instance(place)
            raise MissingAudioError(
                f"{instance.where}: audio of {instance.uuid} ({', '.join(instance.audio_ids)}) "
                "had no codes when the store was built; see quarantine.jsonl"
            ) from None

    def _codes_at(self, bucket: int, start: int, frames: int) -> NDArray[np.uint16]:
        if bucket not in self._buckets.whole:
            self._buckets.check(bucket, start, frames)
        return self._buckets[bucket][start : start + frames]

    def text_ids(self, place: int) -> list[NDArray[np.integer[Any]]]:
        """As `Store.text_ids`."""
        views = self._text_views
        ids, starts = views.ids, views.starts
        first = views.first[place]
        entries = views.rows[first : first + views.pieces[place]]
        for n in entries:
            self._check_ids(starts[n], starts[n + 1])
        return [ids[starts[n] : starts[n + 1]] for n in entries]

    def _check_ids(self, begin: int, end: int) -> None:
        """Checks the blocks of some ids of texts that were not yet."""
        mapping = self._partly_checked_ids
        if mapping is not None:
            size, offset = mapping.values.itemsize, mapping.begin
            if mapping.check_bytes(offset + begin * size, offset + end * size):
                self._partly_checked_ids = None

    def signatures_and_keys(
        self, places: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
        """Numbers of the prompt signatures of rows, and the keys that they are drawn by."""
        return self.signatures[places], self.keys[places]

    def names(self, places: NDArray[np.int64]) -> list[tuple[str, str]]:
        """Task id and uuid of rows, or where a row stands if it has no uuid."""
        uuids = self.rows.uuids(places)
        return [
            (self.rows.task(place), uuid or self.rows.where(place))
            for place, uuid in zip(places.tolist(), uuids, strict=True)
        ]

    def texts_at(
        self, places: NDArray[np.int64], numbers: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Where texts of rows begin in `texts.ids`, and where they end.

        Each is given by its row and its place in `OwnWords.texts`.
        """
        texts = self.texts
        entries = texts.rows[texts.first[places] + numbers]
        begins, ends = texts.starts[entries], texts.starts[entries + 1]
        if self._partly_checked_ids is not None:
            for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
                self._check_ids(begin, end)
        return begins, ends

    def spans_at(self, places: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[Any]:
        """The `layout.REF` of audio spans, each given like a text."""
        refs: NDArray[Any] = self.refs[self.starts[places] + numbers]
        for start, frames, bucket in refs.tolist():
            if bucket not in self._buckets.whole:
                self._buckets.check(bucket, start, frames)
        return refs

    # One row at a time: its numbers from memory views, in a fifth of the time of arrays of one.

    def signature_and_key(self, place: int) -> tuple[int, int]:
        """As `signatures_and_keys`, of one row."""
        signatures, keys = self._signature_views
        return signatures[place], keys[place]

    def layout(self, place: int) -> int:
        """As `layouts`, of one row."""
        return self._layout_view[place]

    def text_at(self, place: int, number: int) -> tuple[int, int]:
        """As `texts_at`, of one text."""
        views = self._text_views
        entry = views.rows[views.first[place] + number]
        begin, end = views.starts[entry], views.starts[entry + 1]
        if self._partly_checked_ids is not None:
            self._check_ids(begin, end)
        return begin, end

    def span_at(self, place: int, number: int) -> tuple[int, int, int]:
        """As `spans_at`, of one span: start, frames and bucket."""
        views = self._span_views
        entry = views.spans[place] + number
        start, frames, bucket = views.start[entry], views.frames[entry], views.bucket[entry]
        if bucket not in self._buckets.whole:
            self._buckets.check(bucket, start, frames)
        return start, frames, bucket

    @property
    def flat(self) -> Mapping[int, NDArray[np.uint16]]:
        """Codes by bucket, frame after frame."""
        return self._buckets.flat

    def lengths(self, places: NDArray[np.intp], into: NDArray[Any]) -> None:
        """Writes the lengths of the rows at these places, as `Store.lengths` gives them."""
        if self._sets.codes is not None:
            self._audio_lengths(places, into)
        if self._sets.texts is not None:
            self._text_lengths(places, into)

    @cached_property
    def order(self) -> NDArray[np.int32] | None:
        """Places of the rows that can be used; None where all can."""
        if self._sets.codes is None or self._sets.codes.policy != "skip":
            return None
        order = self._reference_array("order")
        return order if len(order) else None

    @cached_property
    def refs(self) -> NDArray[Any]:
        """Where the codes of each span are, a `layout.REF` each."""
        return self._reference_array("refs")

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where the spans of each row begin in `refs` [rows + 1]."""
        return self.rows.clips[1]

    @cached_property
    def texts(self) -> ShardTexts:
        """Ids of the texts."""
        ids, *numbers = (field.name for field in fields(ShardTexts))
        mapping = map_lazily(self._text_path(ids), self._buckets.checks)
        self._partly_checked_ids = mapping if mapping.check is not None else None
        return ShardTexts(mapping.values, *map(self._text_array, numbers))

    @cached_property
    def signatures(self) -> NDArray[np.int32]:
        """Number of the prompt signature of each row [rows]; -1 where it is not known."""
        return self._text_array("signatures")

    @cached_property
    def layouts(self) -> NDArray[np.int32]:
        """Number of the layout of each row's own words [rows]; -1 where it is not known."""
        return self._text_array("layouts")

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """What each row's instruction is drawn by (`preprocessors.render.draw_key`) [rows]."""
        return self._text_array("keys")

    # One number of a memoryview is read in a third of the time of one of an array.

    @cached_property
    def _span_views(self) -> _SpanViews:
        refs = self.refs
        columns = (refs[name].data for name in ("start", "frames", "bucket"))
        return _SpanViews(self.starts.data, *columns)

    @cached_property
    def _signature_views(self) -> tuple[memoryview[int], memoryview[int]]:
        return self.signatures.data, self.keys.data

    @cached_property
    def _layout_view(self) -> memoryview[int]:
        return self.layouts.data

    @cached_property
    def _text_views(self) -> _TextViews:
        texts = self.texts
        numbers = (texts.starts, texts.rows, texts.first, texts.pieces)
        return _TextViews(texts.ids, *(array.data for array in numbers))

    def inside(self, usable: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places in the shard of its usable rows of these numbers."""
        return usable if self.order is None else self.order[usable].astype(np.int64)

    def _reference_array(self, name: str) -> NDArray[Any]:
        codes = self._sets.codes
        if codes is None:
            raise StoreError(f"{self.store}: built without codes; build it with --tokenizer")
        path = self.store / codes.refs / f"{codes.ref_units[self._number]}.{name}.npy"
        return map_array(path, self._buckets.checks)

    def _text_array(self, name: str) -> NDArray[Any]:
        return map_array(self._text_path(name), self._buckets.checks)

    def _text_path(self, name: str) -> Path:
        texts = self._sets.texts
        if texts is None:
            raise StoreError(f"{self.store}: built without text ids; build it with a text side")
        unit = texts.text_units[self._number]
        return self.store / texts.texts / f"{unit}.{name}.npy"

    def _audio_lengths(self, places: NDArray[np.intp], into: NDArray[Any]) -> None:
        frames = np.concatenate([[0], np.cumsum(self.refs["frames"], dtype=np.int64)])
        starts = np.asarray(self.starts)
        middle = starts[places] + self.rows.clips_in[places]
        into["frames_in"] = frames[middle] - frames[starts[places]]
        into["frames_out"] = frames[starts[places + 1]] - frames[middle]
        for side in ("in", "out"):
            into[f"seconds_{side}"] = into[f"frames_{side}"] / self._buckets.frame_rate

    def _text_lengths(self, places: NDArray[np.intp], into: NDArray[Any]) -> None:
        texts = self.texts
        each = np.diff(texts.starts.astype(np.int64))[texts.rows]
        running = np.concatenate([[0], np.cumsum(each)])
        first = texts.first[places].astype(np.intp)
        middle, last = first + texts.inputs[places], first + texts.pieces[places]
        into["text_instruction"] = each[first]
        into["text_in"] = running[middle] - running[first + 1]
        into["text_out"] = running[last] - running[middle]
