"""A build of two processes that are killed together when so many units are whole.

Usage: python -m tests.store.killed_workers TREE STORE UNITS
Workers import this module as their parent does, so whichever is about to finish the next unit
kills all. Start it in a session of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from audioflan_tasks.store import build_store
from tests.store.conftest import CHEAP_UNITS

# As in tests/conftest.py: a killed process leaves its files, whether it waited for the disk or not.
os.fsync = lambda fd: None

TREE, STORE, UNITS = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])


def kill_all(event: str, arguments: tuple[object, ...]) -> None:
    """Ends the process group before the marker of a unit too many gets its name."""
    is_marker = event == "os.rename" and str(arguments[1]).endswith(".done")
    if is_marker and len(list(STORE.rglob("*.done"))) >= UNITS:
        os.killpg(0, signal.SIGKILL)


sys.addaudithook(kill_all)

if __name__ == "__main__":
    build_store(TREE, STORE, workers=2, **CHEAP_UNITS)
