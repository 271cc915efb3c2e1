"""One bucket of the code store: the codes of its clips, one after the other in one array.

`BUCKET.npy` is uint16 [frames, codebooks]; `BUCKET.index.npy` has a `layout.CLIP` for each
clip, sorted by content key. A clip whose codes an earlier build made is copied, not encoded.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import AudioFlanError, StoreError, TokenRangeError
from audioflan_tasks.store.builder.clips import Clip
from audioflan_tasks.store.builder.sources import clip_reader_of, tokenizer_of
from audioflan_tasks.store.layout import CLIP, FAILED, FORMAT, OK, bucket_name, bucket_of, digest_of
from audioflan_tasks.store.publish import (
    TEMPORARY,
    Write,
    damaged,
    explained,
    find_unit,
    json_lines,
    publish_unit,
    units_of,
)
from audioflan_tasks.store.tables import open_table, range_of, short
from audioflan_tasks.tokens import AudioTokenizer

__all__ = ["NOTE", "CodeJob", "Earlier", "build_codes"]

# End of the names of notes that say which clip is being encoded.
NOTE = "-at"

_Bucket: TypeAlias = tuple[NDArray[Any], NDArray[np.uint16]]


class CodeJob(NamedTuple):
    """What all code buckets of a build have in common; plain values.

    `tables` are the files of the clip table; `fatal` are ids of clips that ended their process.
    """

    root: str
    folder: str
    tables: tuple[str, ...]
    bits: int
    tokenizer: str
    options: str
    imports: tuple[str, ...]
    fatal: tuple[str, ...] = ()


class _Wanted(NamedTuple):
    """A clip of the bucket, with the digest and identity that the table noted."""

    clip: Clip
    digest: str
    identity: str


def build_codes(bucket: int, job: CodeJob) -> dict[str, Any]:
    """Builds one bucket, unless it is there; what its marker says.

    A clip that cannot be read or encoded has no codes and a reason in `BUCKET.bad.jsonl`;
    it is tried again by the next build.

    Raises:
      StoreError: it cannot be written, or two contents share a key.
    """
    wanted = _wanted(bucket, job)
    tokenizer = tokenizer_of(job.tokenizer, job.options, job.imports)
    stem, folder = bucket_name(bucket), Path(job.folder)
    facts = {
        "format": FORMAT,
        "bits": job.bits,
        "tokenizer": tokenizer.fingerprint,
        "clips": digest_of(f"{key} {one.digest}" for key, one in wanted.items()),
    }
    done = find_unit(folder, stem, **facts, failed=[])
    if done is not None:
        return done
    index = np.zeros(len(wanted), CLIP)
    bad: list[dict[str, Any]] = []

    def write(handle: BinaryIO) -> None:
        clips = _filled(wanted, index, bad, maker)
        _write_array(handle, len(tokenizer.codebook_sizes), clips)

    files: dict[str, Write] = {
        ".npy": write,
        ".index.npy": lambda handle: np.save(handle, index, allow_pickle=False),
        ".bad.jsonl": lambda handle: handle.write(json_lines(bad)),
    }
    with explained(folder), _Note(folder / f"{TEMPORARY}{stem}{NOTE}") as note:
        maker = _Maker(job, tokenizer, Earlier(folder), note)
        return publish_unit(
            folder,
            stem,
            files,
            lambda: {
                **facts,
                "failed": [one["content"] for one in bad],
                "count": len(wanted),
                "frames": int(index["frames"].sum()),
                "seconds": round(float(index["seconds"].sum(dtype=np.float64)), 3),
            },
        )


def _wanted(bucket: int, job: CodeJob) -> dict[int, _Wanted]:
    """The bucket's clips by content key, sorted; of ids with one content the first counts."""
    found: dict[int, _Wanted] = {}
    names = ("content", "status", "digest", "identity", "id", "path", "start", "end")
    for path in job.tables:
        table = open_table(Path(path))
        where = range_of(table["content"].to_numpy(), bucket, job.bits)
        part = table.slice(where.start, where.stop - where.start)
        columns = [part[name].to_pylist() for name in names]
        for key, status, digest, identity, *values in zip(*columns, strict=True):
            if status != OK:
                continue
            known = found.setdefault(key, _Wanted(Clip(*values), digest, identity))
            if known.digest != digest:
                raise StoreError(
                    f"the contents of {known.clip.id!r} and {values[0]!r} share a 64-bit key; "
                    "leave one of them out"
                )
    return dict(sorted(found.items()))


def _filled(
    wanted: Mapping[int, _Wanted], index: NDArray[Any], bad: list[dict[str, Any]], maker: _Maker
) -> Iterator[NDArray[np.uint16]]:
    """Codes clip by clip; fills the index, and `bad` with what failed."""
    at = 0
    for row, (key, one) in zip(index, wanted.items(), strict=True):
        codes, seconds, reason = maker(key, one)
        row["key"], row["start"], row["frames"], row["seconds"] = key, at, len(codes), seconds
        row["status"] = FAILED if reason else OK
        if reason:
            bad.append({"id": one.clip.id, "content": one.digest, "reason": reason})
        at += len(codes)
        yield codes


class _Maker:
    """Codes of one clip: an earlier build's, else the tokenizer's."""

    def __init__(
        self, job: CodeJob, tokenizer: AudioTokenizer, earlier: Earlier, note: _Note
    ) -> None:
        self._job, self._tokenizer, self._earlier, self._note = job, tokenizer, earlier, note
        self._sounds = clip_reader_of(job.root)
        self._none = np.zeros((0, len(tokenizer.codebook_sizes)), np.uint16)

    def __call__(self, key: int, one: _Wanted) -> tuple[NDArray[np.uint16], float, str]:
        """Codes [frames, codebooks], seconds of audio, and why there are none ("" if there are)."""
        kept = self._earlier.find(key)
        if kept is not None:
            return (*kept, "")
        clip = one.clip
        if clip.id in self._job.fatal:
            return self._none, 0.0, f"audio id {clip.id!r}: ends the process that reads it"
        # Should this clip end the process, the build learns here which it was.
        self._note.tell(clip.id)
        try:
            codes, seconds = self._encoded(clip)
            now = short(self._sounds.identity(clip.id, clip.record()))
        except AudioFlanError as error:
            return self._none, 0.0, str(error)
        except Exception as error:  # a user's tokenizer may raise whatever it likes
            return self._none, 0.0, f"audio id {clip.id!r}: {type(error).__name__}: {error}"
        if now != one.identity:
            return self._none, 0.0, f"audio id {clip.id!r}: the file changed during the build"
        return codes, seconds, ""

    def _encoded(self, clip: Clip) -> tuple[NDArray[np.uint16], float]:
        rate = self._tokenizer.sample_rate
        samples = 0

        def counted(pieces: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
            nonlocal samples
            for piece in pieces:
                samples += len(piece)
                yield piece

        pieces = counted(self._sounds.blocks(clip.id, rate, clip.record()))
        stream = getattr(self._tokenizer, "encode_stream", None)
        if stream is None:
            codes = self._tokenizer.encode(np.concatenate(list(pieces)))
        else:
            codes = np.concatenate([self._none, *stream(pieces)])
        return self._checked(codes), samples / rate

    def _checked(self, codes: NDArray[Any]) -> NDArray[np.uint16]:
        sizes = self._tokenizer.codebook_sizes
        if codes.ndim != 2 or codes.shape[1] != len(sizes):
            raise TokenRangeError(f"codes of shape {codes.shape}, not [frames, {len(sizes)}]")
        if codes.size and (codes.min() < 0 or (codes.max(axis=0) >= sizes).any()):
            raise TokenRangeError(f"codes outside their codebooks of sizes {sizes}")
        return np.ascontiguousarray(codes, np.uint16)


class _Note:
    """A file that says which clip is being encoded; gone when its unit ends by itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb", buffering=0)

    def tell(self, audio_id: str) -> None:
        data = audio_id.encode("utf-8", "replace")
        os.pwrite(self._file.fileno(), data, 0)
        self._file.truncate(len(data))

    def __enter__(self) -> _Note:
        return self

    def __exit__(self, *unused: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


class Earlier:
    """Codes that are there already, in this folder or one with another number of buckets.

    A bucket counts only if it is whole and its checksums hold, so that a damaged file is
    never copied into a new one.
    """

    def __init__(self, folder: Path) -> None:
        self._folders = [folder, *(f for f in sorted(folder.parent.glob("b*")) if f != folder)]
        self._open: dict[Path, list[_Bucket]] = {}

    def find(self, key: int) -> tuple[NDArray[np.uint16], float] | None:
        """Codes and seconds of a content, or None."""
        for folder in self._folders:
            stem = bucket_name(bucket_of(key, int(folder.name[1:])))
            for index, codes in self._buckets(folder, stem):
                at = int(np.searchsorted(index["key"], np.uint64(key)))
                if at < len(index) and index["key"][at] == key and index["status"][at] == OK:
                    start, frames = int(index["start"][at]), int(index["frames"][at])
                    return codes[start : start + frames], float(index["seconds"][at])
        return None

    def _buckets(self, folder: Path, stem: str) -> list[_Bucket]:
        where = folder / stem
        if where not in self._open:
            whole = [m for m in units_of(folder, stem) if not damaged(m)]
            units = [m.name.removesuffix(".done") for m in whole]
            self._open[where] = [
                (
                    np.load(folder / f"{unit}.index.npy", allow_pickle=False),
                    np.load(folder / f"{unit}.npy", mmap_mode="r", allow_pickle=False),
                )
                for unit in units
            ]
        return self._open[where]


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
