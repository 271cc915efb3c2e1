"""One shard of a store: its rows, and the arrays beside them, mapped when first used."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MissingAudioError, StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.store.reader.arrays import loaded
from audioflan_tasks.store.reader.rows import ShardRows

__all__ = ["Buckets", "ShardReader"]


class Buckets(dict[int, NDArray[np.uint16]]):
    """Codes [frames, codebooks] by bucket, mapped when first asked for."""

    def __init__(self, store: Path, codes: Mapping[str, Any]) -> None:
        super().__init__()
        self._store, self._codes = store, codes
        self.flat = _Flat(self)
        self.frame_rate = float(codes["frame_rate"]) if codes else 0.0

    def __missing__(self, bucket: int) -> NDArray[np.uint16]:
        if bucket < 0:
            # A row that was kept without codes.
            raise KeyError(bucket)
        unit = self._codes["code_units"][bucket]
        found = self[bucket] = loaded(self._store / self._codes["codes"] / f"{unit}.npy")
        return found


class _Flat(dict[int, NDArray[np.uint16]]):
    """The same as arrays of one dimension."""

    def __init__(self, buckets: Buckets) -> None:
        super().__init__()
        self._buckets = buckets

    def __missing__(self, bucket: int) -> NDArray[np.uint16]:
        found = self[bucket] = self._buckets[bucket].reshape(-1)
        return found


class _Texts(NamedTuple):
    """The arrays of `store.builder.texts`."""

    ids: NDArray[Any]
    starts: NDArray[np.uint32]
    rows: NDArray[np.uint32]
    first: NDArray[np.uint32]
    heard: NDArray[np.uint8]


class ShardReader:
    """Reads rows by their place in the shard."""

    def __init__(
        self, store: Path, number: int, facts: Mapping[str, Any], codes: Mapping[str, Any],
        texts: Mapping[str, Any], buckets: Buckets,
    ) -> None:  # fmt: skip
        self.rows = ShardRows(
            store / "manifest" / f"{facts['unit']}.arrow", facts["groups"], facts["before"],
        )  # fmt: skip
        self._store, self._number, self._codes, self._text = store, number, codes, texts
        self._buckets = buckets

    def instance(self, at: int) -> Instance:
        """The record of a row."""
        return self.rows.instance(at)

    def codes(self, at: int) -> list[NDArray[np.uint16]]:
        """As `Store.codes`."""
        spans, start, frames, bucket = self._spans
        buckets = self._buckets
        try:
            return [
                buckets[bucket[n]][start[n] : start[n] + frames[n]]
                for n in range(spans[at], spans[at + 1])
            ]
        except KeyError:
            instance = self.instance(at)
            raise MissingAudioError(
                f"{instance.where}: audio of {instance.uuid} ({', '.join(instance.audio_ids)}) "
                "had no codes when the store was built; see quarantine.jsonl"
            ) from None

    def text_ids(self, at: int) -> list[NDArray[np.integer[Any]]]:
        """As `Store.text_ids`."""
        ids, starts, rows, first = self._own_texts
        return [ids[starts[n] : starts[n + 1]] for n in rows[first[at] : first[at + 1]]]

    def asked(self, at: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
        """Outlines and keys of rows."""
        return self.outlines[at], self.keys[at]

    def texts_at(
        self, at: NDArray[np.int64], number: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Where texts of rows begin in `texts.ids`, and where they end.

        Each is given by its row and its number among the row's texts after the instruction.
        """
        _, starts, rows, first, _ = self.texts
        found = rows[first[at] + 1 + number]
        return starts[found], starts[found + 1]

    def spans_at(self, at: NDArray[np.int64], number: NDArray[np.int64]) -> NDArray[Any]:
        """Where the codes of audio spans lie, a `layout.REF` each, given like texts."""
        found: NDArray[Any] = self.refs[self.starts[at] + number]
        return found

    # One row at a time: its numbers from memory views, in a fifth of the time of arrays of one.

    def asked_one(self, at: int) -> tuple[int, int]:
        """As `asked`, of one row."""
        outlines, keys = self._asked
        return outlines[at], keys[at]

    def text_at(self, at: int, number: int) -> tuple[int, int]:
        """As `texts_at`, of one text."""
        _, starts, rows, first = self._own_texts
        found = rows[first[at] + 1 + number]
        return starts[found], starts[found + 1]

    def span_at(self, at: int, number: int) -> tuple[int, int, int]:
        """As `spans_at`, of one span: start, frames and bucket."""
        spans, start, frames, bucket = self._spans
        found = spans[at] + number
        return start[found], frames[found], bucket[found]

    @property
    def flat(self) -> Mapping[int, NDArray[np.uint16]]:
        """Codes by bucket, frame after frame."""
        return self._buckets.flat

    def lengths(self, where: NDArray[np.intp], into: NDArray[Any]) -> None:
        """Writes the lengths of the rows at these places, as `Store.lengths` gives them."""
        if self._codes:
            self._audio_lengths(where, into)
        if self._text:
            self._text_lengths(where, into)

    @cached_property
    def order(self) -> NDArray[np.int32] | None:
        """Places of the rows that can be used; None where all can."""
        if not self._codes or self._codes["policy"] != "skip":
            return None
        found = self._ref("order")
        return found if len(found) else None

    @cached_property
    def refs(self) -> NDArray[Any]:
        """Where the codes of each span lie, a `layout.REF` each."""
        return self._ref("refs")

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where the spans of each row begin in `refs` [rows + 1]."""
        return self.rows.clips[1]

    @cached_property
    def texts(self) -> _Texts:
        """Ids of the texts."""
        return _Texts(*(self._of_texts(name) for name in _Texts._fields))

    @cached_property
    def outlines(self) -> NDArray[np.int32]:
        """Number of the prompt signature of each row [rows]; -1 where it is not known."""
        return self._of_texts("outlines")

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """What each row's instruction is drawn by (`preprocessors.render.draw_key`) [rows]."""
        return self._of_texts("keys")

    # One number of a memoryview is read in a third of the time of one of an array.

    @cached_property
    def _spans(self) -> tuple[memoryview[int], ...]:
        refs = self.refs
        return self.starts.data, *(refs[name].data for name in ("start", "frames", "bucket"))

    @cached_property
    def _asked(self) -> tuple[memoryview[int], memoryview[int]]:
        return self.outlines.data, self.keys.data

    @cached_property
    def _own_texts(
        self,
    ) -> tuple[NDArray[Any], memoryview[int], memoryview[int], memoryview[int]]:
        ids, starts, rows, first, _ = self.texts
        return ids, starts.data, rows.data, first.data

    def inside(self, usable: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places in the shard of its usable rows of these numbers."""
        return usable if self.order is None else self.order[usable].astype(np.int64)

    def _ref(self, name: str) -> NDArray[Any]:
        if not self._codes:
            raise StoreError(f"{self._store}: built without codes; build it with --tokenizer")
        unit = self._codes["ref_units"][self._number]
        return loaded(self._store / self._codes["refs"] / f"{unit}.{name}.npy")

    def _of_texts(self, name: str) -> NDArray[Any]:
        if not self._text:
            raise StoreError(f"{self._store}: built without text ids; build it with a text side")
        unit = self._text["text_units"][self._number]
        return loaded(self._store / self._text["texts"] / f"{unit}.{name}.npy")

    def _audio_lengths(self, where: NDArray[np.intp], into: NDArray[Any]) -> None:
        frames = np.concatenate([[0], np.cumsum(self.refs["frames"], dtype=np.int64)])
        starts = np.asarray(self.starts)
        middle = starts[where] + self.rows.clips_in[where]
        into["frames_in"] = frames[middle] - frames[starts[where]]
        into["frames_out"] = frames[starts[where + 1]] - frames[middle]
        for side in ("in", "out"):
            into[f"seconds_{side}"] = into[f"frames_{side}"] / self._buckets.frame_rate

    def _text_lengths(self, where: NDArray[np.intp], into: NDArray[Any]) -> None:
        texts = self.texts
        each = np.diff(texts.starts.astype(np.int64))[texts.rows]
        running = np.concatenate([[0], np.cumsum(each)])
        first, last = texts.first[where].astype(np.intp), texts.first[where + 1].astype(np.intp)
        middle = first + texts.heard[where]
        into["text_instruction"] = each[first]
        into["text_in"] = running[middle] - running[first + 1]
        into["text_out"] = running[last] - running[middle]
