"""`audioflan` by several processes, of which one is killed when so many clips have their names.

Usage: STOP="SIGNAL WHO COUNT" python -m tests.recipes.killed_import import … --out OUT
WHO is `parent`, which gets the signal from a worker that then waits for ever, or `worker`, which
ends itself. Workers import this module as their parent does.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from pathlib import Path

from audioflan_tasks.cli import main

NUMBER, WHO, COUNT = os.environ["STOP"].split()
OUT = Path(sys.argv[sys.argv.index("--out") + 1])


def strike(event: str, arguments: tuple[object, ...]) -> None:
    """Kills before a clip too many gets its name."""
    parent = multiprocessing.parent_process()
    if event != "os.rename" or parent is None or parent.pid is None:
        return
    if len([*OUT.glob("audio_files/*/*/*/[!.]*")]) >= int(COUNT):
        os.kill(parent.pid if WHO == "parent" else os.getpid(), int(NUMBER))
        threading.Event().wait()


sys.addaudithook(strike)

if __name__ == "__main__":
    main()
