"""Where the codes of each row are, one unit a manifest shard.

`.refs` is a file of two arrays (`store.packed`): `refs` has a `layout.REF` for each span of each
row, in the order of the manifest's `clips`, and `order` a `layout.ORDER` for each row that can be
used, none where all can. `.bad.jsonl` has the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.store.builder.codes import FailedClip
from audioflan_tasks.store.builder.manifest import QuarantinedLine, ShardRef
from audioflan_tasks.store.files import Write, json_lines
from audioflan_tasks.store.item_checks import with_checks
from audioflan_tasks.store.layout import MISSING, OK, ORDER, REF, digest_of, key_of
from audioflan_tasks.store.packed import packed_arrays
from audioflan_tasks.store.reader.rows import ShardRows
from audioflan_tasks.store.schema import MissingPolicy, ReferenceMarker, ReferenceSource, RowGroup
from audioflan_tasks.store.tables import open_table
from audioflan_tasks.store.units import find_unit, publish_unit

__all__ = ["ReferenceJob", "build_references"]


@dataclass(frozen=True, slots=True)
class ReferenceJob:
    """What all shards of a build have in common; plain values.

    `tables` and `codes` are, by bucket, the stem of a unit's files.
    """

    folder: str
    tables: tuple[str, ...]
    table_bits: int
    codes: tuple[str, ...]
    code_bits: int
    policy: MissingPolicy


@dataclass(frozen=True, slots=True)
class _Spans:
    """The spans of a shard: key of each, and the row that each belongs to."""

    keys: NDArray[np.uint64]
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Contents:
    """Content key and status of clips, in the order of their own keys."""

    content: NDArray[np.uint64]
    status: NDArray[np.uint8]


class _References(NamedTuple):
    """A `layout.REF` for each clip, and whether it has codes."""

    refs: NDArray[Any]
    has_codes: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _ClipFault:
    """Why a clip has no codes: its status in the clip table, -1 where encoding failed."""

    status: int
    reason: str


def build_references(shard: ShardRef, job: ReferenceJob) -> ReferenceMarker:
    """Builds the references of a shard, unless they are there.

    Raises:
      StoreError: they cannot be written.
    """
    rows = ShardRows(Path(shard.arrow), lambda: shard.groups)
    spans = _spans(rows)
    keys, span_to_key = np.unique(spans.keys, return_inverse=True)
    tables = _bucket_units(keys, job.tables, job.table_bits)
    contents = _look_up(keys, tables, job.table_bits)
    usable = np.unique(contents.content[contents.status == OK])
    codes = _bucket_units(usable, job.codes, job.code_bits)
    source = ReferenceSource(
        manifest=shard.sha256,
        policy=job.policy,
        tables=digest_of(Path(unit).name for unit in tables.values()),
        codes=digest_of(Path(unit).name for unit in codes.values()),
    )
    unit = find_unit(Path(job.folder), shard.name, ReferenceMarker, source)
    if unit is not None:
        return unit
    refs, has_codes = _references(contents, codes, job.code_bits)
    without_codes = ~has_codes[span_to_key]
    is_whole = np.ones(rows.count, bool)
    is_whole[spans.rows[without_codes]] = False
    is_usable = is_whole if job.policy == "skip" else np.ones(rows.count, bool)
    faults = [] if is_whole.all() else list(_quarantined(rows, spans, without_codes, job))
    files: dict[str, Write] = {
        ".refs": packed_arrays(
            {"refs": with_checks(refs[span_to_key]), "order": _order(is_usable)}
        ),
        ".bad.jsonl": lambda handle: handle.write(json_lines(faults)),
    }
    marker = ReferenceMarker(
        source=source,
        spans=len(spans.keys),
        without_audio=int((~is_whole).sum()),
        groups=tuple(_usable_groups(shard.groups, is_usable)),
    )
    return publish_unit(Path(job.folder), shard.name, files, lambda: marker)


def _spans(rows: ShardRows) -> _Spans:
    keys, starts = rows.clips
    counts = np.diff(starts)
    return _Spans(keys, np.repeat(np.arange(len(counts)), counts))


def _order(is_usable: NDArray[np.bool_]) -> NDArray[Any]:
    """A `layout.ORDER` for each row that can be used; none where all can."""
    places = np.flatnonzero(is_usable) if not is_usable.all() else np.zeros(0, np.int64)
    order = np.zeros(len(places), ORDER)
    order["place"] = places
    return with_checks(order)


def _usable_groups(groups: Iterable[RowGroup], is_usable: NDArray[np.bool_]) -> Iterator[RowGroup]:
    """The groups with the number of their rows that can be used."""
    begin = 0
    for group in groups:
        end = begin + group.rows
        yield RowGroup(group.task, group.split, int(is_usable[begin:end].sum()))
        begin = end


def _bucket_units(keys: NDArray[np.uint64], units: tuple[str, ...], bits: int) -> dict[int, str]:
    """The units of the buckets that hold these keys."""
    return {int(b): units[int(b)] for b in np.unique(_buckets(keys, bits))}


def _buckets(keys: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    if not bits:
        return np.zeros(len(keys), np.int64)
    return (keys >> np.uint64(64 - bits)).astype(np.int64)


def _look_up(keys: NDArray[np.uint64], tables: Mapping[int, str], bits: int) -> _Contents:
    """Content and status of each key; keys are sorted, so buckets are runs."""
    content, status = np.zeros(len(keys), np.uint64), np.full(len(keys), MISSING, np.uint8)
    buckets = _buckets(keys, bits)
    for bucket, stem in tables.items():
        in_bucket = buckets == bucket
        table = open_table(Path(f"{stem}.arrow"))
        by_key = table["by_key"].to_numpy()
        sorted_keys = table["key"].to_numpy()[by_key]
        places = by_key[np.searchsorted(sorted_keys, keys[in_bucket])]
        content[in_bucket] = table["content"].to_numpy()[places]
        status[in_bucket] = table["status"].to_numpy()[places]
    return _Contents(content, status)


def _references(contents: _Contents, codes: Mapping[int, str], bits: int) -> _References:
    """Where the codes of each content are, and whether there are any."""
    content, status = contents.content, contents.status
    refs = np.zeros(len(content), REF)
    refs["bucket"] = -1
    buckets = np.where(status == OK, _buckets(content, bits), -1)
    for bucket, stem in codes.items():
        in_bucket = np.flatnonzero(buckets == bucket)
        index = np.load(f"{stem}.index.npy", mmap_mode="r", allow_pickle=False)
        clips = index[np.searchsorted(index["key"], content[in_bucket])]
        is_encoded = clips["status"] == OK
        refs["start"][in_bucket[is_encoded]] = clips["start"][is_encoded]
        refs["frames"][in_bucket[is_encoded]] = clips["frames"][is_encoded]
        refs["bucket"][in_bucket[is_encoded]] = bucket
    return _References(refs, refs["bucket"] >= 0)


def _quarantined(
    rows: ShardRows, spans: _Spans, without_codes: NDArray[np.bool_], job: ReferenceJob
) -> Iterator[QuarantinedLine]:
    """The rows whose audio has no codes, with the first reason of each."""
    keys, span_rows = spans.keys[without_codes], spans.rows[without_codes]
    first_keys = dict(zip(span_rows[::-1].tolist(), keys[::-1].tolist(), strict=True))
    faults = _clip_faults(np.unique(keys), job)
    for row, key in sorted(first_keys.items()):
        fault = faults[key]
        file, line = rows.place(row)
        kind = "missing_audio" if fault.status == MISSING else "unreadable_audio"
        raw = json.dumps(rows.instance(row).record(), ensure_ascii=False)
        yield QuarantinedLine(file, line, kind, fault.reason, raw)


def _clip_faults(keys: NDArray[np.uint64], job: ReferenceJob) -> dict[int, _ClipFault]:
    """Why clips have no codes, by key."""
    faults: dict[int, _ClipFault] = {}
    contents: dict[int, int] = {}
    clip_keys = set(keys.tolist())
    for stem in _bucket_units(keys, job.tables, job.table_bits).values():
        table = open_table(Path(f"{stem}.arrow"))
        columns = (table[name].to_pylist() for name in ("key", "content", "status", "reason"))
        for key, content, status, reason in zip(*columns, strict=True):
            if key in clip_keys and status == OK:
                contents[key] = content
            elif key in clip_keys:
                faults[key] = _ClipFault(status, reason)
    reasons = _encoding_faults(np.array(sorted(set(contents.values())), np.uint64), job)
    for key, content in contents.items():
        faults[key] = _ClipFault(-1, reasons[content])
    return faults


def _encoding_faults(contents: NDArray[np.uint64], job: ReferenceJob) -> dict[int, str]:
    """Why contents could not be encoded, by content key."""
    reasons: dict[int, str] = {}
    for stem in _bucket_units(contents, job.codes, job.code_bits).values():
        for line in Path(f"{stem}.bad.jsonl").read_bytes().splitlines():
            clip = msgspec.json.decode(line, type=FailedClip)
            reasons[key_of(clip.content)] = clip.reason
    return reasons
