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
from audioflan_tasks.errors import MissingAudioError, StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.store.arrays import loaded
from audioflan_tasks.store.layout import FORMAT, LENGTHS, STORE_FILE
from audioflan_tasks.store.lookup import ClipTable
from audioflan_tasks.store.rows import ShardRows

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
        self._shards: dict[int, _Shard] = {}
        self._buckets: dict[int, NDArray[np.uint16]] = {}

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
        return shard.rows.instance(at)

    def codes(self, task: str, split: str, row: int) -> list[NDArray[np.uint16]]:
        """Codes [frames, codebooks] of each audio span of a row, input before output.

        They are views of mapped files and cannot be written to.

        Raises:
          IndexError: no such row.
          MissingAudioError: the row was kept without codes.
          StoreError: the store has no codes.
        """
        shard, at = self.place(task, split, row)
        starts = shard.starts
        refs = shard.refs[starts[at] : starts[at + 1]].tolist()
        buckets = self._buckets
        try:
            return [buckets[bucket][start : start + frames] for start, frames, bucket in refs]
        except KeyError:
            for _, _, bucket in refs:
                self._open_bucket(bucket, shard, at)
            return [buckets[bucket][start : start + frames] for start, frames, bucket in refs]

    def clip(self, audio_id: str) -> NDArray[np.uint16] | None:
        """Codes [frames, codebooks] of an audio id as a view; None if the store has none."""
        found = self._clips.find(audio_id) if self._codes else None
        return None if found is None else self._array(found.bucket)[found.start : found.end]

    def text_ids(self, task: str, split: str, row: int) -> list[NDArray[np.integer[Any]]]:
        """Ids of a row's own texts: instruction, texts of the input, texts of the output.

        Raises:
          IndexError: no such row.
          StoreError: the store has no text ids.
        """
        shard, at = self.place(task, split, row)
        texts = shard.texts
        numbers = texts.rows[texts.first[at] : texts.first[at + 1]].tolist()
        return [texts.ids[texts.starts[n] : texts.starts[n + 1]] for n in numbers]

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
            where = shard.places(begin + offset, end + offset)
            if self._codes:
                self._audio_lengths(shard, where, result[begin:end])
            if self._texts:
                _text_lengths(shard, where, result[begin:end])
            begin = end
        return result

    def shard(self, number: int) -> _Shard:
        """A shard by its number in `facts["shards"]`."""
        found = self._shards.get(number)
        if found is None:
            found = self._shards[number] = _Shard(
                self.path, number, self.facts["shards"][number], self._codes, self._texts
            )
        return found

    def place(self, task: str, split: str, row: int) -> tuple[_Shard, int]:
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

    def _open_bucket(self, number: int, shard: _Shard, row: int) -> None:
        if number < 0:
            instance = shard.rows.instance(row)
            raise MissingAudioError(
                f"{instance.where}: audio of {instance.uuid} ({', '.join(instance.audio_ids)}) "
                "had no codes when the store was built; see quarantine.jsonl"
            )
        self._array(number)

    def _array(self, bucket: int) -> NDArray[np.uint16]:
        found = self._buckets.get(bucket)
        if found is None:
            unit = self._codes["code_units"][bucket]
            found = loaded(self.path / self._codes["codes"] / f"{unit}.npy")
            self._buckets[bucket] = found
        return found

    def _audio_lengths(self, shard: _Shard, where: NDArray[np.intp], into: NDArray[Any]) -> None:
        frames = np.concatenate([[0], np.cumsum(shard.refs["frames"], dtype=np.int64)])
        starts = np.asarray(shard.starts)
        middle = starts[where] + shard.rows.clips_in[where]
        into["frames_in"] = frames[middle] - frames[starts[where]]
        into["frames_out"] = frames[starts[where + 1]] - frames[middle]
        for side in ("in", "out"):
            into[f"seconds_{side}"] = into[f"frames_{side}"] / self.frame_rate


class _Texts(NamedTuple):
    """The arrays of `store.texts`."""

    ids: NDArray[Any]
    starts: NDArray[np.uint32]
    rows: NDArray[np.uint32]
    first: NDArray[np.uint32]
    heard: NDArray[np.uint8]


class _Shard:
    """A shard's rows, and the arrays beside them, mapped when first used."""

    def __init__(
        self, store: Path, number: int, facts: Mapping[str, Any], codes: Mapping[str, Any],
        texts: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.rows = ShardRows(
            store / "manifest" / f"{facts['unit']}.arrow", facts["groups"], facts["before"],
        )  # fmt: skip
        self._store, self._number, self._codes, self._text = store, number, codes, texts

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
        if not self._text:
            raise StoreError(f"{self._store}: built without text ids; build it with a text side")
        unit = self._text["text_units"][self._number]
        stem = self._store / self._text["texts"] / unit
        return _Texts(*(loaded(Path(f"{stem}.{name}.npy")) for name in _Texts._fields))

    def places(self, first: int, end: int) -> NDArray[np.intp]:
        """Places in the shard of its usable rows first to end."""
        return (
            np.arange(first, end) if self.order is None else self.order[first:end].astype(np.intp)
        )

    def _ref(self, name: str) -> NDArray[Any]:
        if not self._codes:
            raise StoreError(f"{self._store}: built without codes; build it with --tokenizer")
        unit = self._codes["ref_units"][self._number]
        return loaded(self._store / self._codes["refs"] / f"{unit}.{name}.npy")


def _text_lengths(shard: _Shard, where: NDArray[np.intp], into: NDArray[Any]) -> None:
    texts = shard.texts
    each = np.diff(texts.starts.astype(np.int64))[texts.rows]
    running = np.concatenate([[0], np.cumsum(each)])
    first, last = texts.first[where].astype(np.intp), texts.first[where + 1].astype(np.intp)
    middle = first + texts.heard[where]
    into["text_instruction"] = each[first]
    into["text_in"] = running[middle] - running[first + 1]
    into["text_out"] = running[last] - running[middle]


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
