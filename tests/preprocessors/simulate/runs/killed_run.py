"""A simulation in two processes that are killed together when so many clips are written.

Usage: python killed_run.py FOLDER OUT TIMES CLIPS
Workers import this file as their parent does, so whichever is about to finish the next clip
kills all. Start it in a session of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from audioflan_tasks.preprocessors.simulate.runs import SimulationRun, presets, run, sounds

FOLDER, OUT = map(Path, sys.argv[1:3])
TIMES, CLIPS = map(int, sys.argv[3:5])


def kill_all(event: str, arguments: tuple[object, ...]) -> None:
    """Ends the process group before a clip too many gets its name."""
    is_clip = event == "os.rename" and str(arguments[1]).endswith(".flac")
    if is_clip and sum(not path.name.startswith(".") for path in OUT.rglob("*.flac")) >= CLIPS:
        os.killpg(0, signal.SIGKILL)


sys.addaudithook(kill_all)

if __name__ == "__main__":
    preset = presets()["add_coloured_noise"]
    run(SimulationRun.plan(preset, sounds([FOLDER]), (), OUT, times=TIMES), workers=2)
