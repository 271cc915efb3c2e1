"""Builds a part of a store, and kills itself when it has published so many units.

Usage: python -m tests.store.killed_part TREE STORE I/N LAST     (LAST 0: to the end)
"""

from __future__ import annotations

import os
import signal
import sys

from audioflan_tasks.runners import BuildPart
from audioflan_tasks.store import build_store
from tests.store.tokenizers import CHEAP_UNITS

# As in tests/conftest.py: a killed process leaves its files, whether it waited for the disk or not.
os.fsync = lambda fd: None

TREE, STORE, PART, LAST = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
_published = 0


def at_marker(event: str, arguments: tuple[object, ...]) -> None:
    """Kills before one marker more gets its name."""
    global _published
    if event == "os.rename" and str(arguments[1]).endswith(".done"):
        if _published == LAST:
            os.kill(os.getpid(), signal.SIGKILL)
        _published += 1


if __name__ == "__main__":
    if LAST:
        sys.addaudithook(at_marker)
    build_store(TREE, STORE, part=BuildPart.parse(PART), **CHEAP_UNITS)
