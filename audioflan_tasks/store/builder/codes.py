"""One bucket of the code store: the codes of its clips, one after the other in one array.

`BUCKET.npy` is uint16 [frames, codebooks]; `BUCKET.index.npy` has a `layout.CLIP` for each
clip, sorted by content key. A clip whose codes an earlier build made is copied, not encoded.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import AudioFlanError, RemoteError, StoreError
from audioflan_tasks.store.builder.clips import NamedClip
from audioflan_tasks.store.builder.earlier_codes import EarlierCodes
from audioflan_tasks.store.builder.sources import AudioSource, clip_reader_of, tokenizer_of
from audioflan_tasks.store.files import TEMPORARY, Write, json_lines, naming_folder
from audioflan_tasks.store.layout import CLIP, FAILED, OK, bucket_name, digest_of
from audioflan_tasks.store.schema import CodeMarker, CodeSource
from audioflan_tasks.store.tables import bucket_slice, open_table, short
from audioflan_tasks.store.units import publish_unit, whole_units
from audioflan_tasks.tokens import AudioTokenizer
from audioflan_tasks.tokens.encoding import encode_blocks

__all__ = ["CodeJob", "FailedClip", "build_codes", "note_path"]

_COLUMNS = ("content", "status", "digest", "identity", "id", "path", "start", "end")


@dataclass(frozen=True, slots=True)
class CodeJob:
    """What all code buckets of a build have in common; plain values.

    `tables` are the files of the clip table; `fatal` are ids of clips that ended their process.
    """

    audio: AudioSource
    folder: str
    tables: tuple[str, ...]
    bits: int
    tokenizer: str
    options: str
    imports: tuple[str, ...]
    fatal: tuple[str, ...] = ()


class FailedClip(msgspec.Struct, frozen=True):
    """A clip without codes: an audio id, the digest of its content, and the reason."""

    id: str
    content: str
    reason: str


@dataclass(frozen=True, slots=True)
class _TableClip:
    """A clip of the bucket, with the digest and identity that the table noted."""

    clip: NamedClip
    digest: str
    identity: str


class _ClipCodes(NamedTuple):
    """Codes [frames, codebooks], seconds of audio, and why there are none; "" if there are."""

    codes: NDArray[np.uint16]
    seconds: float
    reason: str


def build_codes(bucket: int, job: CodeJob) -> CodeMarker:
    """Builds one bucket, unless it is there.

    A clip that cannot be read or encoded has no codes and a reason in `BUCKET.bad.jsonl`;
    it is tried again by the next build.

    Raises:
      StoreError: it cannot be written, or two contents share a key.
    """
    clips = _clips_of_bucket(bucket, job)
    tokenizer = tokenizer_of(job.tokenizer, job.options, job.imports)
    stem, folder = bucket_name(bucket), Path(job.folder)
    source = CodeSource(
        bits=job.bits,
        tokenizer=tokenizer.fingerprint,
        clips=digest_of(f"{key} {clip.digest}" for key, clip in clips.items()),
    )
    units = whole_units(folder, stem, CodeMarker, source)
    unit = next((unit for unit in units if not unit.failed), None)
    if unit is not None:
        return unit
    index = np.zeros(len(clips), CLIP)
    failures: list[FailedClip] = []

    def write(handle: BinaryIO) -> None:
        codes = _encoded_clips(clips, index, failures, encoder)
        _write_array(handle, len(tokenizer.codebook_sizes), codes)

    files: dict[str, Write] = {
        ".npy": write,
        ".index.npy": lambda handle: np.save(handle, index, allow_pickle=False),
        ".bad.jsonl": lambda handle: handle.write(json_lines(failures)),
    }
    with naming_folder(folder), _CurrentClipNote(note_path(job, bucket)) as note:
        encoder = _ClipEncoder(job, tokenizer, EarlierCodes(folder), note)
        return publish_unit(folder, stem, files, lambda: _marker(source, index, failures))


def note_path(job: CodeJob, bucket: int) -> Path:
    """The note that says which clip of a bucket is being encoded.

    It has the name of its build: another part of the build may be at the same bucket.
    """
    return Path(job.folder) / f"{TEMPORARY}{bucket_name(bucket)}-at-{job.audio.build}"


def _marker(source: CodeSource, index: NDArray[Any], failures: list[FailedClip]) -> CodeMarker:
    return CodeMarker(
        source=source,
        failed=tuple(failure.content for failure in failures),
        count=len(index),
        frames=int(index["frames"].sum()),
        seconds=round(float(index["seconds"].sum(dtype=np.float64)), 3),
    )


def _clips_of_bucket(bucket: int, job: CodeJob) -> dict[int, _TableClip]:
    """The bucket's clips by content key, sorted; of ids with one content the first counts."""
    clips: dict[int, _TableClip] = {}
    for path in job.tables:
        rows = bucket_slice(open_table(Path(path)), "content", bucket, job.bits)
        columns = [rows[name].to_pylist() for name in _COLUMNS]
        for key, status, digest, identity, *values in zip(*columns, strict=True):
            if status != OK:
                continue
            first = clips.setdefault(key, _TableClip(NamedClip(*values), digest, identity))
            if first.digest != digest:
                raise StoreError(
                    f"the contents of {first.clip.id!r} and {values[0]!r} share a 64-bit key; "
                    "leave one of them out"
                )
    return dict(sorted(clips.items()))


def _encoded_clips(
    clips: Mapping[int, _TableClip],
    index: NDArray[Any],
    failures: list[FailedClip],
    encoder: _ClipEncoder,
) -> Iterator[NDArray[np.uint16]]:
    """Codes clip by clip; fills the index, and `failures` with what failed."""
    start = 0
    for row, (key, clip) in zip(index, clips.items(), strict=True):
        codes, seconds, reason = encoder.encode(key, clip)
        row["key"], row["start"], row["frames"], row["seconds"] = key, start, len(codes), seconds
        row["status"] = FAILED if reason else OK
        if reason:
            failures.append(FailedClip(clip.clip.id, clip.digest, reason))
        start += len(codes)
        yield codes


class _ClipEncoder:
    """Codes of one clip: an earlier build's, else the tokenizer's."""

    def __init__(
        self, job: CodeJob, tokenizer: AudioTokenizer, earlier: EarlierCodes, note: _CurrentClipNote
    ) -> None:
        self._job, self._tokenizer, self._earlier, self._note = job, tokenizer, earlier, note
        self._clip_reader = clip_reader_of(job.audio)
        self._no_codes = np.zeros((0, len(tokenizer.codebook_sizes)), np.uint16)

    def encode(self, key: int, row: _TableClip) -> _ClipCodes:
        earlier = self._earlier.find(key)
        if earlier is not None:
            return _ClipCodes(*earlier, "")
        clip = row.clip
        if clip.id in self._job.fatal:
            return self._failure(f"audio id {clip.id!r}: ends the process that reads it")
        # Should this clip end the process, the build learns from the note which it was.
        self._note.write(clip.id)
        try:
            codes, seconds = self._encoded(clip)
            identity = short(self._clip_reader.identity(clip.id, clip.record()))
        except RemoteError:
            raise
        except AudioFlanError as error:
            return self._failure(str(error))
        except Exception as error:  # a user's tokenizer may raise whatever it likes
            return self._failure(f"audio id {clip.id!r}: {type(error).__name__}: {error}")
        if identity != row.identity:
            return self._failure(f"audio id {clip.id!r}: the file changed during the build")
        return _ClipCodes(codes, seconds, "")

    def _failure(self, reason: str) -> _ClipCodes:
        return _ClipCodes(self._no_codes, 0.0, reason)

    def _encoded(self, clip: NamedClip) -> tuple[NDArray[np.uint16], float]:
        rate = self._tokenizer.sample_rate
        samples = 0

        def counted(blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
            nonlocal samples
            for block in blocks:
                samples += len(block)
                yield block

        blocks = counted(self._clip_reader.blocks(clip.id, rate, clip.record()))
        codes = encode_blocks(self._tokenizer, blocks)
        return codes, samples / rate


class _CurrentClipNote:
    """A file that says which clip is being encoded; gone when its unit ends by itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb", buffering=0)

    def write(self, audio_id: str) -> None:
        data = audio_id.encode("utf-8", "replace")
        os.pwrite(self._file.fileno(), data, 0)
        self._file.truncate(len(data))

    def __enter__(self) -> _CurrentClipNote:
        return self

    def __exit__(self, *unused: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def _write_array(handle: BinaryIO, columns: int, parts: Iterable[NDArray[np.uint16]]) -> None:
    """Writes parts [n, columns] as one .npy array whose length is known only at the end."""
    _write_header(handle, (0, columns))
    rows = 0
    for part in parts:
        handle.write(np.ascontiguousarray(part).data)
        rows += len(part)
    handle.seek(0)
    _write_header(handle, (rows, columns))


def _write_header(handle: BinaryIO, shape: tuple[int, int]) -> None:
    # NumPy pads headers, so that the length may grow to 21 digits without moving the data.
    np.lib.format.write_array_header_1_0(
        handle, {"descr": "<u2", "fortran_order": False, "shape": shape}
    )
