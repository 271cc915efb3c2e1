"""One shard of a store: its rows, and the arrays beside them.

The files of arrays are mapped when many rows of the shard are read at once, or an array is asked
for as such. Else slices of them are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MissingAudioError, StoreError
from audioflan_tasks.preprocessors.outlines import outline_key
from audioflan_tasks.records import Instance
from audioflan_tasks.remote import is_remote
from audioflan_tasks.store.item_checks import changed_items, text_check
from audioflan_tasks.store.layout import ORDER, REF, TEXT_SLICE
from audioflan_tasks.store.packed import PackedArrays
from audioflan_tasks.store.reader.block_checks import StoreChecks
from audioflan_tasks.store.reader.catalogue_check import CatalogueCheck
from audioflan_tasks.store.reader.file_parts import FilePart, FileParts
from audioflan_tasks.store.reader.mapped import MappedArray, map_arrays, map_lazily
from audioflan_tasks.store.reader.rows import ShardFiles, ShardRows
from audioflan_tasks.store.schema import CodeSet, TextSet

__all__ = ["ByteSlices", "CodeBuckets", "OpenSets", "ShardReader"]

# Bytes of an array in memory, or in a file.
ByteSlices: TypeAlias = memoryview | FilePart


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
class OpenSets:
    """The codes and texts that a store was opened with; None for none."""

    codes: CodeSet | None
    texts: TextSet | None


# To check a shard whole takes as long as to make some fifty of its examples, and reads all of it
# from the disk: that pays when a 16th of its rows was read, and nearly every page with them.
_READS_A_CHECK = 16


class ShardReader:
    """Reads rows by their place in shard `number`; `store` is the folder of its store.

    `is_checked`: items are compared with their checks when they are read; not where checks are off,
    nor after the shard's files were checked whole.
    """

    def __init__(
        self,
        files: ShardFiles,
        number: int,
        sets: OpenSets,
        buckets: CodeBuckets,
        check: CatalogueCheck,
    ) -> None:
        self.store = files.store
        self._files, self._number, self._sets = files, number, sets
        self._buckets, self._check = buckets, check
        self.is_checked, self._read_count = buckets.checks.is_on, 0
        # The copy of a server's file may go at any time, but not from under a map.
        self._is_mapped = is_remote(files.store)

    @cached_property
    def rows(self) -> ShardRows:
        """The records of the shard."""
        return self._files.rows(self._number)

    def instance(self, place: int) -> Instance:
        """The record of a row."""
        return self.rows.instance(place)

    def is_current(self, task: str) -> bool:
        """Whether the outlines of a task's rows were worked out with the catalogue of now."""
        return self._check.is_current(task)

    def codes(self, place: int) -> list[NDArray[np.uint16]]:
        """As `Store.codes`."""
        first, last = self.starts[place : place + 2].tolist()
        refs = self._items(self.refs, first, last)
        try:
            return [
                self._codes_at(bucket, start, frames) for start, frames, bucket, _ in refs.tolist()
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
        (row,) = self._items(self.heads, place, place + 1)
        first = int(row["text"])
        texts = self.texts[first : first + int(row["pieces"])].tolist()
        return [self._text(number, *text) for number, text in enumerate(texts, first)]

    def _text(self, number: int, start: int, size: int, check: int) -> NDArray[np.integer[Any]]:
        ids = self.ids[start : start + size]
        if self.is_checked and text_check(ids.tobytes(), number) != check:
            raise self.item_fault(TEXT_SLICE, number)
        return ids

    def _items(self, array: NDArray[Any], first: int, last: int) -> NDArray[Any]:
        """Items of an array of the shard, checked."""
        return self._check_items(array[first:last], np.arange(first, last))

    def _check_items(self, items: NDArray[Any], places: NDArray[np.int64]) -> NDArray[Any]:
        if self.is_checked:
            for item in changed_items(items, places):
                raise self.item_fault(items.dtype, int(places[item]))
        return items

    def expect_reads(self, count: int) -> None:
        """Counts rows that are read next together: the files are mapped for them.

        When they come to a share of all rows, the files are checked.

        Raises:
          StoreError: one is not what was written.
        """
        self._is_mapped = True
        self._read_count += count
        if self.is_checked and self._read_count * _READS_A_CHECK >= self.rows.count:
            self._check_files()

    def _check_files(self) -> None:
        """Checks the shard's two files whole, unless they were; its items are not, after that."""
        if self._sets.codes is not None:
            self._buckets.checks.check_whole(self._references_path)
        if self._sets.texts is not None:
            self._buckets.checks.check_whole(self._texts_path)
        self.is_checked = False

    def item_fault(self, kind: np.dtype[Any], place: int) -> StoreError:
        """The error that an item of one of the shard's arrays is not what was written there."""
        path = self._references_path if kind in (REF, ORDER) else self._texts_path
        return self._buckets.checks.fault(
            path, f"what it holds of item {place} has changed since it was written"
        )

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
        data = self._texts["outlines"][starts[number] : starts[number + 1]].tobytes()
        if outline_key(data) != key:
            raise self._buckets.checks.fault(
                self._texts_path, f"outline {number} has changed since it was written"
            )
        return data

    @property
    def flat(self) -> Mapping[int, NDArray[np.uint16]]:
        """Codes by bucket, frame after frame."""
        return self._buckets.flat

    def lengths(self, places: NDArray[np.intp], into: NDArray[Any]) -> None:
        """Writes the lengths of the rows at these places, as `Store.lengths` gives them.

        These need arrays of the shard's files whole, which are checked so, once.
        """
        self._check_files()
        if self._sets.codes is not None:
            self._audio_lengths(places, into)
        if self._sets.texts is not None:
            self._text_lengths(places, into)

    @property
    def order(self) -> NDArray[Any]:
        """A `layout.ORDER` for each row that can be used; none where all can."""
        return self._references["order"]

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

    @property
    def texts(self) -> NDArray[Any]:
        """Where each text of each row lies in `ids`, a `layout.TEXT_SLICE` each."""
        return self._texts["texts"]

    @cached_property
    def ids(self) -> NDArray[Any]:
        """Ids of all texts of the shard."""
        return self._texts["ids"]

    @property
    def id_type(self) -> np.dtype[Any]:
        """The type of `ids`."""
        return self.ids.dtype if self._is_mapped else self._text_parts.kind("ids")

    # Rows of many shards are read as bytes: a slice of bytes costs a tenth of one of an array.

    @property
    def head_bytes(self) -> ByteSlices:
        """`heads` as bytes."""
        return self._text_data("rows")

    @property
    def id_bytes(self) -> ByteSlices:
        """`ids` as bytes."""
        return self._text_data("ids")

    @cached_property
    def has_order(self) -> bool:
        """Whether some rows of the shard cannot be used."""
        codes = self._sets.codes
        return codes is not None and codes.policy == "skip" and len(self.order_bytes) > 0

    @property
    def order_bytes(self) -> ByteSlices:
        """`order` as bytes."""
        return self._reference_data("order")

    @property
    def text_bytes(self) -> ByteSlices:
        """`texts` as bytes."""
        return self._text_data("texts")

    @property
    def provenance_slices(self) -> ByteSlices:
        """Where the provenance of each row lies in `provenance_bytes`, a `TEXT_SLICE` each."""
        return self._text_data("provenance")

    @property
    def provenance_bytes(self) -> ByteSlices:
        """What is told of each row (`store.row_provenance`)."""
        return self._text_data("provenance_bytes")

    @property
    def ref_bytes(self) -> ByteSlices:
        """`refs` as bytes."""
        return self._reference_data("refs")

    def _text_data(self, name: str) -> ByteSlices:
        return self._texts.data(name) if self._is_mapped else self._text_parts[name]

    def _reference_data(self, name: str) -> ByteSlices:
        return self._references.data(name) if self._is_mapped else self._reference_parts[name]

    def inside(self, usable: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places in the shard of its usable rows of these numbers."""
        if not self.has_order:
            return usable
        return self._check_items(self.order[usable], usable)["place"].astype(np.int64)

    @property
    def _references_path(self) -> str:
        codes = self._sets.codes
        if codes is None:
            raise StoreError(f"{self.store}: built without codes; build it with --tokenizer")
        return f"{self.store}/{codes.refs}/{codes.ref_units[self._number]}.refs"

    @property
    def _texts_path(self) -> str:
        texts = self._sets.texts
        if texts is None:
            raise StoreError(f"{self.store}: built without text ids; build it with a text side")
        return f"{self.store}/{texts.texts}/{texts.text_units[self._number]}.texts"

    @cached_property
    def _references(self) -> PackedArrays:
        return map_arrays(self._references_path)

    @cached_property
    def _texts(self) -> PackedArrays:
        return map_arrays(self._texts_path)

    @cached_property
    def _reference_parts(self) -> FileParts:
        return FileParts(self._references_path, self._files.handles)

    @cached_property
    def _text_parts(self) -> FileParts:
        return FileParts(self._texts_path, self._files.handles)

    def _audio_lengths(self, places: NDArray[np.intp], into: NDArray[Any]) -> None:
        frames = np.concatenate([[0], np.cumsum(self.refs["frames"], dtype=np.int64)])
        starts = np.asarray(self.starts)
        middle = starts[places] + self.rows.clips_in[places]
        into["frames_in"] = frames[middle] - frames[starts[places]]
        into["frames_out"] = frames[starts[places + 1]] - frames[middle]
        for side in ("in", "out"):
            into[f"seconds_{side}"] = into[f"frames_{side}"] / self._buckets.frame_rate

    def _text_lengths(self, places: NDArray[np.intp], into: NDArray[Any]) -> None:
        each = self.texts["size"].astype(np.int64)
        running = np.concatenate([[0], np.cumsum(each)])
        rows = self.heads[places]
        first = rows["text"].astype(np.intp)
        middle, last = first + rows["inputs"], first + rows["pieces"]
        into["text_instruction"] = each[first]
        into["text_in"] = running[middle] - running[first + 1]
        into["text_out"] = running[last] - running[middle]
