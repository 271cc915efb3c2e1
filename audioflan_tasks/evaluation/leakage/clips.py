"""Content hashes and fingerprints of audio clips, made once and kept.

They lie in one SQLite file in the cache folder, keyed by the file's content, so that a
clip is read and fingerprinted once, whatever corpora it is in.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from audioflan_tasks.audio.load import load
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import AudioError
from audioflan_tasks.evaluation.leakage.fingerprint import RATE, VERSION, Landmarks, landmarks
from audioflan_tasks.records import Instance

__all__ = ["Clip", "read_clips"]

_CHUNK = 64


class Clip(NamedTuple):
    """Hash of the samples at `RATE` (16-bit), and landmarks."""

    content: str
    landmarks: Landmarks


class _Job(NamedTuple):
    audio_id: str
    path: str
    start: float | None
    end: float | None
    stamp: str


def read_clips(
    corpus: Corpus,
    named: Mapping[str, Instance],
    *,
    workers: int = 1,
    progress: Callable[[int], None] = lambda count: None,
) -> dict[str, Clip]:
    """The clips of audio ids, each with a record that names it; unreadable ones are left out."""
    jobs, found = [], {}
    store = _Store(corpus.cache_dir)
    for audio_id, instance in named.items():
        try:
            place = corpus.clip_reader.place(audio_id, instance)
        except AudioError:
            place = None
        if place is None:
            progress(1)
            continue
        stat = place.path.stat()
        stamp = (
            f"{place.path}\x1f{stat.st_size}\x1f{stat.st_mtime_ns}\x1f{place.start}\x1f{place.end}"
        )
        clip = store.get(stamp)
        if clip is None:
            jobs.append(_Job(audio_id, str(place.path), place.start, place.end, stamp))
        else:
            found[audio_id] = clip
            progress(1)
    for job, clip in _made(jobs, workers):
        progress(1)
        if clip is not None:
            store.put(job.stamp, clip)
            found[job.audio_id] = clip
    store.close()
    return found


def _made(jobs: list[_Job], workers: int) -> Iterable[tuple[_Job, Clip | None]]:
    if workers <= 1 or len(jobs) < 2 * _CHUNK:
        return ((job, _read(job)) for job in jobs)
    with ProcessPoolExecutor(workers) as pool:
        return list(zip(jobs, pool.map(_read, jobs, chunksize=_CHUNK), strict=True))


def _read(job: _Job) -> Clip | None:
    try:
        samples = load(Path(job.path), RATE, job.start or 0.0, job.end)
    except AudioError:
        return None
    coarse = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    return Clip(hashlib.sha256(coarse).hexdigest(), landmarks(samples))


class _Store:
    """Clips by where they lie, size and time of change. Not writable: nothing is kept."""

    def __init__(self, folder: Path) -> None:
        self._db: sqlite3.Connection | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(folder / f"fingerprints_v{VERSION}.sqlite", timeout=60)
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS clips (stamp TEXT PRIMARY KEY, content TEXT, "
                "hashes BLOB, frames BLOB) WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error):
            self._db = None

    def get(self, stamp: str) -> Clip | None:
        """The clip of a stamp."""
        if self._db is None:
            return None
        row = self._db.execute(
            "SELECT content, hashes, frames FROM clips WHERE stamp = ?", (stamp,)
        ).fetchone()
        if row is None:
            return None
        marks = Landmarks(np.frombuffer(row[1], np.uint32), np.frombuffer(row[2], np.int32))
        return Clip(row[0], marks)

    def put(self, stamp: str, clip: Clip) -> None:
        """Keeps a clip."""
        if self._db is not None:
            marks = clip.landmarks
            self._db.execute(
                "INSERT OR REPLACE INTO clips VALUES (?, ?, ?, ?)",
                (stamp, clip.content, marks.hashes.tobytes(), marks.frames.tobytes()),
            )

    def close(self) -> None:
        """Writes what was put."""
        if self._db is not None:
            self._db.commit()
            self._db.close()
