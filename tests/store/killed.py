"""Builds a store again and again, each time killed after a random moment.

Usage: python -m tests.store.killed TREE STORE TIMES LONGEST SEED
A child is forked for each build, so that a kill costs no start of Python.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

from audioflan_tasks.store import build_store
from audioflan_tasks.tokens import get_tokenizer
from tests.store.conftest import SMALL_UNITS


def main(tree: str, store: str, times: int, longest: float, seed: int) -> None:
    """Prints how many builds were killed; the others had ended by themselves."""
    draw = random.Random(seed)
    get_tokenizer()
    killed = 0
    for _ in range(times):
        child = os.fork()
        if not child:
            build_store(tree, store, **SMALL_UNITS)
            os._exit(0)
        time.sleep(draw.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    print(killed)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
