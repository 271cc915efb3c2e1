"""Temporary files and claims that end with their process, in folders that several share.

Each is locked for as long as it is written. The system releases a lock when its process ends,
however that ends, so what a killed process left behind can be told from what another is writing.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from audioflan_tasks.errors import SettingsError

__all__ = ["claimed_file", "remove_unclaimed", "sole_claim"]


@contextmanager
def sole_claim(lock: Path, refusal: str) -> Iterator[None]:
    """Lets one process at a time do some work; `lock` is the file of the claim, removed at the end.

    Raises:
      SettingsError: another process is at it, in the words of `refusal`.
      OSError: the folder cannot be written.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(refusal) from None
        # The process before removed it after it was opened here.
        if not os.fstat(handle.fileno()).st_nlink:
            raise SettingsError(refusal)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


@contextmanager
def claimed_file(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file that is open for writing, and its path; removed at the end if not renamed.

    Raises:
      OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, path = _claim(folder)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            yield handle, path
    finally:
        path.unlink(missing_ok=True)


def remove_unclaimed(folder: Path) -> None:
    """Removes the files of a folder whose processes have ended."""
    with suppress(OSError):
        for path in folder.iterdir():
            # One that is claimed, or was renamed meanwhile, is left alone.
            with suppress(OSError), path.open("rb") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()


def _claim(folder: Path) -> tuple[int, Path]:
    while True:
        descriptor, name = tempfile.mkstemp(dir=folder)
        # Some file systems have no locks: nothing is removed there.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Another process may have removed it before it was locked.
        if os.fstat(descriptor).st_nlink:
            return descriptor, Path(name)
        os.close(descriptor)
