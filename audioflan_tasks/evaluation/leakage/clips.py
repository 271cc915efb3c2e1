"""Content hashes and fingerprints of audio clips, computed once and cached.

The cache is one SQLite file in the cache folder. Its key is the path, size and time of
change of the audio file with start and end of the clip.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audioflan_tasks.audio.load import load
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import AudioError
from audioflan_tasks.evaluation.leakage.fingerprint import RATE, VERSION, Landmarks, landmarks
from audioflan_tasks.plain_files import file_state
from audioflan_tasks.records import Instance
from audioflan_tasks.runners import Runner, map_items

__all__ = ["Clip", "read_clips"]

_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Clip:
    """SHA-256 of the 16-bit samples at `RATE`, and the landmarks."""

    content: str
    landmarks: Landmarks


@dataclass(frozen=True, slots=True)
class _Job:
    audio_id: str
    path: str
    start: float | None
    end: float | None
    stamp: str


def read_clips(
    corpus: Corpus,
    clip_records: Mapping[str, Instance],
    *,
    runner: Runner,
    progress: Callable[[int], None] = lambda count: None,
) -> dict[str, Clip]:
    """The clips of audio ids, of each of which a record is given.

    Left out are those that cannot be read, or at which worker processes die.
    """
    jobs, clips = [], {}
    cache = _ClipCache(corpus.cache_dir)
    for audio_id, instance in clip_records.items():
        job = _job_of(corpus, audio_id, instance)
        clip = cache.get(job.stamp) if job else None
        if job and clip is None:
            jobs.append(job)
            continue
        if clip:
            clips[audio_id] = clip
            progress(1)
    new_clips = map_items(
        runner, _read_clip, jobs, per_unit=_CHUNK, advance=progress, death_result=lambda job: None
    )
    for job, clip in zip(jobs, new_clips, strict=True):
        if clip is not None:
            cache.put(job.stamp, clip)
            clips[job.audio_id] = clip
    cache.close()
    return clips


def _job_of(corpus: Corpus, audio_id: str, instance: Instance) -> _Job | None:
    """What is to be read of an id; None where it has no file."""
    try:
        place = corpus.clip_reader.place(audio_id, instance)
        if place is None:
            return None
        state = file_state(place.path)
    except (AudioError, OSError):
        return None
    facts = (place.path, state.size, state.changed_ns, place.start, place.end)
    # Names of files need not be UTF-8, texts of the cache are.
    stamp = "\x1f".join(map(str, facts)).encode("utf-8", "backslashreplace").decode("utf-8")
    return _Job(audio_id, str(place.path), place.start, place.end, stamp)


def _read_clip(job: _Job) -> Clip | None:
    try:
        samples = load(Path(job.path), RATE, job.start or 0.0, job.end)
    except AudioError:
        return None
    coarse = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    return Clip(hashlib.sha256(coarse).hexdigest(), landmarks(samples))


class _ClipCache:
    """Clips on disk by the stamp of their file.

    Where the file cannot be read or written, or is damaged, nothing is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._db: sqlite3.Connection | None = None
        with self._giving_up():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(folder / f"fingerprints_v{VERSION}.sqlite", timeout=60)
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS clips (stamp TEXT PRIMARY KEY, content TEXT, "
                "hashes BLOB, frames BLOB) WITHOUT ROWID"
            )

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error):
            self._db = None

    def get(self, stamp: str) -> Clip | None:
        """The clip of a stamp; None if it is not in the cache."""
        row = None
        if self._db is not None:
            with self._giving_up():
                row = self._db.execute(
                    "SELECT content, hashes, frames FROM clips WHERE stamp = ?", (stamp,)
                ).fetchone()
        if row is None:
            return None
        marks = Landmarks(np.frombuffer(row[1], np.uint32), np.frombuffer(row[2], np.int32))
        return Clip(row[0], marks)

    def put(self, stamp: str, clip: Clip) -> None:
        """Adds a clip."""
        if self._db is not None:
            marks = clip.landmarks
            with self._giving_up():
                self._db.execute(
                    "INSERT OR REPLACE INTO clips VALUES (?, ?, ?, ?)",
                    (stamp, clip.content, marks.hashes.tobytes(), marks.frames.tobytes()),
                )

    def close(self) -> None:
        """Commits the clips that were put and closes the file."""
        if self._db is not None:
            with self._giving_up(), closing(self._db):
                self._db.commit()
