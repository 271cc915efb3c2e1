"""Builds a store again and again, each time killed at a random moment.

Usage: python -m tests.store.killed_build TREE STORE TIMES SEED
A moment is the number of a call of a function, counted by the interpreter, so it does not
depend on the speed of the machine. A child is forked for each build, so that a kill costs no
start of Python.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from audioflan_tasks.store import build_store
from tests.store.conftest import CHEAP_UNITS

# As in tests/conftest.py: a killed process leaves its files, whether it waited for the disk or not.
os.fsync = lambda fd: None


def main(tree: str, store: Path, times: int, seed: int) -> None:
    """Prints for each build whether it was killed and how many units were whole then."""
    # What a first build imports is no part of a build.
    build_store(tree, store.with_name("whole"), **CHEAP_UNITS)
    calls = calls_of(lambda: build_store(tree, store.with_name("counted"), **CHEAP_UNITS))
    draw = random.Random(seed)
    for _ in range(times):
        # A small part of a whole build each time, so that not all is done before the last.
        status = forked(tree, store, draw.randrange(calls // 8))
        print(int(os.WIFSIGNALED(status)), len(list(store.rglob("*.done"))))


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


def forked(tree: str, store: Path, last: int) -> int:
    """How a child ended that is killed at its call `last`, as `os.waitpid` says it."""
    child = os.fork()
    if not child:
        left = last

        def end(*unused: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(end)
        build_store(tree, store, **CHEAP_UNITS)
        os._exit(0)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
