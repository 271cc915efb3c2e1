"""The local cache: whole files only, of bounded size, shared by the processes of a host.

    CACHE/remote-files/  (or another folder of whole files, such as CACHE/unpacked)
      s3/bucket/key      the file of s3://bucket/key; its time of change stands for its version
      .incoming/…        files that are being fetched, locked by who fetches them
      .lock .used        the bytes in use, changed by who holds the lock
      .most              the most bytes

A file has its name only when it is whole. One that is being opened is locked, and one that is open
or mapped stays readable after its name is gone: so any file may be removed to make room.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from audioflan_tasks.errors import RemoteError
from audioflan_tasks.remote.addresses import CACHE_FOLDER, shown_root
from audioflan_tasks.remote.servers import RemoteState

__all__ = ["FileCache", "cache_of"]

_DEFAULT_BYTES = 64 * 2**30
# Room is made for several files at once: to find the oldest, all are looked at.
_KEPT_SHARE = 0.9

Write = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class FileCache:
    """Whole files in a folder, for all processes of a host."""

    folder: Path

    @property
    def most_bytes(self) -> int:
        """The most bytes that files take together."""
        return _read_number(self.folder / ".most", _DEFAULT_BYTES)

    def set_most_bytes(self, count: int) -> None:
        """Sets the bound, for all who use the folder; it holds from the next file on."""
        if count == _read_number(self.folder / ".most", 0):
            return
        try:
            with self._locked():
                _write_number(self.folder / ".most", count)
        except OSError as error:
            raise RemoteError(
                f"{self.folder}: cannot be written ({error.strerror}); another folder: "
                "AUDIOFLAN_CACHE_DIR"
            ) from error

    def holds(self, place: Path, state: RemoteState) -> bool:
        """Whether a file is there as the server has it."""
        try:
            stat = place.stat()
        except OSError:
            return False
        return stat.st_mtime_ns == state.changed_ns and state.size in (None, stat.st_size)

    @contextlib.contextmanager
    def opening(self, place: Path) -> Iterator[bool]:
        """Keeps a file from being removed until it is open; whether it is there."""
        with contextlib.ExitStack() as stack:
            is_there = False
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                handle = stack.enter_context(place.open("rb", buffering=0))
                fcntl.flock(handle, fcntl.LOCK_SH)
                stat = os.fstat(handle.fileno())
                is_there = stat.st_nlink > 0
                # The time of use, by which the oldest are found; the time of change stays.
                os.utime(handle.fileno(), ns=(time.time_ns(), stat.st_mtime_ns))
            yield is_there

    def add(self, place: Path, state: RemoteState, write: Write) -> None:
        """Puts a file in its place, unless another process does at the same time.

        `write` writes all of it, or raises what ends this too.

        Raises:
          RemoteError: it is larger than the cache, or the cache cannot be written.
        """
        try:
            with self._incoming(place) as path:
                if self.holds(place, state):
                    return
                size = self._reserve(place, state.size or 0)
                try:
                    write(path)
                    size += self._reserve(place, path.stat().st_size - size)
                    self._publish(path, place, state)
                except BaseException:
                    self._reserve(place, -size)
                    raise
        except OSError as error:
            raise RemoteError(_full_text(self.folder, place, error)) from error

    def _publish(self, path: Path, place: Path, state: RemoteState) -> None:
        os.utime(path, ns=(time.time_ns(), state.changed_ns))
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
        place.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(FileNotFoundError):
                # Who opens an earlier version just now gets the one that it has looked at.
                fcntl.flock(stack.enter_context(place.open("rb")), fcntl.LOCK_EX)
            path.replace(place)

    def _reserve(self, place: Path, size: int) -> int:
        """Counts some more bytes (fewer, if negative), for which room is made; their number."""
        most = self.most_bytes
        if size > most:
            raise RemoteError(
                f"{shown_root(place)}: {size:,} bytes, more than the cache {self.folder} may "
                f"hold ({most:,}); raise it: AUDIOFLAN_REMOTE_CACHE_BYTES"
            )
        with self._locked():
            used = _read_number(self.folder / ".used", -1)
            if used < 0 or used + size > most:
                used = self._make_room(int(most * _KEPT_SHARE) - size)
            _write_number(self.folder / ".used", max(0, used + size))
        return size

    def _make_room(self, goal: int) -> int:
        """Removes files, those used longest ago first, until they take `goal` bytes; what is
        left."""
        _remove_abandoned(self.folder / ".incoming")
        folders = (path for path in self.folder.iterdir() if not path.name.startswith("."))
        files = [entry for folder in folders for entry in _files(folder)]
        used = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if used <= goal:
                break
            if _remove_unused(path):
                used -= size
        return used

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def _incoming(self, place: Path) -> Iterator[Path]:
        """An empty file of this process alone; others that fetch the same place wait."""
        folder = self.folder / ".incoming"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / hashlib.sha256(os.fsencode(place)).hexdigest()[:32]
        while True:
            with path.open("ab", buffering=0) as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if not _is_at(handle, path):
                    # Who had the lock has put this file in its place.
                    continue
                handle.truncate(0)
                try:
                    yield path
                finally:
                    if _is_at(handle, path):
                        path.unlink()
                return


def cache_of(place: Path) -> FileCache:
    """The cache that a place lies in."""
    parts = place.parts
    return FileCache(Path(*parts[: parts.index(CACHE_FOLDER) + 1]))


def _is_at(handle: FileIO, path: Path) -> bool:
    """Whether an open file still has that path."""
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _remove_abandoned(folder: Path) -> None:
    """Removes what processes that were killed had fetched of a file."""
    for path in folder.glob("*"):
        _remove_unused(path)


def _remove_unused(path: Path) -> bool:
    """Removes a file unless somebody fetches or opens it; whether it is gone."""
    try:
        with path.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except BlockingIOError:
        return False
    except FileNotFoundError:
        pass
    return True


def _files(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """Time of use, size and path of each file below a folder."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                yield stat.st_atime_ns, stat.st_size, path


def _read_number(path: Path, default: int) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return default


def _write_number(path: Path, number: int) -> None:
    # Of one length, in one write: who is killed here leaves the old number or the new one.
    path.touch()
    with path.open("r+b", buffering=0) as handle:
        handle.write(b"%020d" % number)


def _full_text(folder: Path, place: Path, error: OSError) -> str:
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    advice = (
        "make room, or let it hold less: AUDIOFLAN_REMOTE_CACHE_BYTES"
        if is_full
        else "is it writable? Another folder: AUDIOFLAN_CACHE_DIR"
    )
    return f"{shown_root(place)}: cannot be kept in {folder} ({error.strerror}); {advice}"
