"""Where the codes of each row lie, one unit a manifest shard.

`.refs.npy` has a `layout.REF` for each span of each row, in the order of the manifest's
`clips`; `.order.npy` the rows that can be used, empty where all can; `.bad.jsonl` the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.store.builder.texts import Shard
from audioflan_tasks.store.layout import FORMAT, MISSING, OK, REF, digest_of, key_of
from audioflan_tasks.store.publish import Write, find_unit, json_lines, publish_unit
from audioflan_tasks.store.reader.rows import ShardRows
from audioflan_tasks.store.tables import open_table

__all__ = ["RefJob", "build_refs"]


class RefJob(NamedTuple):
    """What all shards of a build have in common; plain values.

    `tables` and `codes` are, by bucket, the stem of a unit's files.
    """

    folder: str
    tables: tuple[str, ...]
    table_bits: int
    codes: tuple[str, ...]
    code_bits: int
    policy: str


class _Spans(NamedTuple):
    """The spans of a shard: key of each, and the row that each belongs to."""

    keys: NDArray[np.uint64]
    rows: NDArray[np.int64]
    total: int


def build_refs(shard: Shard, job: RefJob) -> dict[str, Any]:
    """Builds the references of a shard, unless they are there; what the marker says.

    Raises:
      StoreError: they cannot be written.
    """
    rows = ShardRows(Path(shard.arrow), shard.groups)
    spans = _spans(rows)
    unique, inverse = np.unique(spans.keys, return_inverse=True)
    used = _used(unique, job.tables, job.table_bits)
    content, status = _looked_up(unique, used, job.table_bits)
    wanted = np.unique(content[status == OK])
    codes = _used(wanted, job.codes, job.code_bits)
    facts = {
        "format": FORMAT,
        "manifest": shard.sha256,
        "policy": job.policy,
        "tables": digest_of(Path(one).name for one in used.values()),
        "codes": digest_of(Path(one).name for one in codes.values()),
    }
    where = Path(job.folder)
    done = find_unit(where, shard.name, **facts)
    if done is not None:
        return done
    refs, made = _refs(content, status, codes, job.code_bits)
    whole = np.ones(spans.total, bool)
    whole[spans.rows[~made[inverse]]] = False
    keep = job.policy != "skip"
    order = np.zeros(0, np.int32) if keep or whole.all() else np.flatnonzero(whole).astype(np.int32)
    ends = np.cumsum([0, *(count for _, _, count in shard.groups)])
    usable = np.ones(spans.total, bool) if keep else whole
    bad = [] if whole.all() else list(_bad(rows, spans, ~made[inverse], job))
    files: dict[str, Write] = {
        ".refs.npy": lambda handle: np.save(handle, refs[inverse], allow_pickle=False),
        ".order.npy": lambda handle: np.save(handle, order, allow_pickle=False),
        ".bad.jsonl": lambda handle: handle.write(json_lines(bad)),
    }
    said = {
        **facts,
        "spans": len(spans.keys),
        "without": int((~whole).sum()),
        "groups": [
            [task, split, int(usable[first:end].sum())]
            for (task, split, _), first, end in zip(shard.groups, ends[:-1], ends[1:], strict=True)
        ],
    }
    return publish_unit(where, shard.name, files, lambda: said)


def _spans(rows: ShardRows) -> _Spans:
    keys, starts = rows.clips
    counts = np.diff(starts)
    return _Spans(keys, np.repeat(np.arange(len(counts)), counts), len(counts))


def _used(keys: NDArray[np.uint64], units: tuple[str, ...], bits: int) -> dict[int, str]:
    """The units of the buckets that hold these keys."""
    return {int(b): units[int(b)] for b in np.unique(_buckets(keys, bits))}


def _buckets(keys: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    if not bits:
        return np.zeros(len(keys), np.int64)
    return (keys >> np.uint64(64 - bits)).astype(np.int64)


def _looked_up(
    keys: NDArray[np.uint64], tables: Mapping[int, str], bits: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Content and status of each key; keys are sorted, so buckets are runs."""
    content, status = np.zeros(len(keys), np.uint64), np.full(len(keys), MISSING, np.uint8)
    buckets = _buckets(keys, bits)
    for bucket, stem in tables.items():
        here = buckets == bucket
        table = open_table(Path(f"{stem}.arrow"))
        by_key = table["by_key"].to_numpy()
        sorted_keys = table["key"].to_numpy()[by_key]
        at = by_key[np.searchsorted(sorted_keys, keys[here])]
        content[here] = table["content"].to_numpy()[at]
        status[here] = table["status"].to_numpy()[at]
    return content, status


def _refs(
    content: NDArray[np.uint64], status: NDArray[np.uint8], codes: Mapping[int, str], bits: int
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Where the codes of each content lie, and whether there are any."""
    refs = np.zeros(len(content), REF)
    refs["bucket"] = -1
    buckets = np.where(status == OK, _buckets(content, bits), -1)
    for bucket, stem in codes.items():
        here = np.flatnonzero(buckets == bucket)
        index = np.load(f"{stem}.index.npy", mmap_mode="r", allow_pickle=False)
        found = index[np.searchsorted(index["key"], content[here])]
        good = found["status"] == OK
        refs["start"][here[good]] = found["start"][good]
        refs["frames"][here[good]] = found["frames"][good]
        refs["bucket"][here[good]] = bucket
    return refs, refs["bucket"] >= 0


def _bad(
    rows: ShardRows, spans: _Spans, missing: NDArray[np.bool_], job: RefJob
) -> Iterator[dict[str, Any]]:
    """The rows whose audio has no codes, with the first reason of each."""
    keys, at = spans.keys[missing], spans.rows[missing]
    firsts = dict(zip(at[::-1].tolist(), keys[::-1].tolist(), strict=True))
    reasons = _reasons(np.unique(keys), job)
    for row, key in sorted(firsts.items()):
        status, reason = reasons[key]
        instance = rows.instance(row)
        file, line = rows.place(row)
        yield {
            "file": file,
            "line": line,
            "kind": "missing_audio" if status == MISSING else "unreadable_audio",
            "reason": reason,
            "raw": json.dumps(instance.record(), ensure_ascii=False),
        }


def _reasons(keys: NDArray[np.uint64], job: RefJob) -> dict[int, tuple[int, str]]:
    """Status and reason by key."""
    found: dict[int, tuple[int, str]] = {}
    contents: dict[int, int] = {}
    for stem in _used(keys, job.tables, job.table_bits).values():
        table = open_table(Path(f"{stem}.arrow"))
        columns = (table[name].to_pylist() for name in ("key", "content", "status", "reason"))
        here = set(keys.tolist())
        for key, content, status, reason in zip(*columns, strict=True):
            if key in here and status == OK:
                contents[key] = content
            elif key in here:
                found[key] = (status, reason)
    failed = _failures(np.array(sorted(set(contents.values())), np.uint64), job)
    return found | {key: (-1, failed[content]) for key, content in contents.items()}


def _failures(contents: NDArray[np.uint64], job: RefJob) -> dict[int, str]:
    """Why contents could not be encoded, by content key."""
    found: dict[int, str] = {}
    for stem in _used(contents, job.codes, job.code_bits).values():
        for line in Path(f"{stem}.bad.jsonl").read_bytes().splitlines():
            one = msgspec.json.decode(line)
            found[key_of(one["content"])] = one["reason"]
    return found
