"""Builds a store again and again, each time ended by a signal at a random moment.

Usage: python -m tests.store.killed_build TREE STORE TIMES SEED
A moment is the number of a call of a function, counted by the interpreter, so it does not
depend on the speed of the machine. A child is forked for each build, so that a kill costs no
start of Python. The signals take turns.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from audioflan_tasks.cli.stopping import Stop, end, stopped_by_signals
from audioflan_tasks.store import build_store
from tests.store.tokenizers import CHEAP_UNITS

# As in tests/conftest.py: a killed process leaves its files, whether it waited for the disk or not.
os.fsync = lambda fd: None

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def main(tree: str, store: Path, times: int, seed: int) -> None:
    """Prints for each build how it ended, and how many units were whole then."""
    # What a first build imports is no part of a build.
    build_store(tree, store.with_name("whole"), **CHEAP_UNITS)
    calls = calls_of(lambda: build_store(tree, store.with_name("counted"), **CHEAP_UNITS))
    draw = random.Random(seed)
    for number in range(times):
        # A part of a whole build each time, more than passes before its first unit.
        last = draw.randrange(calls // 8)
        status = forked(tree, store, last, SIGNALS[number % len(SIGNALS)])
        print(os.waitstatus_to_exitcode(status), len(list(store.rglob("*.done"))))
        if status == 0:
            # Nothing is left to stop: from the beginning again.
            shutil.rmtree(store)


def calls_of(build: Callable[[], object]) -> int:
    """Calls and returns of functions, C functions too, in a whole build."""
    count = 0

    def add(*unused: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(add)
    try:
        build()
    finally:
        sys.setprofile(None)
    return count


def forked(tree: str, store: Path, last: int, number: signal.Signals) -> int:
    """How a child ended that gets a signal at its call `last`, as `os.waitpid` says it."""
    child = os.fork()
    if not child:
        left = last

        def end_at_last(*unused: object) -> None:
            nonlocal left
            left -= 1
            if left == -1:
                sys.setprofile(None)
                os.kill(os.getpid(), number)

        try:
            with stopped_by_signals():
                sys.setprofile(end_at_last)
                build_store(tree, store, **CHEAP_UNITS)
                sys.setprofile(None)
        except Stop as stop:
            end(stop)
        os._exit(0)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
