"""Where units of work run: in processes of this machine, on a Dask or Ray cluster, in parts.

A unit is a function that can be imported, and plain values. It leaves its files in a folder that
all machines see and returns a small plain value, so it does not matter where it runs, in which
order, or how often.
"""

from __future__ import annotations

from audioflan_tasks.runners.base import Runner, WorkerDiedError
from audioflan_tasks.runners.choice import RUNNERS, RunnerName, open_runner
from audioflan_tasks.runners.local import LocalRunner
from audioflan_tasks.runners.mapping import map_alone, map_items, map_stream
from audioflan_tasks.runners.parts import BuildPart, PartRunner

__all__ = [
    "RUNNERS",
    "BuildPart",
    "LocalRunner",
    "PartRunner",
    "Runner",
    "RunnerName",
    "WorkerDiedError",
    "map_alone",
    "map_items",
    "map_stream",
    "open_runner",
]
