"""One bucket of the clip table: where each audio id leads, and the digest of its content.

Buckets are by audio id; codes are in buckets by content, so that a clip that many ids or
files share is encoded once. What was read of a file is kept as long as its size and time
of change are the same; times are only compared for equality, so a clock may jump.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from audioflan_tasks.clips import ClipReader
from audioflan_tasks.errors import (
    AudioError,
    AudioFlanError,
    MissingAudioError,
    RemoteError,
    StoreError,
)
from audioflan_tasks.records import Instance
from audioflan_tasks.records.spans import span
from audioflan_tasks.store.builder.sources import AudioSource, clip_reader_of
from audioflan_tasks.store.layout import FAILED, MISSING, OK, bucket_name, digest_of, key_of
from audioflan_tasks.store.schema import ClipMarker, ClipSource
from audioflan_tasks.store.tables import arrow_file, bucket_slice, open_table, short
from audioflan_tasks.store.units import damaged_files, find_unit, publish_unit, unit_markers

__all__ = ["TABLE_SCHEMA", "NamedClip", "build_clips"]

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


@dataclass(frozen=True, slots=True)
class NamedClip:
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


@dataclass(frozen=True, slots=True)
class _ClipState:
    """Where one id leads: its status, identity and content digest, or why there is no audio."""

    status: int
    identity: str = ""
    digest: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _EarlierState:
    """Identity and content digest of a clip in an earlier build."""

    identity: str
    digest: str


def build_clips(
    bucket: int, bits: int, audio: AudioSource, shards: Sequence[str], folder: str
) -> ClipMarker:
    """Builds one bucket of the table in `folder` from the clip lists of `shards`.

    It is there already when the marker's ids still have the same identity.

    Raises:
      StoreError: it cannot be written, or two ids share a key.
    """
    clips = _clips_of_bucket(bucket, bits, shards)
    clip_reader = clip_reader_of(audio)
    states = {key: _state(clip_reader, clip) for key, clip in clips.items()}
    source = ClipSource(
        bits=bits,
        clips=digest_of(
            f"{key} {(clip.id, clip.path, clip.start, clip.end)}" for key, clip in clips.items()
        ),
        identity=digest_of(f"{key} {s.identity} {s.reason}" for key, s in states.items()),
    )
    stem = bucket_name(bucket)
    unit = find_unit(Path(folder), stem, ClipMarker, source)
    if unit is not None:
        return unit
    earlier = _earlier_states(Path(folder), stem)
    rows = [_with_content(clip_reader, clips[key], state, earlier) for key, state in states.items()]
    counts = np.bincount([state.status for state in rows], minlength=3).tolist()
    marker = ClipMarker(
        source=source, ok=counts[OK], missing=counts[MISSING], failed=counts[FAILED]
    )
    files = {".arrow": arrow_file(TABLE_SCHEMA, _columns(clips, rows))}
    return publish_unit(Path(folder), stem, files, lambda: marker)


def _clips_of_bucket(bucket: int, bits: int, shards: Sequence[str]) -> Mapping[int, NamedClip]:
    """The bucket's clips of all shards by key, sorted; the first shard that names one wins."""
    clips: dict[int, NamedClip] = {}
    for path in shards:
        rows = bucket_slice(open_table(Path(path)), "key", bucket, bits)
        columns = [rows[name].to_pylist() for name in ("key", "id", "path", "start", "end")]
        for key, *values in zip(*columns, strict=True):
            first = clips.setdefault(key, NamedClip(*values))
            if first.id != values[0]:
                raise StoreError(
                    f"audio ids {first.id!r} and {values[0]!r} share a 64-bit key; rename one"
                )
    return dict(sorted(clips.items()))


def _state(clip_reader: ClipReader, clip: NamedClip) -> _ClipState:
    try:
        return _ClipState(OK, short(clip_reader.identity(clip.id, clip.record())))
    except MissingAudioError as error:
        return _ClipState(MISSING, reason=str(error))
    except AudioError as error:
        return _ClipState(FAILED, reason=str(error))


def _with_content(
    clip_reader: ClipReader,
    clip: NamedClip,
    state: _ClipState,
    earlier: Mapping[str, _EarlierState],
) -> _ClipState:
    """Adds the digest of the content, read only if the identity is new."""
    if state.status != OK:
        return state
    before = earlier.get(clip.id)
    if before is not None and before.digest and before.identity == state.identity:
        return replace(state, digest=before.digest)
    try:
        return replace(state, digest=clip_reader.content(clip.id, clip.record()))
    except RemoteError:
        # The clip may be there: it is not left out, the build ends.
        raise
    except AudioFlanError as error:
        return replace(state, status=FAILED, reason=str(error))


def _earlier_states(folder: Path, stem: str) -> dict[str, _EarlierState]:
    """Identity and digest by audio id, of earlier builds."""
    states: dict[str, _EarlierState] = {}
    for marker in unit_markers(folder, stem):
        if damaged_files(marker):
            continue
        table = open_table(marker.with_name(marker.name.removesuffix(".done") + ".arrow"))
        columns = (table[name].to_pylist() for name in ("id", "identity", "digest"))
        for audio_id, identity, digest in zip(*columns, strict=True):
            states[audio_id] = _EarlierState(identity, digest)
    return states


def _columns(clips: Mapping[int, NamedClip], states: Sequence[_ClipState]) -> dict[str, Any]:
    contents = [key_of(state.digest) if state.digest else 0 for state in states]
    rows = sorted(
        zip(contents, clips.items(), states, strict=True), key=lambda row: (row[0], row[1][0])
    )
    keys = np.array([key for _, (key, _), _ in rows], np.uint64)
    return {
        "key": keys,
        "by_key": np.argsort(keys).astype(np.uint32),
        "content": [content for content, _, _ in rows],
        "status": [state.status for _, _, state in rows],
        "id": [clip.id for _, (_, clip), _ in rows],
        "path": [clip.path for _, (_, clip), _ in rows],
        "start": [clip.start for _, (_, clip), _ in rows],
        "end": [clip.end for _, (_, clip), _ in rows],
        "identity": [state.identity for _, _, state in rows],
        "digest": [state.digest for _, _, state in rows],
        "reason": [state.reason for _, _, state in rows],
    }
