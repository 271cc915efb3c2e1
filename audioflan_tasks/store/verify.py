"""Checks a store against its checksums and against itself, and mends only what is bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from audioflan_tasks.errors import StoreError
from audioflan_tasks.remote import is_address
from audioflan_tasks.store.builder.build import Progress, build_store
from audioflan_tasks.store.reader.mapped import map_array, map_arrays
from audioflan_tasks.store.reader.store import Store
from audioflan_tasks.store.schema import CodeSet, UnitName
from audioflan_tasks.store.units import damaged_files

__all__ = ["StoreFault", "repair_store", "verify_store"]

Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class StoreFault:
    """Something wrong: the unit (a path below the store, without endings), and what it is."""

    unit: str
    what: str

    def __str__(self) -> str:
        return f"{self.unit}: {self.what}"


def verify_store(path: str | Path, *, advance: Advance | None = None) -> list[StoreFault]:
    """What is wrong with a store: missing or changed files, counts, references to nowhere.

    Every byte is read. `advance(done, total)` is called after each unit.

    Raises:
      StoreError: it is no finished store.
    """
    if is_address(path):
        raise StoreError(
            f"{path}: a store is verified where it lies; what is read of it over a server is "
            "checked as it is fetched"
        )
    store = Store(path, tokenizer="", text="", check=False)
    units = store.facts.units
    faults: list[StoreFault] = []
    for number, unit in enumerate(units, 1):
        faults += _unit_faults(store, unit)
        if advance is not None:
            advance(number, len(units))
    bad_units = {fault.unit for fault in faults}
    for codes in store.facts.codes.values():
        faults += _dangling_references(store, codes, bad_units)
    return faults


def repair_store(
    path: str | Path,
    faults: list[StoreFault],
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> None:
    """Removes the units of the faults and builds them again from the source.

    Raises:
      StoreError: the source is gone, or the store cannot be written.
    """
    store = Store(path, tokenizer="", text="", check=False)
    source = store.facts.source
    if not is_address(source) and not Path(source).exists():
        raise StoreError(f"{path}: its source {source} is gone; damaged units cannot be made again")
    for fault in faults:
        for file in (store.path / fault.unit).parent.glob(f"{Path(fault.unit).name}*"):
            file.unlink()
    facts = store.facts
    texts: list[str | None] = [text_set.text for text_set in facts.texts.values()] or [None]
    code_sets: list[CodeSet | None] = [*facts.codes.values()] or [None]
    for codes, text in zip_longest(code_sets, texts):
        build_store(
            source, store.path,
            tokenizer=codes.tokenizer if codes else None,
            options=codes.options if codes else None, text=text,
            policy=codes.policy if codes else "skip", workers=workers, splits=facts.splits,
            imports=codes.imports if codes else (),
            part_bytes=facts.part_bytes,
            clips_per_bucket=codes.clips_per_bucket if codes else 1, progress=progress,
        )  # fmt: skip


def _unit_faults(store: Store, name: UnitName) -> list[StoreFault]:
    marker = store.path / name.folder / f"{name.unit}.done"
    return [
        StoreFault(
            f"{name.folder}/{name.unit}",
            f"{file.name[len(name.unit) :]} is missing or has changed",
        )
        for file in damaged_files(marker, has_sums=True)
    ]


def _dangling_references(store: Store, codes: CodeSet, bad_units: set[str]) -> Iterator[StoreFault]:
    """References outside the codes, and shards whose references do not fit their spans."""
    frames: dict[int, int] = {}
    for number, unit in enumerate(codes.code_units):
        if f"{codes.codes}/{unit}" not in bad_units:
            frames[number] = len(map_array(store.path / codes.codes / f"{unit}.npy"))
    for number, (shard, unit) in enumerate(zip(store.facts.shards, codes.ref_units, strict=True)):
        name = f"{codes.refs}/{unit}"
        if name in bad_units or f"manifest/{shard.unit}" in bad_units:
            continue
        refs = map_arrays(f"{store.path}/{codes.refs}/{unit}.refs")["refs"]
        reader = store.shard(number)
        rows, spans = reader.rows.count, reader.starts
        if len(spans) != rows + 1 or int(spans[-1]) != len(refs):
            yield StoreFault(name, f"{len(refs)} references for {int(spans[-1])} spans")
        ends = refs["start"] + refs["frames"]
        for bucket in np.unique(refs["bucket"]).tolist():
            limit = frames.get(bucket, np.iinfo(np.int64).max)
            if bucket >= 0 and int(ends[refs["bucket"] == bucket].max()) > limit:
                yield StoreFault(name, f"refers past the end of code bucket {bucket}")
