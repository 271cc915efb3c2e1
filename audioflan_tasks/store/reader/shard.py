"""One shard of a store: its rows, and the arrays beside them, mapped when first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MissingAudioError, StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.store.reader.block_checks import StoreChecks
from audioflan_tasks.store.reader.catalogue_check import CatalogueCheck
from audioflan_tasks.store.reader.mapped import MappedArray, map_arrays, map_lazily
from audioflan_tasks.store.reader.rows import ShardRows
from audioflan_tasks.store.schema import CodeSet, TextSet

__all__ = ["CodeBuckets", "OpenSets", "ShardReader"]


class CodeBuckets(dict[int, NDArray[np.uint16]]):
    """Codes [frames, codebooks] by bucket, mapped when first needed."""

    def __init__(self, store: Path, codes: CodeSet | None, checks: StoreChecks) -> None:
        super().__init__()
        self._store, self._codes, self.checks = store, codes, checks
        # Buckets of which all blocks were checked, and -1; and others that are mapped.
        self.whole = {-1}
        self._partly_checked: dict[int, MappedArray] = {}
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
        if mapping is not None and mapping.check_items(start, frames):
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
        rows: ShardRows,
        sets: OpenSets,
        buckets: CodeBuckets,
        check: CatalogueCheck,
    ) -> None:
        self.rows, self.store = rows, store
        self._number, self._sets = number, sets
        self._buckets, self._check = buckets, check

    def instance(self, place: int) -> Instance:
        """The record of a row."""
        return self.rows.instance(place)

    def is_current(self, task: str) -> bool:
        """Whether the outlines of a task's rows were worked out with the catalogue of now."""
        return self._check.is_current(task)

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
        self.check_codes(bucket, start, frames)
        return self._buckets[bucket][start : start + frames]

    def check_codes(self, bucket: int, start: int, frames: int) -> None:
        """Checks the blocks of some frames of a bucket that were not yet.

        Raises:
          StoreError: one has changed since it was written.
        """
        if bucket not in self._buckets.whole:
            self._buckets.check(bucket, start, frames)

    def text_ids(self, place: int) -> list[NDArray[np.integer[Any]]]:
        """As `Store.text_ids`."""
        row = self.heads[place]
        first = int(row["text"])
        texts = self._texts["texts"][first : first + int(row["pieces"])]
        return [self.ids[start : start + size] for start, size in texts.tolist()]

    def names(self, places: NDArray[np.int64]) -> list[tuple[str, str]]:
        """Task id and uuid of rows, or where a row stands if it has no uuid."""
        uuids = self.rows.uuids(places)
        return [
            (self.rows.task(place), uuid or self.rows.where(place))
            for place, uuid in zip(places.tolist(), uuids, strict=True)
        ]

    def outline(self, key: int) -> bytes:
        """The bytes of an outline that a row of the shard has (`preprocessors.outlines`).

        Raises:
          StoreError: there is none of that key.
        """
        keys, starts = self._texts["outline_keys"], self._texts["outline_starts"]
        number = int(np.searchsorted(keys, np.uint64(key)))
        if number == len(keys) or int(keys[number]) != key:
            raise StoreError(f"{self.store}: a row has no outline; run audioflan verify")
        return self._texts["outlines"][starts[number] : starts[number + 1]].tobytes()

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
        order = self._references["order"]
        return order if len(order) else None

    @property
    def refs(self) -> NDArray[Any]:
        """Where the codes of each span are, a `layout.REF` each."""
        return self._references["refs"]

    @cached_property
    def starts(self) -> NDArray[np.int32]:
        """Where the spans of each row begin in `refs` [rows + 1]."""
        return self.rows.clips[1]

    @property
    def heads(self) -> NDArray[Any]:
        """What examples of each row are made with, a `layout.ROW` each."""
        return self._texts["rows"]

    @cached_property
    def ids(self) -> NDArray[Any]:
        """Ids of all texts of the shard."""
        return self._texts["ids"]

    # Rows of many shards are read as bytes: a slice of bytes costs a tenth of one of an array.

    @cached_property
    def head_bytes(self) -> memoryview:
        """`heads` as bytes."""
        return _bytes_of(self.heads)

    @cached_property
    def text_bytes(self) -> memoryview:
        """Where each text of each row lies in `ids`, a `layout.TEXT_SLICE` each, as bytes."""
        return _bytes_of(self._texts["texts"])

    @cached_property
    def ref_bytes(self) -> memoryview:
        """`refs` as bytes."""
        return _bytes_of(self.refs)

    @cached_property
    def _span_views(self) -> _SpanViews:
        # One number of a memoryview is read in a third of the time of one of an array.
        refs = self.refs
        columns = (refs[name].data for name in ("start", "frames", "bucket"))
        return _SpanViews(self.starts.data, *columns)

    def inside(self, usable: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places in the shard of its usable rows of these numbers."""
        return usable if self.order is None else self.order[usable].astype(np.int64)

    @cached_property
    def _references(self) -> dict[str, NDArray[Any]]:
        codes = self._sets.codes
        if codes is None:
            raise StoreError(f"{self.store}: built without codes; build it with --tokenizer")
        return self._packed(codes.refs, f"{codes.ref_units[self._number]}.refs")

    @cached_property
    def _texts(self) -> dict[str, NDArray[Any]]:
        texts = self._sets.texts
        if texts is None:
            raise StoreError(f"{self.store}: built without text ids; build it with a text side")
        return self._packed(texts.texts, f"{texts.text_units[self._number]}.texts")

    def _packed(self, folder: str, file: str) -> dict[str, NDArray[Any]]:
        path = f"{self.store}/{folder}/{file}"
        return map_arrays(path, self._buckets.checks, (folder, self._number))

    def _audio_lengths(self, places: NDArray[np.intp], into: NDArray[Any]) -> None:
        frames = np.concatenate([[0], np.cumsum(self.refs["frames"], dtype=np.int64)])
        starts = np.asarray(self.starts)
        middle = starts[places] + self.rows.clips_in[places]
        into["frames_in"] = frames[middle] - frames[starts[places]]
        into["frames_out"] = frames[starts[places + 1]] - frames[middle]
        for side in ("in", "out"):
            into[f"seconds_{side}"] = into[f"frames_{side}"] / self._buckets.frame_rate

    def _text_lengths(self, places: NDArray[np.intp], into: NDArray[Any]) -> None:
        each = self._texts["texts"]["size"].astype(np.int64)
        running = np.concatenate([[0], np.cumsum(each)])
        rows = self.heads[places]
        first = rows["text"].astype(np.intp)
        middle, last = first + rows["inputs"], first + rows["pieces"]
        into["text_instruction"] = each[first]
        into["text_in"] = running[middle] - running[first + 1]
        into["text_out"] = running[last] - running[middle]


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return array.view(np.uint8).data
