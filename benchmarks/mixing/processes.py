"""Runs `measure.py` in one process or in several hosts, and watches their memory."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["WRITTEN", "Cell", "children", "missing", "run", "write"]

# A file beside data that were written whole.
WRITTEN = "COMPLETED"
LIMIT_S = 150.0
WRITE_LIMIT_S = 600.0
# glibc hands large arrays back to the kernel by default and then pays for their pages again. With
# these settings it keeps them; 32 MiB is the most that each of its versions takes.
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 25), "MALLOC_TRIM_THRESHOLD_": str(1 << 27)}
_MEASURE = Path(__file__).with_name("measure.py")


def missing(needs: tuple[str, ...]) -> str | None:
    """The first module that is not installed."""
    for module in needs:
        try:
            if importlib.util.find_spec(module.split(".")[0]) is None:
                return module.split(".")[0]
        except ValueError:
            return module.split(".")[0]
    return None


def write(folder: Path, name: str, work: str, tasks: int) -> str | None:
    """Writes a loader's form of the data unless it is there; what went wrong, if anything."""
    if (folder / WRITTEN).exists():
        return None
    print(f"{name}: writing data of work {work} to {folder}", file=sys.stderr, flush=True)
    command = [sys.executable, str(_MEASURE), "write", str(folder), name, work, str(tasks)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=WRITE_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"writing took over {WRITE_LIMIT_S:.0f} s"
    return _last(done.stderr) if done.returncode else None


def _kill(loaders: Iterable[_Child]) -> None:
    for loader in loaders:
        loader.kill()


@dataclass(frozen=True, slots=True)
class Cell:
    """What is measured: a loader in one work, in batches of `rows`, for so many seconds.

    `hosts` are processes side by side, `workers` those that each has. With `keeps_memory` glibc's
    allocator keeps large arrays. `has_share`: the error of the tasks' shares is measured too.
    """

    folder: Path
    name: str
    work: str
    tasks: int
    rows: int
    workers: int
    hosts: int
    seconds: float
    keeps_memory: bool
    has_share: bool


def run(cell: Cell) -> dict[str, Any]:
    """What a loader did; rates of several hosts are added."""
    command = [sys.executable, str(_MEASURE), "measure", str(cell.folder), cell.name, cell.work,
               str(cell.tasks), "--workers", str(cell.workers),
               "--seconds", str(cell.seconds)]  # fmt: skip
    command += ["--share"] if cell.has_share else []
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    environment = plain | (_ALLOCATOR if cell.keeps_memory else {})
    environment["BENCHMARK_ROWS"] = str(cell.rows)
    started = [
        _Child(command, environment | {"BENCHMARK_HOST": f"{host} {cell.hosts}"})
        for host in range(cell.hosts)
    ]
    watched = _Watch([child.process.pid for child in started])
    stop = threading.Timer(LIMIT_S, _kill, [started])
    stop.start()
    try:
        ready = [child.line() == "READY" for child in started]
        if all(ready):
            for child in started:
                child.go()
        lines = [child.line() if all(ready) else "" for child in started]
        if not all(line.startswith("{") for line in lines):
            over = not stop.is_alive()
            failed = next((c.error() for c in started if c.error()), "no answer")
            return {"error": f"over {LIMIT_S:.0f} s" if over else failed}
        found = [json.loads(line) for line in lines]
    finally:
        stop.cancel()
        for child in started:
            child.kill()
        peak = watched.stop()
    added = {key: sum(one[key] for one in found) for key in ("rate", "free")}
    first = max(one["first"] for one in found)
    return {**found[0], **added, "first": first, "peak": peak / 2**20}


class _Child:
    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            start_new_session=True, env=environment,
        )  # fmt: skip

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def error(self) -> str:
        self._errors.seek(0)
        return _last(self._errors.read())

    def kill(self) -> None:
        """The process and all its workers, which are in its group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class _Watch:
    """Peak of the private anonymous memory of processes and their descendants, 4 times a second."""

    def __init__(self, roots: list[int]) -> None:
        self._roots, self._peak, self._done = roots, 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.25):
            self._peak = max(self._peak, sum(map(_anonymous, self._roots)))

    def stop(self) -> int:
        """Peak in bytes."""
        self._done.set()
        self._thread.join()
        return self._peak


def _anonymous(pid: int) -> int:
    """RssAnon of a process tree; pages that a fork shares count in each process."""
    try:
        lines = (Path("/proc") / str(pid) / "status").read_text(encoding="utf-8").splitlines()
        own = sum(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
        return own + sum(map(_anonymous, children(pid)))
    except OSError:
        return 0


def children(pid: int) -> list[int]:
    """Processes that a process has started."""
    tasks = (Path("/proc") / str(pid)).glob("task/*/children")
    return [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]


def _last(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    wrong = [line for line in lines if "Error" in line]
    return (wrong or lines or [""])[-1].replace("|", "/")[:90]
