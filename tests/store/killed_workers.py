"""A build of two processes whose parent gets a signal when so many units are whole.

Usage: python -m tests.store.killed_workers TREE STORE SIGNAL PLACE COUNT
PLACE is `publish`, before a unit gets its name, or `codes`, while a clip is encoded; COUNT says
at how many units or clips. Workers import this module as their parent does, so whichever comes to
the place sends the signal, to the parent alone, and then waits for ever: it ends with its parent,
or the pipe of this script's output never closes.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.cli.stopping import CONTINUED, Stop, end, note_command, stopped_by_signals
from audioflan_tasks.store import build_store
from tests.store.tokenizers import CHEAP_UNITS, MuLaw

# As in tests/conftest.py: a killed process leaves its files, whether it waited for the disk or not.
os.fsync = lambda fd: None

TREE, STORE, PLACE = sys.argv[1], Path(sys.argv[2]), sys.argv[4]
NUMBER, COUNT = int(sys.argv[3]), int(sys.argv[5])
_encode = MuLaw.encode
_clips = 0


def strike() -> None:
    """Sends the parent its signal and does no more."""
    parent = multiprocessing.parent_process()
    os.kill(os.getpid() if parent is None or parent.pid is None else parent.pid, NUMBER)
    threading.Event().wait()


def at_marker(event: str, arguments: tuple[object, ...]) -> None:
    """Strikes before the marker of a unit too many gets its name."""
    is_marker = event == "os.rename" and str(arguments[1]).endswith(".done")
    if is_marker and len(list(STORE.rglob("*.done"))) >= COUNT:
        strike()


def encode(self: MuLaw, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Strikes at a clip too many of this process."""
    global _clips
    _clips += 1
    if _clips > COUNT:
        strike()
    return _encode(self, waveform)


if PLACE == "publish":
    sys.addaudithook(at_marker)
else:
    MuLaw.encode = encode  # type: ignore[method-assign]

if __name__ == "__main__":
    CONTINUED.add("build")
    note_command("build")
    try:
        with stopped_by_signals():
            build_store(TREE, STORE, workers=2, **CHEAP_UNITS)
    except Stop as stop:
        end(stop)
