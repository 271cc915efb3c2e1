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
from pathlib import Path
from typing import Any

__all__ = ["missing", "run", "write"]

LIMIT_S = 150.0
# glibc hands arrays of this size back to the kernel by default and then pays for their pages
# again: decoding runs 1.5 times faster without. Importing torch has the same effect, so that
# without this a loader would gain or lose by its imports.
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 26), "MALLOC_TRIM_THRESHOLD_": str(1 << 27)}
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
    command = [sys.executable, str(_MEASURE), "write", str(folder), name, work, str(tasks)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "writing took over 300 s"
    return _last(done.stderr) if done.returncode else None


def _kill(children: Iterable[_Child]) -> None:
    for child in children:
        child.kill()


def run(
    folder: Path, name: str, work: str, tasks: int, *, workers: int, hosts: int, seconds: float
) -> dict[str, Any]:
    """What one loader did; rates of several hosts are added."""
    command = [sys.executable, str(_MEASURE), "measure", str(folder), name, work, str(tasks),
               "--workers", str(workers), "--seconds", str(seconds)]  # fmt: skip
    started = [_Child(command, f"{host} {hosts}") for host in range(hosts)]
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
    added = {key: sum(one[key] for one in found) for key in ("rate", "ids")}
    first = max(one["first"] for one in found)
    return {**found[0], **added, "first": first, "peak": peak / 2**20}


class _Child:
    def __init__(self, command: list[str], host: str) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            start_new_session=True,
            env={**os.environ, **_ALLOCATOR, "BENCHMARK_HOST": host},
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
    home = Path("/proc") / str(pid)
    try:
        lines = (home / "status").read_text(encoding="utf-8").splitlines()
        children = [n for c in home.glob("task/*/children") for n in c.read_text().split()]
    except OSError:
        return 0
    own = sum(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
    return own + sum(_anonymous(int(child)) for child in children)


def _last(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    wrong = [line for line in lines if "Error" in line]
    return (wrong or lines or [""])[-1].replace("|", "/")[:90]
