"""A simulation in two processes that are killed together when so many clips are written.

Usage: python killed_simulation.py FOLDER OUT TIMES CLIPS
Workers import this file as their parent does, so whichever writes that clip kills all. Start it
in a session of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from audioflan_tasks.preprocessors.simulate.runs import Run, job, presets, run, sounds

FOLDER, OUT = map(Path, sys.argv[1:3])
TIMES, CLIPS = map(int, sys.argv[3:5])

write = job.write


def write_and_kill(*arguments: Any) -> None:
    """Writes a clip, and ends the process group if it is the last one that is to be written."""
    write(*arguments)
    if len(list(OUT.rglob("*.flac"))) >= CLIPS:
        os.killpg(0, signal.SIGKILL)


job.write = write_and_kill

if __name__ == "__main__":
    run(Run.of(presets()["add_coloured_noise"], sounds([FOLDER]), (), OUT, times=TIMES), processes=2)
