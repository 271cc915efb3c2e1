"""Speed of the mixing engine beside its peers, on one machine in one run.

    pip install torch==2.13.0 grain array_record datasets lhotse webdataset megatron-energon
    pip install transformers brotli catalogue 'python-snappy<1' xxhash zstd
    pip install --no-deps mosaicml-streaming
    python benchmarks/mixing/run.py --folder DIR [--tasks 80] [--works ABC] [--only ours grain]

mosaicml-streaming pins NumPy below 2.2 and transformers below 5, which the others do not go with;
it runs with newer ones. A loader that is not installed is a row that says so.

Works A (text), B (codes) and C (audio on the fly) are those of `data.py`. Each loader runs in a
process of its own, one after the other: alone, then with worker processes. Each peer reads the
form of the data that it reads fastest, written once under DIR. `ours` is what users call:
`batches` over a store, whose texts were tokenized when stored, those of the peers when read; its
examples have roles and a loss mask, in B an instruction and an answer too. `ours_codes` does in B
what the peers do and no more; `ours_packed`, with `--only`, packs rows for a decoder. `ours_tf` is
`get_dataset()` that passes through each example's task, as stock seqio does in its row, or with
BENCHMARK_ALL=1 all provenance. The share error is the total variation of the tasks' shares from
the wanted ones after 20,000 examples; memory is the private anonymous memory of all processes of a
loader. All run with the same settings of glibc's allocator (`processes.py`). The last lines are of
the plan alone.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from peers import PEERS, loader
from processes import missing, run, write
from table import goals, table


def main() -> None:
    """Builds the data, runs every loader, prints tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--tasks", type=int, nargs="+", default=[80])
    parser.add_argument("--works", default="ABC")
    parser.add_argument("--only", nargs="+", default=[], help="loaders by name")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=1, help="the median is shown")
    parser.add_argument("--no-plan", action="store_true", help="leave the plan's table out")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run")
    for tasks in given.tasks:
        found: dict[tuple[str, str, int], dict[str, Any]] = {}
        for work in given.works:
            for name in given.only or ("limit", "ours", "ours_codes", "ours_tf", *list(PEERS)[1:]):
                for workers in (0, given.workers):
                    one = _run(given, name, work, tasks, workers)
                    if one is not None:
                        found[name, work, workers] = one
            print(
                f"\n{tasks} tasks, work {work}\n\n{table(found, work, given.workers)}", flush=True
            )
        print("", *goals(found, given.workers), sep="\n")
    if not given.no_plan:
        _plan()


def _run(
    given: argparse.Namespace, name: str, work: str, tasks: int, workers: int
) -> dict[str, Any] | None:
    """One cell of the tables; None for a work that the loader does not do."""
    try:
        row = loader(name)
    except ImportError as error:
        return {"error": f"not installed ({error.name})"}
    if work not in row.works:
        return None
    absent = missing(row.needs)
    if absent:
        return {"error": f"not installed ({absent})"}
    begun = time.perf_counter()
    folder = given.folder / str(tasks) / work / name
    wrong = write(folder, name, work, tasks)
    if wrong:
        return {"error": wrong}
    hosts = max(1, workers) if row.by_host else 1
    runs = [
        run(folder, name, work, tasks, workers=workers, hosts=hosts, seconds=given.seconds)
        for _ in range(given.repeats)
    ]
    took = time.perf_counter() - begun
    print(f"{name} {work} {workers or 1}: {took:.0f} s", file=sys.stderr, flush=True)
    runs.sort(key=lambda one: one.get("rate", 0.0))
    return runs[len(runs) // 2]


def _plan() -> None:
    """The plan over the full release, no data behind it."""
    from audioflan_tasks.mixtures import paper_sizes, temperature
    from audioflan_tasks.mixtures.plan.plan import Plan
    from audioflan_tasks.mixtures.plan.shares import Shares

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
