"""The store as it was before its last builds, kept for a time for those who have it open.

`earlier/FINGERPRINT.json` is a `store.json` that a build replaced, and its time of change is that
of the replacement. The units that it names stay as long as it does.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import msgspec

from audioflan_tasks.plain_files import read_plain_bytes
from audioflan_tasks.store.files import UNREADABLE, publish
from audioflan_tasks.store.layout import STORE_FILE
from audioflan_tasks.store.schema import StoreFile, UnitName

__all__ = ["EARLIER", "KEPT_DAYS", "earlier_units", "fingerprint_of", "keep_store_file"]

EARLIER = "earlier"

# How long a replaced store can still be read.
KEPT_DAYS = 7.0
_DAY_S = 86_400.0


def fingerprint_of(data: bytes) -> str:
    """What names a store by the bytes of its `store.json`."""
    return hashlib.sha256(data).hexdigest()[:16]


def keep_store_file(store: Path, facts: StoreFile) -> None:
    """Keeps `store.json` before it is replaced by `facts`, unless these are the same."""
    try:
        data = read_plain_bytes(store / STORE_FILE)
        if msgspec.json.decode(data, type=StoreFile) == facts:
            return
    except UNREADABLE:
        return
    publish(store / EARLIER / f"{fingerprint_of(data)}.json", lambda handle: handle.write(data))


def earlier_units(store: Path) -> set[UnitName]:
    """Units that are kept for readers; store files whose time has passed are removed."""
    units: set[UnitName] = set()
    oldest = time.time() - KEPT_DAYS * _DAY_S
    folder = store / EARLIER
    for path in folder.glob("*.json"):
        try:
            if path.stat().st_mtime <= oldest:
                path.unlink()
                continue
            units |= set(msgspec.json.decode(read_plain_bytes(path), type=StoreFile).units)
        except UNREADABLE:
            path.unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    return units
