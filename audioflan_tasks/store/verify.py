"""Checks a store against its checksums and against itself, and mends only what is bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from audioflan_tasks.errors import StoreError
from audioflan_tasks.store.builder.build import Progress, build_store
from audioflan_tasks.store.builder.finish import units_named
from audioflan_tasks.store.publish import damaged
from audioflan_tasks.store.reader.arrays import loaded
from audioflan_tasks.store.reader.store import Store

__all__ = ["Fault", "repair_store", "verify_store"]

Advance = Callable[[int, int], None]


class Fault(NamedTuple):
    """Something wrong: the unit (a path below the store, without endings), and what it is."""

    unit: str
    what: str

    def __str__(self) -> str:
        return f"{self.unit}: {self.what}"


def verify_store(path: str | Path, *, advance: Advance | None = None) -> list[Fault]:
    """What is wrong with a store: missing or changed files, counts, references to nowhere.

    Every byte is read. `advance(done, total)` is told the units.

    Raises:
      StoreError: it is no finished store.
    """
    store = Store(path, tokenizer="", text="")
    units = list(units_named(store.facts))
    found: list[Fault] = []
    for number, (folder, unit) in enumerate(units, 1):
        found += _unit_faults(store.path, folder, unit)
        if advance is not None:
            advance(number, len(units))
    bad = {fault.unit for fault in found}
    for facts in store.facts["codes"].values():
        found += _dangling(store, facts, bad)
    return found


def repair_store(
    path: str | Path, faults: list[Fault], *, workers: int = 1, progress: Progress | None = None
) -> None:
    """Removes the units of the faults and builds them again from the source.

    Raises:
      StoreError: the source is gone, or the store cannot be written.
    """
    store = Store(path, tokenizer="", text="")
    if not store.source.exists():
        raise StoreError(
            f"{path}: its source {store.source} is gone; damaged units cannot be made again"
        )
    for fault in faults:
        for file in (store.path / fault.unit).parent.glob(f"{Path(fault.unit).name}*"):
            file.unlink()
    facts = store.facts
    texts = [one["text"] for one in facts["texts"].values()] or [None]
    sets = list(facts["codes"].values()) or [None]
    for number in range(max(len(sets), len(texts))):
        codes = sets[number] if number < len(sets) else None
        build_store(
            store.source, store.path,
            tokenizer=codes and codes["tokenizer"], options=codes and codes["options"],
            text=texts[number] if number < len(texts) else None,
            policy=codes["policy"] if codes else "error", workers=workers,
            imports=tuple(codes["imports"]) if codes else (),
            part_bytes=facts["part_bytes"],
            clips_per_bucket=codes["clips_per_bucket"] if codes else 1, progress=progress,
        )  # fmt: skip


def _unit_faults(store: Path, folder: str, unit: str) -> list[Fault]:
    marker = store / folder / f"{unit}.done"
    return [
        Fault(f"{folder}/{unit}", f"{file.name[len(unit) :]} is missing or has changed")
        for file in damaged(marker)
    ]


def _dangling(store: Store, facts: dict[str, Any], bad: set[str]) -> Iterator[Fault]:
    """References outside the codes, and shards whose references do not fit their spans."""
    frames: dict[int, int] = {}
    for number, unit in enumerate(facts["code_units"]):
        if f"{facts['codes']}/{unit}" not in bad:
            frames[number] = len(loaded(store.path / facts["codes"] / f"{unit}.npy"))
    for shard, unit in zip(store.facts["shards"], facts["ref_units"], strict=True):
        name = f"{facts['refs']}/{unit}"
        if name in bad or f"manifest/{shard['unit']}" in bad:
            continue
        refs = loaded(store.path / facts["refs"] / f"{unit}.refs.npy")
        rows = sum(count for _, _, count in shard["groups"])
        spans = store.shard(store.facts["shards"].index(shard)).starts
        if len(spans) != rows + 1 or int(spans[-1]) != len(refs):
            yield Fault(name, f"{len(refs)} references for {int(spans[-1])} spans")
        ends = refs["start"] + refs["frames"]
        for bucket in np.unique(refs["bucket"]).tolist():
            limit = frames.get(bucket, np.iinfo(np.int64).max)
            if bucket >= 0 and int(ends[refs["bucket"] == bucket].max()) > limit:
                yield Fault(name, f"refers past the end of code bucket {bucket}")
