"""One loader in a process of its own: its form of the data, or its speed. Started by `run.py`.

Prints READY after the first batches and waits for a line, so that several hosts start together;
then one line of JSON.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from processes import WRITTEN, children

SHARE_AT = 20_000
# Examples that are not counted once all hosts are ready: what was fetched ahead in the meantime.
WARM = {"C": 256}
WARM_ELSE = 4096
# CPU seconds after the first batch after which a loader should be warm.
EARLY = 0.5


def main() -> None:
    """Writes the loader's data, or measures it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=("write", "measure"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("loader")
    parser.add_argument("work")
    parser.add_argument("tasks", type=int)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--share", action="store_true")
    arguments = parser.parse_args()
    # Loaders print what they like; the parent reads the rest of this stream.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if arguments.verb == "write":
        _write(arguments.folder, arguments.loader, arguments.work, arguments.tasks)
    else:
        figures = _measured(arguments, out)
        print(json.dumps(figures), file=out, flush=True)
    # Worker processes are ended by the parent, with the whole group.
    out.flush()
    os._exit(0)


def _write(folder: Path, name: str, work: str, tasks: int) -> None:
    from peers import loader

    write = loader(name).write
    if write is None:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write(folder, work, tasks)
    (folder / WRITTEN).touch()


def _measured(arguments: argparse.Namespace, out: Any) -> dict[str, Any]:
    from peers import loader

    row = loader(arguments.loader)
    for module in row.needs:
        importlib.import_module(module)
    workers = 0 if row.by_host else arguments.workers
    begin = time.perf_counter()
    stream = row.stream(arguments.folder, arguments.work, arguments.tasks, workers)
    tasks = [next(stream)[1]]
    first = time.perf_counter() - begin
    early = 0.0 if arguments.workers else _early(stream, tasks)
    print("READY", file=out, flush=True)
    sys.stdin.readline()
    ahead = WARM.get(arguments.work, WARM_ELSE)
    while ahead > 0:
        tasks.append(next(stream)[1])
        ahead -= len(tasks[-1])
    examples, begin, cpu = 0, time.perf_counter(), cpu_seconds()
    while time.perf_counter() - begin < arguments.seconds:
        numbers = next(stream)[1]
        examples += len(numbers)
        tasks.append(numbers)
    wall = time.perf_counter() - begin
    own, others = (after - before for after, before in zip(cpu_seconds(), cpu, strict=True))
    figures = {"first": first, "rate": examples / wall, "cpu": examples / (own + others)}
    # With a core for each process the slower side is the limit.
    figures["free"] = min(examples / own, workers * examples / others if others else math.inf)
    if not arguments.workers:
        figures["early"] = early / figures["cpu"]
        if arguments.share and arguments.loader != "limit":
            figures |= _share(stream, tasks, arguments)
    return figures


def _early(stream: Any, tasks: list[Any]) -> float:
    """Examples per CPU second in the half second that follows the first."""
    rate = 0.0
    for _ in range(2):
        begin, count = time.process_time(), 0
        while time.process_time() - begin < EARLY:
            tasks.append(next(stream)[1])
            count += len(tasks[-1])
        rate = count / (time.process_time() - begin)
    return rate


def cpu_seconds() -> tuple[float, float]:
    """CPU seconds of this process and of those that it has started."""
    ticks = sum(map(_ticks, children(os.getpid())))
    return time.process_time(), ticks / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    """Clock ticks of a process and of those that it has started."""
    try:
        stat = (Path("/proc") / str(pid) / "stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        # It has ended since it was listed.
        return 0
    user, system = stat.rpartition(")")[2].split()[11:13]
    return int(user) + int(system) + sum(map(_ticks, children(pid)))


def _share(stream: Any, seen: list[Any], arguments: argparse.Namespace) -> dict[str, float]:
    from data import counts_of, rates
    from table import total_variation

    until = time.perf_counter() + 2 * arguments.seconds
    count = sum(map(len, seen))
    while count < SHARE_AT and time.perf_counter() < until:
        seen.append(next(stream)[1])
        count += len(seen[-1])
    drawn = np.concatenate(seen)[:SHARE_AT]
    wanted = rates(counts_of(arguments.tasks, arguments.work))
    return {"share": total_variation(drawn, wanted), "drawn": len(drawn)}


if __name__ == "__main__":
    main()
