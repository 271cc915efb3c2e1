"""Reading a store: rows by (task, split, row), columns without parsing, codes as views."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import StoreError
from audioflan_tasks.plain_files import is_plain_file, open_plain_file
from audioflan_tasks.records import Instance
from audioflan_tasks.store.earlier import EARLIER, KEPT_DAYS, fingerprint_of
from audioflan_tasks.store.groups import NO_ROWS, ShardGroups, TaskRows
from audioflan_tasks.store.layout import FORMAT, LENGTHS, STORE_FILE
from audioflan_tasks.store.reader.block_checks import StoreChecks
from audioflan_tasks.store.reader.catalogue_check import CatalogueCheck
from audioflan_tasks.store.reader.clip_table import ClipTable
from audioflan_tasks.store.reader.file_parts import FileHandles
from audioflan_tasks.store.reader.rows import ShardFiles
from audioflan_tasks.store.reader.shard import CodeBuckets, OpenSets, ShardReader
from audioflan_tasks.store.schema import CodeSet, StoreFile, TextSet
from audioflan_tasks.store.sums import BLOCK_BYTES, is_sealed

__all__ = ["Store", "is_store"]

Key = tuple[str, str]


def is_store(path: str | os.PathLike[str]) -> bool:
    """Whether a folder is a store."""
    return is_plain_file(Path(path) / STORE_FILE)


# Shards that are open at once: each is some kilobytes and, where many of its rows are read together
# and its records too, three maps of some 65,000 that a process may have.
_OPEN_SHARDS = 2**14


class Store:
    """A built corpus. Files are read or mapped when a row needs them; nothing is ever written.

    `facts` are what `store.json` holds. `fingerprint` changes whenever a row, a code or a text id
    could.

    Safe in forked and in spawned workers: sent to another process, it opens itself there.

    Args:
      path: the store's folder, or the place of one on a server (`config.local_root`).
      tokenizer: fingerprint of the tokenizer whose codes are read; None takes the last built.
      text: fingerprint of the text side whose ids are read; None takes the last built.
      fingerprint: the store as it was when it had this `fingerprint`; None takes that of now.
      check: whether blocks of files are checked against their checksums when they are first
        read. A store of before there were checksums is read without, which is said once.

    Raises:
      StoreError: it is no store, was not finished, is of another version, does not have these
        codes or ids, or was built again and is not kept as it was.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        tokenizer: str | None = None,
        text: str | None = None,
        fingerprint: str | None = None,
        check: bool = True,
    ) -> None:
        facts, fingerprint = _read_facts(Path(path), fingerprint)
        self._open(StoreChecks(Path(path), check), facts, fingerprint, tokenizer, text)

    def _open(
        self,
        checks: StoreChecks,
        facts: StoreFile,
        fingerprint: str,
        tokenizer: str | None,
        text: str | None,
    ) -> None:
        path = checks.store
        self.path, self.facts, self.fingerprint = path, facts, fingerprint
        self._checks = checks
        self.tokenizer = facts.default.codes if tokenizer is None else tokenizer
        self.text = facts.default.text if text is None else text
        codes = _find_set(path, facts.codes, self.tokenizer, "codes")
        texts = _find_set(path, facts.texts, self.text, "text ids")
        self._codes, self._sets = codes, OpenSets(codes, texts)
        self._shards: dict[int, ShardReader] = {}
        self._buckets = CodeBuckets(path, codes, checks)
        self._check = CatalogueCheck(path, texts)

    def __repr__(self) -> str:
        count = sum(rows.count for rows in self._task_rows.values())
        return f"Store({str(self.path)!r}, {count} rows)"

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopen, (
            self.path, self.tokenizer, self.text, self.fingerprint, self._checks.is_on
        )  # fmt: skip

    def with_sets(self, tokenizer: str, text: str) -> Store:
        """The same store with the codes and text ids of these fingerprints; "" is without."""
        store = object.__new__(Store)
        store._open(self._checks, self.facts, self.fingerprint, tokenizer, text)
        store._groups = self._groups
        return store

    @property
    def frame_rate(self) -> float:
        """Frames of codes a second; 0 without codes."""
        return self._codes.frame_rate if self._codes is not None else 0.0

    @property
    def codebook_sizes(self) -> tuple[int, ...]:
        """Sizes of the tokenizer's codebooks; () without codes."""
        return self._codes.codebook_sizes if self._codes is not None else ()

    def pairs(self) -> tuple[Key, ...]:
        """The (task id, split) pairs that have rows."""
        return tuple(self._task_rows)

    def size(self, task: str, split: str) -> int:
        """Number of rows of a task (id or name) in a split, 0 where there is none."""
        return self._rows_of(task, split).count

    def instance(self, task: str, split: str, row: int) -> Instance:
        """The record of a row; rows count from 0 in the order of the source.

        Raises:
          IndexError: no such row.
        """
        shard, place = self.place(task, split, row)
        return shard.instance(place)

    def codes(self, task: str, split: str, row: int) -> list[NDArray[np.uint16]]:
        """Codes [frames, codebooks] of each audio span of a row, input before output.

        They are views of mapped files and cannot be written to.

        Raises:
          IndexError: no such row.
          MissingAudioError: the row was kept without codes.
          StoreError: the store has no codes.
        """
        shard, place = self.place(task, split, row)
        return shard.codes(place)

    def clip(self, audio_id: str) -> NDArray[np.uint16] | None:
        """Codes [frames, codebooks] of an audio id as a view; None if the store has none."""
        span = None if self._clips is None else self._clips.find(audio_id)
        if span is None:
            return None
        self._buckets.check(span.bucket, span.start, span.end - span.start)
        return self._buckets[span.bucket][span.start : span.end]

    def text_ids(self, task: str, split: str, row: int) -> list[NDArray[np.integer[Any]]]:
        """Ids of a row's own texts: instruction, texts of the input, texts of the output.

        Raises:
          IndexError: no such row.
          StoreError: the store has no text ids.
        """
        shard, place = self.place(task, split, row)
        return shard.text_ids(place)

    def lengths(self, task: str, split: str) -> NDArray[Any]:
        """Lengths of all rows as one array with the fields of `store.layout.LENGTHS`.

        Ids of text (`text_instruction`, `text_in`, `text_out`), frames of codes (`frames_in`,
        `frames_out`) and seconds of audio, to the frame (`seconds_in`, `seconds_out`).

        Raises:
          IndexError: the task has no rows in the split.
        """
        rows = self._rows_of(task, split)
        if not rows.count:
            raise IndexError(f"{task} has no rows in {split}")
        lengths = np.zeros(rows.count, LENGTHS)
        begin = 0
        for number, offset, end in rows.runs():
            shard = self.shard(number)
            places = shard.inside(np.arange(begin + offset, end + offset))
            shard.lengths(places, lengths[begin:end])
            begin = end
        return lengths

    def unseen_rows(self, task: str, split: str) -> NDArray[np.int64]:
        """Rows of a task that say `unseen: true`, in order."""
        rows = self._rows_of(task, split)
        numbers = [np.zeros(0, np.int64)]
        for run in np.flatnonzero(self._has_unseen[rows.shards]).tolist():
            begin, end = int(rows.ends[run - 1]) if run else 0, int(rows.ends[run])
            shard = self.shard(int(rows.shards[run]))
            places = shard.inside(np.arange(begin, end) + rows.offsets[run])
            numbers.append(begin + np.flatnonzero(shard.rows.unseen[places]))
        return np.concatenate(numbers)

    @property
    def shard_count(self) -> int:
        """Number of shards."""
        return len(self.facts.shards)

    def shard(self, number: int) -> ShardReader:
        """A shard by its number in `facts.shards`; the one opened first is closed for the last."""
        shard = self._shards.get(number)
        if shard is None:
            if len(self._shards) >= _OPEN_SHARDS:
                # Who still holds it may go on: its maps stay for as long.
                self._shards.pop(next(iter(self._shards)), None)
            shard = self._shards[number] = ShardReader(
                self._files, number, self._sets, self._buckets, self._check
            )
        return shard

    def task_rows(self, task: str, split: str) -> TaskRows:
        """Where the rows of a task in a split lie; see `RowStore.task_rows`."""
        return self._rows_of(task, split)

    def place(self, task: str, split: str, row: int) -> tuple[ShardReader, int]:
        """The shard of a row, and the place of the row in it.

        Raises:
          IndexError: no such row.
        """
        rows = self._task_rows.get((task, split)) or self._rows_of(task, split)
        if not 0 <= row < rows.count:
            raise IndexError(f"{task} {split} has {rows.count} rows, asked for row {row}")
        run = bisect_right(rows.ends.data, row)
        shard, usable = self.shard(int(rows.shards[run])), row + int(rows.offsets[run])
        return shard, int(shard.inside(np.array([usable]))[0]) if shard.has_order else usable

    def _rows_of(self, task: str, split: str) -> TaskRows:
        return self._task_rows.get((task.removeprefix(PREFIX), split), NO_ROWS)

    @cached_property
    def _groups(self) -> ShardGroups:
        return ShardGroups(self.facts.groups)

    @cached_property
    def _files(self) -> ShardFiles:
        return ShardFiles(self.path, self.facts.shards, self._groups, self._checks, FileHandles())

    @cached_property
    def _task_rows(self) -> Mapping[Key, TaskRows]:
        usable = None if self._codes is None else self._codes.groups
        return self._groups.by_task if usable is None else ShardGroups(usable).by_task

    @cached_property
    def _has_unseen(self) -> NDArray[np.bool_]:
        """Which shards have rows that say `unseen: true`."""
        return np.array([shard.unseen > 0 for shard in self.facts.shards], np.bool_)

    @cached_property
    def _clips(self) -> ClipTable | None:
        return None if self._codes is None else ClipTable(self.path, self._codes, self._checks)


class _Version(msgspec.Struct, frozen=True):
    """The fields of `store.json` that every format has."""

    version: int = 0
    source: str = "ROOT"


_S = TypeVar("_S", CodeSet, TextSet)


def _read_facts(path: Path, fingerprint: str | None) -> tuple[StoreFile, str]:
    """What `store.json` holds, and its digest, as they are now or had that digest."""
    try:
        with open_plain_file(path / STORE_FILE) as handle:
            data = handle.read()
        if fingerprint is not None and fingerprint_of(data) != fingerprint:
            data = _earlier_data(path, fingerprint)
        version = msgspec.json.decode(data, type=_Version)
    except (OSError, ValueError):
        raise StoreError(
            f"{path}: no finished store; build one, or finish it, with: "
            f"audioflan build ROOT --out {path}"
        ) from None
    if version.version != FORMAT:
        raise StoreError(
            f"{path}: a store of format {version.version}, this package reads {FORMAT}; build it "
            f"again, which keeps its codes, with: audioflan build {version.source} --out {path}"
        )
    try:
        facts = msgspec.json.decode(data, type=StoreFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreError(
            f"{path / STORE_FILE}: not what a build writes ({error}); build the store again with: "
            f"audioflan build {version.source} --out {path}"
        ) from None
    if facts.block_bytes != BLOCK_BYTES or not is_sealed(data):
        raise StoreError(
            f"{path / STORE_FILE}: has changed since a build wrote it; write it again, which keeps "
            f"what is built, with: audioflan build {version.source} --out {path}"
        )
    return facts, fingerprint_of(data)


def _earlier_data(path: Path, fingerprint: str) -> bytes:
    try:
        with open_plain_file(path / EARLIER / f"{fingerprint}.json") as handle:
            data = handle.read()
        if fingerprint_of(data) != fingerprint:
            raise OSError
        return data
    except OSError:
        raise StoreError(
            f"{path}: was built again since it was opened, and is not kept any more as it was "
            f"then; open it anew. A store that is replaced stays readable for {KEPT_DAYS:g} days"
        ) from None


def _find_set(path: Path, sets: Mapping[str, _S], fingerprint: str, noun: str) -> _S | None:
    """The set of that fingerprint; None for ""."""
    if not fingerprint:
        return None
    if fingerprint not in sets:
        raise StoreError(
            f"{path}: has no {noun} of {fingerprint}; there are: {', '.join(sets) or 'none'}"
        )
    return sets[fingerprint]


def _reopen(path: Path, tokenizer: str, text: str, fingerprint: str, check: bool) -> Store:
    return Store(path, tokenizer=tokenizer, text=text, fingerprint=fingerprint, check=check)
