"""Speed of the mixing engine beside its peers, on one machine in one run.

    pip install 'audioflan_tasks[torch,grain]' datasets array_record
    python benchmarks/mixing/run.py --folder DIR [--tasks 80 800] [--only ours] [--works AB]

Works A (text), B (codes) and C (audio on the fly) are those of `data.py`. Every loader runs in
a process of its own, one after the other; ratios are to the same work. `ours` reads flat
memory-mapped files through the store's reading surface; its texts are tokenized when
stored, those of the peers when read. The last table is of the plan alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

TOTAL = {"A": 40_000, "B": 6_000, "C": 400}


def main() -> None:
    """Builds the data, runs every loader, prints tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--tasks", type=int, nargs="+", default=[80])
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--works", default="ABC")
    parser.add_argument("--one", nargs=3, metavar=("LOADER", "WORK", "TASKS"))
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_measured(given.folder, *given.one[:2], int(given.one[2]), given.seconds)))
        return
    from data import build
    from loaders import LOADERS

    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run")
    for tasks in given.tasks:
        folder = given.folder / str(tasks)
        build(folder, tasks, TOTAL)
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for work in given.works:
            for name, (_, works) in LOADERS.items():
                if work in works and (not given.only or name in given.only):
                    found[name, work] = _run(folder, name, work, tasks, given.seconds)
        _print(tasks, found)
    _plan()


def _run(folder: Path, name: str, work: str, tasks: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, __file__, "--folder", str(folder), "--seconds", str(seconds),
               "--one", name, work, str(tasks)]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    except subprocess.TimeoutExpired:
        return {"error": "over 150 s"}
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1][:90]}
    shown: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return shown


def _measured(folder: Path, name: str, work: str, tasks: int, seconds: float) -> dict[str, Any]:
    from loaders import LOADERS

    _imported(name)
    if work == "C":
        # Importing torch alone makes the same decoding 1.8 times faster here (allocator).
        __import__("torch.utils.data")
    begun = time.perf_counter()
    stream = LOADERS[name][0](folder / work, work, tasks)
    next(stream)
    first = time.perf_counter() - begun
    for _ in range(8):
        next(stream)
    examples, ids, begun, cpu = 0, 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < seconds:
        batch, numbers = next(stream)
        examples += len(numbers)
        ids += batch.size
    wall, used = time.perf_counter() - begun, time.process_time() - cpu
    return {"first": first, "rate": examples / wall, "cpu": examples / used, "ids": ids / wall}


def _imported(name: str) -> None:
    """Imports are not part of the first batch."""
    wanted = {
        "ours": "audioflan_tasks.mixtures.plan", "torch_jsonl": "torch.utils.data",
        "hf_arrow": "datasets", "grain": "grain.python", "seqio": "seqio", "ours_tf": "tensorflow",
    }  # fmt: skip
    for module in (
        wanted.get(name),
        "audioflan_tasks.mixtures",
        "sentencepiece",
        "soundfile",
        "soxr",
    ):
        if module:
            __import__(module)


def _print(tasks: int, found: dict[tuple[str, str], dict[str, Any]]) -> None:
    print(f"\n{tasks} tasks\n")
    print("| loader | work | ex/s | ex per CPU s | ratio ours / it (CPU) | first batch s |")
    print("|---|---|---|---|---|---|")
    for (name, work), one in found.items():
        if "error" in one:
            print(f"| {name} | {work} | {one['error']} | | | |")
            continue
        own = found.get(("ours", work), {}).get("cpu")
        ratio = f"{own / one['cpu']:.2f}" if own else ""
        print(
            f"| {name} | {work} | {one['rate']:,.0f} | {one['cpu']:,.0f} | {ratio} "
            f"| {one['first']:.3f} |"
        )


def _plan() -> None:
    """The plan over the full release, no data behind it."""
    from audioflan_tasks.mixtures import paper_sizes, temperature
    from audioflan_tasks.mixtures.plan import Plan
    from audioflan_tasks.mixtures.shares import Shares

    sizes = paper_sizes()
    before = _private()
    begun = time.perf_counter()
    shares = Shares.constant(list(sizes), list(temperature(3).rates(sizes).values()))
    plan = Plan(shares, sizes, 1)
    plan.take(10**9, 256)
    seek = time.perf_counter() - begun
    begun = time.perf_counter()
    for step in range(0, 1_000_000, 256):
        plan.take(step, 256)
    speed = 1_000_000 / (time.perf_counter() - begun)
    share = shares.at(0)
    worst = max(
        np.abs(Plan(shares, sizes, seed).counts(20_000) / 20_000 - share).sum() / 2
        for seed in range(10)
    )
    print(f"\nplan over {sum(sizes.values()):,} rows of {len(sizes)} tasks")
    print(f"build and first 256 rows at step 10^9: {seek * 1e3:.1f} ms")
    print(f"rows named a second, 256 at a time: {speed:,.0f}")
    print(f"worst total variation at 20,000 steps over 10 seeds: {100 * worst:.3f} %")
    print(f"private memory added: {(_private() - before) / 2**20:.1f} MB")


def _private() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return 1024 * sum(int(n.split()[1]) for n in lines if n.startswith("Private_"))


if __name__ == "__main__":
    main()
