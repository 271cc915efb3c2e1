"""One build at a time in a store, or parts of one together."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from audioflan_tasks.errors import StoreError

__all__ = ["LOCK_FILE", "locked"]

LOCK_FILE = ".lock"


@contextlib.contextmanager
def locked(store: Path, *, is_part: bool = False) -> Iterator[None]:
    """Holds the store's lock, which the system releases even if this process is killed.

    `is_part` is for parts of a build, which do not mind each other.

    Raises:
      StoreError: another build holds it, or the folder cannot be written.
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        handle = (store / LOCK_FILE).open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{store}: cannot be written ({error.strerror})") from error
    with handle:
        try:
            kind = fcntl.LOCK_SH if is_part else fcntl.LOCK_EX
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            holder = handle.read().strip() or "parts of a build, or one that begins or ends"
            raise StoreError(
                f"{store}: another build is writing it ({holder}); wait for it, or choose "
                "another --out"
            ) from None
        if is_part:
            yield
            return
        handle.truncate(0)
        handle.write(f"process {os.getpid()} on {socket.gethostname()}")
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)
