"""`quarantine.jsonl`: what a build left out, with place, reason and raw record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from audioflan_tasks.store.builder.manifest import QuarantinedLine
from audioflan_tasks.store.builder.stages import AudioResult
from audioflan_tasks.store.files import json_lines, publish
from audioflan_tasks.store.schema import StoreFile

__all__ = ["QUARANTINE", "write_quarantine"]

QUARANTINE = "quarantine.jsonl"


def write_quarantine(store: Path, facts: StoreFile, audio: AudioResult | None) -> int:
    """Gathers what the units of a build left out; returns the number of lines."""
    count = 0

    def write(handle: BinaryIO) -> None:
        nonlocal count
        for number, shard in enumerate(facts.shards):
            for line in _left_out(store, facts, audio, number):
                place = line.file
                if line.line:
                    place = f"{line.file}:{line.line + shard.before.get(line.file, 0)}"
                fields = {
                    "where": place, "kind": line.kind, "reason": line.reason, "raw": line.raw
                }  # fmt: skip
                handle.write(json_lines([fields]))
                count += 1

    publish(store / QUARANTINE, write)
    return count


def _left_out(
    store: Path, facts: StoreFile, audio: AudioResult | None, shard: int
) -> Iterator[QuarantinedLine]:
    """The lines that a shard left out: those that are no records, then those without audio."""
    files = [store / "manifest" / f"{facts.shards[shard].unit}.bad.jsonl"]
    if audio is not None:
        references = audio.references
        files.append(store / references.folder / f"{references.markers[shard].unit}.bad.jsonl")
    for file in files:
        for line in file.read_bytes().splitlines():
            yield msgspec.json.decode(line, type=QuarantinedLine)
