"""One bucket of the clip table: where each audio id leads, and the digest of its content.

Buckets are by audio id; codes lie in buckets by content, so that a clip that many ids or
files share is encoded once. What was read of a file is kept as long as its size and time
of change are the same; times are only compared for equality, so a clock may jump.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from audioflan_tasks.clips import ClipReader
from audioflan_tasks.errors import AudioError, AudioFlanError, MissingAudioError, StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.records.spans import span
from audioflan_tasks.store.builder.manifest import arrow_file
from audioflan_tasks.store.builder.sources import clip_reader_of
from audioflan_tasks.store.layout import (
    FAILED,
    FORMAT,
    MISSING,
    OK,
    bucket_name,
    digest_of,
    key_of,
)
from audioflan_tasks.store.publish import damaged, find_unit, publish_unit, units_of
from audioflan_tasks.store.tables import open_table, range_of, short

__all__ = ["TABLE_SCHEMA", "Clip", "build_clips"]

# Rows are sorted by content; `by_key` holds their places in the order of keys.
TABLE_SCHEMA = pa.schema(
    [
        ("key", pa.uint64()),
        ("by_key", pa.uint32()),
        ("content", pa.uint64()),
        ("status", pa.uint8()),
        ("id", pa.string()),
        ("path", pa.string()),
        ("start", pa.float64()),
        ("end", pa.float64()),
        ("identity", pa.string()),
        ("digest", pa.string()),
        ("reason", pa.string()),
    ]
)


class Clip(NamedTuple):
    """An audio id as the records name it: its path and segment, where they say one."""

    id: str
    path: str = ""
    start: float = 0.0
    end: float | None = None

    def record(self) -> Instance:
        """A record that names the clip, as `ClipReader` wants it."""
        paths = (self.path,) if self.path else ()
        return Instance(
            instruction="", input=span(self.id), output="", audio_path=paths,
            audio_start=self.start or None, audio_end=self.end,
        )  # fmt: skip


class _Found(NamedTuple):
    """What one id leads to."""

    status: int
    identity: str
    digest: str
    reason: str


def build_clips(bucket: int, bits: int, root: str, shards: Sequence[str], folder: str) -> Any:
    """Builds one bucket of the table in `folder` from the clip lists of `shards`.

    Done when the marker's ids still have the same identity. Returns what the marker says.

    Raises:
      StoreError: it cannot be written, or two ids share a key.
    """
    clips = _merged(bucket, bits, shards)
    sounds = clip_reader_of(root)
    now = {key: _identity(sounds, clip) for key, clip in clips.items()}
    facts = {
        "format": FORMAT,
        "bits": bits,
        "clips": digest_of(f"{key} {clip}" for key, clip in clips.items()),
        "identity": digest_of(f"{key} {one.identity} {one.reason}" for key, one in now.items()),
    }
    where, stem = Path(folder), bucket_name(bucket)
    done = find_unit(where, stem, **facts)
    if done is not None:
        return done
    before = _before(where, stem)
    found = [_content(sounds, clips[key], one, before) for key, one in now.items()]
    counts = np.bincount([one.status for one in found], minlength=3).tolist()
    said = {**facts, "ok": counts[OK], "missing": counts[MISSING], "failed": counts[FAILED]}
    files = {".arrow": arrow_file(TABLE_SCHEMA, _columns(clips, found))}
    return publish_unit(where, stem, files, lambda: said)


def _merged(bucket: int, bits: int, shards: Sequence[str]) -> Mapping[int, Clip]:
    """The bucket's clips of all shards by key, sorted; the first shard that names one wins."""
    found: dict[int, Clip] = {}
    for path in shards:
        table = open_table(Path(path))
        part = table.slice(*_slice(table, bucket, bits))
        columns = [part[name].to_pylist() for name in ("key", "id", "path", "start", "end")]
        for key, *values in zip(*columns, strict=True):
            known = found.setdefault(key, Clip(*values))
            if known.id != values[0]:
                raise StoreError(
                    f"audio ids {known.id!r} and {values[0]!r} share a 64-bit key; rename one"
                )
    return dict(sorted(found.items()))


def _slice(table: pa.Table, bucket: int, bits: int) -> tuple[int, int]:
    keys = table["key"].to_numpy() if len(table) else np.zeros(0, np.uint64)
    where = range_of(keys, bucket, bits)
    return where.start, where.stop - where.start


def _identity(sounds: ClipReader, clip: Clip) -> _Found:
    try:
        return _Found(OK, short(sounds.identity(clip.id, clip.record())), "", "")
    except MissingAudioError as error:
        return _Found(MISSING, "", "", str(error))
    except AudioError as error:
        return _Found(FAILED, "", "", str(error))


def _content(
    sounds: ClipReader, clip: Clip, now: _Found, before: Mapping[str, tuple[str, str]]
) -> _Found:
    """Adds the digest of the content, read only if the identity is new."""
    if now.status != OK:
        return now
    identity, digest = before.get(clip.id, ("", ""))
    if digest and identity == now.identity:
        return now._replace(digest=digest)
    try:
        return now._replace(digest=sounds.content(clip.id, clip.record()))
    except AudioFlanError as error:
        return now._replace(status=FAILED, reason=str(error))


def _before(folder: Path, stem: str) -> dict[str, tuple[str, str]]:
    """Identity and digest by audio id, as earlier builds found them."""
    found: dict[str, tuple[str, str]] = {}
    for marker in units_of(folder, stem):
        if damaged(marker):
            continue
        table = open_table(marker.with_name(marker.name.removesuffix(".done") + ".arrow"))
        columns = (table[name].to_pylist() for name in ("id", "identity", "digest"))
        found |= {one: (identity, digest) for one, identity, digest in zip(*columns, strict=True)}
    return found


def _columns(clips: Mapping[int, Clip], found: Sequence[_Found]) -> dict[str, Any]:
    contents = [key_of(one.digest) if one.digest else 0 for one in found]
    rows = sorted(
        zip(contents, clips.items(), found, strict=True), key=lambda row: (row[0], row[1][0])
    )
    keys = np.array([key for _, (key, _), _ in rows], np.uint64)
    return {
        "key": keys,
        "by_key": np.argsort(keys).astype(np.uint32),
        "content": [content for content, _, _ in rows],
        "status": [one.status for _, _, one in rows],
        "id": [clip.id for _, (_, clip), _ in rows],
        "path": [clip.path for _, (_, clip), _ in rows],
        "start": [clip.start for _, (_, clip), _ in rows],
        "end": [clip.end for _, (_, clip), _ in rows],
        "identity": [one.identity for _, _, one in rows],
        "digest": [one.digest for _, _, one in rows],
        "reason": [one.reason for _, _, one in rows],
    }
