"""Reading a store: rows by (task, split, row), columns without parsing, codes as views."""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.store.layout import FORMAT, LENGTHS, STORE_FILE
from audioflan_tasks.store.reader.lookup import ClipTable
from audioflan_tasks.store.reader.shard import Buckets, ShardReader

__all__ = ["Store", "is_store"]

Key = tuple[str, str]


def is_store(path: str | os.PathLike[str]) -> bool:
    """Whether a folder is a store."""
    return (Path(path) / STORE_FILE).is_file()


class _Rows(NamedTuple):
    """The rows of a (task, split): shards, what to add to a row to get its number among the
    usable rows of each, and running totals."""

    shards: list[int]
    offsets: list[int]
    ends: list[int]


class Store:
    """A built corpus. Files are mapped when a row needs them; nothing is ever written.

    `fingerprint` changes whenever a row, a code or a text id could.

    Safe in forked and in spawned workers: sent to another process, it opens itself there.

    Args:
      path: the store's folder.
      tokenizer: fingerprint of the tokenizer whose codes are wanted; None takes the last built.
      text: fingerprint of the text side whose ids are wanted; None takes the last built.

    Raises:
      StoreError: it is no store, was not finished, is of another version, or does not have
        these codes or ids.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        tokenizer: str | None = None,
        text: str | None = None,
    ) -> None:
        self.path = Path(path)
        self.facts, self.fingerprint = _facts(self.path)
        default = self.facts["default"]
        self.tokenizer = default["codes"] if tokenizer is None else tokenizer
        self.text = default["text"] if text is None else text
        self._codes = _chosen(self.path, self.facts["codes"], self.tokenizer, "codes")
        self._texts = _chosen(self.path, self.facts["texts"], self.text, "text ids")
        self._shards: dict[int, ShardReader] = {}
        self._buckets = Buckets(self.path, self._codes)

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r}, {sum(r.ends[-1] for r in self._places.values())} rows)"

    def __reduce__(self) -> tuple[Any, ...]:
        return _opened, (self.path, self.tokenizer, self.text)

    @property
    def source(self) -> Path:
        """The corpus root that it was built from."""
        return Path(self.facts["source"])

    @property
    def frame_rate(self) -> float:
        """Frames of codes a second; 0 without codes."""
        return float(self._codes["frame_rate"]) if self._codes else 0.0

    @property
    def codebook_sizes(self) -> tuple[int, ...]:
        """Sizes of the tokenizer's codebooks; () without codes."""
        return tuple(self._codes["codebook_sizes"]) if self._codes else ()

    def pairs(self) -> tuple[Key, ...]:
        """The (task id, split) pairs that have rows."""
        return tuple(self._places)

    def size(self, task: str, split: str) -> int:
        """Number of rows of a task (id or name) in a split, 0 where there is none."""
        found = self._places.get((task.removeprefix(PREFIX), split))
        return 0 if found is None else found.ends[-1]

    def instance(self, task: str, split: str, row: int) -> Instance:
        """The record of a row; rows count from 0 in the order of the source.

        Raises:
          IndexError: no such row.
        """
        shard, at = self.place(task, split, row)
        return shard.instance(at)

    def codes(self, task: str, split: str, row: int) -> list[NDArray[np.uint16]]:
        """Codes [frames, codebooks] of each audio span of a row, input before output.

        They are views of mapped files and cannot be written to.

        Raises:
          IndexError: no such row.
          MissingAudioError: the row was kept without codes.
          StoreError: the store has no codes.
        """
        shard, at = self.place(task, split, row)
        return shard.codes(at)

    def clip(self, audio_id: str) -> NDArray[np.uint16] | None:
        """Codes [frames, codebooks] of an audio id as a view; None if the store has none."""
        found = self._clips.find(audio_id) if self._codes else None
        return None if found is None else self._buckets[found.bucket][found.start : found.end]

    def text_ids(self, task: str, split: str, row: int) -> list[NDArray[np.integer[Any]]]:
        """Ids of a row's own texts: instruction, texts of the input, texts of the output.

        Raises:
          IndexError: no such row.
          StoreError: the store has no text ids.
        """
        shard, at = self.place(task, split, row)
        return shard.text_ids(at)

    def lengths(self, task: str, split: str) -> NDArray[Any]:
        """Lengths of all rows as one array with the fields of `store.layout.LENGTHS`.

        Ids of text (`text_instruction`, `text_in`, `text_out`), frames of codes (`frames_in`,
        `frames_out`) and seconds of audio, to the frame (`seconds_in`, `seconds_out`).

        Raises:
          IndexError: the task has no rows in the split.
        """
        found = self._places.get((task.removeprefix(PREFIX), split))
        if found is None:
            raise IndexError(f"{task} has no rows in {split}")
        result = np.zeros(found.ends[-1], LENGTHS)
        begin = 0
        for number, offset, end in zip(*found, strict=True):
            shard = self.shard(number)
            where = shard.inside(np.arange(begin + offset, end + offset))
            shard.lengths(where, result[begin:end])
            begin = end
        return result

    def shard(self, number: int) -> ShardReader:
        """A shard by its number in `facts["shards"]`."""
        found = self._shards.get(number)
        if found is None:
            found = self._shards[number] = ShardReader(
                self.path, number, self.facts["shards"][number], self._codes, self._texts,
                self._buckets,
            )  # fmt: skip
        return found

    def shards(self, task: str, split: str) -> list[tuple[ShardReader, int, int]]:
        """The shards of a task's rows in order; see `RowStore.shards`."""
        found = self._places.get((task.removeprefix(PREFIX), split))
        rows = () if found is None else zip(*found, strict=True)
        return [(self.shard(number), offset, end) for number, offset, end in rows]

    def place(self, task: str, split: str, row: int) -> tuple[ShardReader, int]:
        """The shard of a row, and the place of the row in it.

        Raises:
          IndexError: no such row.
        """
        found = self._places.get((task, split)) or self._places.get(
            (task.removeprefix(PREFIX), split)
        )
        if found is None or not 0 <= row < found.ends[-1]:
            size = 0 if found is None else found.ends[-1]
            raise IndexError(f"{task} {split} has {size} rows, asked for row {row}")
        shards, offsets, ends = found
        at = bisect_right(ends, row)
        shard = self._shards.get(shards[at]) or self.shard(shards[at])
        inside = row + offsets[at]
        order = shard.order
        return shard, inside if order is None else int(order[inside])

    @cached_property
    def _places(self) -> Mapping[Key, _Rows]:
        found: dict[Key, _Rows] = {}
        shards = self.facts["shards"]
        usable = self._codes["groups"] if self._codes else [s["groups"] for s in shards]
        for number, groups in enumerate(usable):
            first = 0
            for task, split, count in groups:
                if task and count:
                    rows = found.setdefault((task, split), _Rows([], [], []))
                    before = rows.ends[-1] if rows.ends else 0
                    rows.shards.append(number)
                    rows.offsets.append(first - before)
                    rows.ends.append(before + count)
                first += count
        return dict(sorted(found.items()))

    @cached_property
    def _clips(self) -> ClipTable:
        return ClipTable(self.path, self._codes)


def _facts(path: Path) -> tuple[dict[str, Any], str]:
    """What `store.json` says, and its digest, both as they are now."""
    try:
        data = (path / STORE_FILE).read_bytes()
        said: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
    except (OSError, ValueError):
        raise StoreError(
            f"{path}: no finished store; build one, or finish it, with: "
            f"audioflan build ROOT --out {path}"
        ) from None
    if said.get("version") != FORMAT:
        raise StoreError(
            f"{path}: a store of version {said.get('version')}, this package reads {FORMAT}; "
            "build it again"
        )
    return said, hashlib.sha256(data).hexdigest()[:16]


def _chosen(path: Path, sets: Mapping[str, Any], wanted: str, what: str) -> Mapping[str, Any]:
    """The set of that fingerprint; {} for none."""
    if not wanted:
        return {}
    if wanted not in sets:
        raise StoreError(
            f"{path}: has no {what} of {wanted}; there are: {', '.join(sets) or 'none'}"
        )
    found: Mapping[str, Any] = sets[wanted]
    return found


def _opened(path: Path, tokenizer: str, text: str) -> Store:
    return Store(path, tokenizer=tokenizer, text=text)
