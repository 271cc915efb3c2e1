"""A simulation in two processes whose parent gets a signal when so many clips are written.

Usage: python killed_run.py FOLDER OUT TIMES CLIPS SIGNAL
Workers import this file as their parent does, so whichever is about to finish the next clip
sends the signal, and then waits for ever: it ends with its parent.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from pathlib import Path

from audioflan_tasks.cli.stopping import Stop, end, stopped_by_signals
from audioflan_tasks.preprocessors.simulate.runs import SimulationRun, presets, run, sounds

FOLDER, OUT = map(Path, sys.argv[1:3])
TIMES, CLIPS, NUMBER = map(int, sys.argv[3:6])


def kill_all(event: str, arguments: tuple[object, ...]) -> None:
    """Ends the parent before a clip too many gets its name."""
    is_clip = event == "os.rename" and str(arguments[1]).endswith(".flac")
    if is_clip and sum(not path.name.startswith(".") for path in OUT.rglob("*.flac")) >= CLIPS:
        parent = multiprocessing.parent_process()
        os.kill(os.getpid() if parent is None or parent.pid is None else parent.pid, NUMBER)
        threading.Event().wait()


sys.addaudithook(kill_all)

if __name__ == "__main__":
    preset = presets()["add_coloured_noise"]
    try:
        with stopped_by_signals():
            run(SimulationRun.plan(preset, sounds([FOLDER]), (), OUT, times=TIMES), workers=2)
    except Stop as stop:
        end(stop)
