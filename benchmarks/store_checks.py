"""What comparing a store with its checksums costs, as examples are streamed for the first time.

    python benchmarks/store_checks.py [--shards 2 3564] [--rounds 3]

Two streams over one store, the default and one of `check_store = False`, take turns of ten batches
in one process, so that both see the same machine. The store is that of benchmarks/scale.py. Each
round is a process of its own, in which nothing was read before. A figure is the examples per CPU
second with checks, divided by those without: the median of the turns, and then of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import audioflan_tasks as af
from audioflan_tasks.engine.batching.batches import Batches

sys.path.insert(0, str(Path(__file__).parent))
from scale import opened
from scale_store import base_store, open_levels, replicated

# Examples of each stream at which a window ends.
WINDOWS = (1_000, 5_000, 20_000, 40_000)
TURN, ROWS = 10, 64


def main() -> None:
    """Prints one table."""
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measured(Path(sys.argv[2]))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shards", type=int, nargs="+", default=[2, 3564])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| shards | " + " | ".join(f"to {end:,}" for end in WINDOWS) + " |")
    print("|---" * (1 + len(WINDOWS)) + "|")
    with tempfile.TemporaryDirectory() as folder:
        base = base_store(Path(folder))
        for shards in arguments.shards:
            store = replicated(base, Path(folder, f"shards-{shards}"), shards)
            command = [sys.executable, __file__, "--measure", str(store)]
            rounds = [
                json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
                for _ in range(arguments.rounds)
            ]
            cells = (f"{statistics.median(ratios):.2f}" for ratios in zip(*rounds, strict=True))
            print(f"| {shards:,} | " + " | ".join(cells) + " |", flush=True)


def measured(store: Path) -> list[float]:
    """The speed with checks beside that without, of each window."""
    open_levels()
    # What a process does once, such as importing, is no matter of checks.
    next(_stream(store, False))
    checked, unchecked = (_stream(store, is_checked) for is_checked in (True, False))
    ratios, turns, count = list[float](), list[float](), 0
    while len(ratios) < len(WINDOWS):
        # Who comes first meets what both need, such as pages that no process has touched.
        if len(turns) % 2:
            checked_s, unchecked_s = _turn(checked), _turn(unchecked)
        else:
            unchecked_s, checked_s = _turn(unchecked), _turn(checked)
        turns.append(unchecked_s / checked_s)
        count += TURN * ROWS
        if count >= WINDOWS[len(ratios)]:
            ratios.append(statistics.median(turns))
            turns.clear()
    return ratios


def _stream(store: Path, is_checked: bool) -> Batches:
    af.settings.check_store = is_checked
    return opened(store)


def _turn(stream: Batches) -> float:
    """CPU seconds of some batches."""
    begin = time.process_time()
    for _ in range(TURN):
        next(stream)
    return time.process_time() - begin


if __name__ == "__main__":
    main()
