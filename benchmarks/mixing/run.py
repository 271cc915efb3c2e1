"""Speed of the mixing engine beside its peers, on one machine in one run.

    pip install torch==2.13.0 grain array_record datasets lhotse webdataset megatron-energon
    pip install transformers brotli catalogue 'python-snappy<1' xxhash zstd
    pip install --no-deps mosaicml-streaming
    python benchmarks/mixing/run.py [--quick] [--works ABCDE] [--only af.batches grain ...]

mosaicml-streaming pins NumPy below 2.2 and transformers below 5, which the others do not go with;
it runs with newer ones. A loader that is not installed is a row that says so. `--quick` takes one
to two minutes: our loaders and `pretok` in work D, without TensorFlow.

Works A (text), B (codes) and C (audio on the fly) are those of `data.py`, with tasks of their own.
D (short clips) and E (clips as in B) are the 80 tasks of the catalogue, with options and slots,
over records of the demo corpus (`real.py`): for these only our loaders and `pretok` are there. Each
loader runs in a process of its own, one after the other: alone, then with worker processes. Each
peer reads the form of the data that it reads fastest, written once under `--folder`.

What users call: `af.batches`, `TorchBatches` (in a DataLoader), `TorchLoader` (the same with many
batches a message), each with `-packed` for rows of a decoder; `get_dataset`, and with the
provenance `task` alone. They read a store, whose texts were tokenized when stored, those of the
peers when read; examples are whole, with roles and a loss mask. `codes` does in B what the peers do
and no more. `limit` reads rows of memory maps without a plan, `pretok` ready ids of the same
examples (`peers/pretok.py`): ceilings, not peers.

All are run twice: with glibc's allocator as it is, and with MALLOC_* that let it keep large arrays
(`processes.py`). CPU seconds are of all processes of a loader. "with free cores" is the rate that
the slower side, this process or its workers, would reach with a core for each. "second half
second" is its rate beside the later one, after the first batch; the share error the total
variation of the tasks' shares from the wanted ones after 20,000 examples; memory is the private
anonymous memory of all processes of a loader. The last lines are of the plan alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ours import LOADERS
from peers import PEERS, loader
from processes import Cell, missing, run, write
from table import CEILINGS, goals, table

# Whether the allocator keeps memory.
ALLOCATORS = {"both": (False, True), "default": (False,), "kept": (True,)}
QUICK = ("pretok", "af.batches", "TorchBatches", "TorchLoader")


def main() -> None:
    """Builds the data, runs every loader, prints tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where data are kept; else a temporary one")
    parser.add_argument("--quick", action="store_true", help="ours and pretok in work D")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--tasks", type=int, nargs="+", default=[80])
    parser.add_argument("--works", default="ABCDE")
    parser.add_argument("--rows", type=int, nargs="+", default=[64], help="of a batch, not in C")
    parser.add_argument("--only", nargs="+", choices=[*CEILINGS, *LOADERS, *PEERS], metavar="NAME",
                        default=[*PEERS, *LOADERS], help="loaders by name")  # fmt: skip
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1, help="the best is shown")
    parser.add_argument("--malloc", choices=ALLOCATORS, default="both",
                        help="the allocator as it is, told to keep memory, or both")  # fmt: skip
    parser.add_argument("--no-share", action="store_true", help="leave the errors of shares out")
    parser.add_argument("--no-plan", action="store_true", help="leave the plan's table out")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.works, arguments.only, arguments.seconds = "D", QUICK, 1.0
        arguments.malloc, arguments.no_share, arguments.no_plan = "default", True, True
    if importlib.util.find_spec("torch") is None:
        print("torch is not installed: rows that need it say so (pip install torch)")
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as temporary:
        arguments.folder = arguments.folder or Path(temporary)
        for tasks in arguments.tasks:
            for rows in arguments.rows:
                _tables(arguments, tasks, rows)
    if not arguments.no_plan:
        _plan()


def _tables(arguments: argparse.Namespace, tasks: int, rows: int) -> None:
    """One table a work, and the aims."""
    for work in arguments.works:
        cells = {
            (name, work, workers): _cells(arguments, name, work, tasks, rows, workers)
            for name in arguments.only for workers in (0, arguments.workers)
        }  # fmt: skip
        results = _best(cells, arguments.rounds)
        print(f"\n{tasks} tasks, work {work}, {rows} rows a batch", end="\n\n")
        print(table(results, work, arguments.workers), end="\n\n")
        print(*goals(results, work, arguments.workers), sep="\n", flush=True)


def _cells(
    arguments: argparse.Namespace, name: str, work: str, tasks: int, rows: int, workers: int
) -> list[Cell] | str:
    """What is measured, by setting of the allocator; why it cannot be, or nothing to do."""
    try:
        row = loader(name)
    except ImportError as error:
        return f"not installed ({error.name})"
    if work not in row.works or (workers and row.is_alone):
        return []
    absent = missing(row.needs)
    if absent:
        return f"not installed ({absent})"
    folder = arguments.folder / str(tasks) / work / (row.form or name)
    return write(folder, name, work, tasks) or [
        Cell(
            folder, name, work, tasks, rows, workers, max(1, workers) if row.by_host else 1,
            arguments.seconds, keeps_memory, not arguments.no_share,
        )
        for keeps_memory in ALLOCATORS[arguments.malloc]
    ]  # fmt: skip


def _best(
    cells: Mapping[tuple[str, str, int], list[Cell] | str], rounds: int
) -> dict[tuple[str, str, int], list[dict[str, Any]]]:
    """The best of the rounds, in which all take turns: other work of a machine only slows."""
    results: dict[Cell, list[dict[str, Any]]] = defaultdict(list)
    flat = [cell for row in cells.values() if not isinstance(row, str) for cell in row]
    for number in range(rounds):
        for cell in flat:
            begin = time.perf_counter()
            results[cell].append(run(cell))
            took = time.perf_counter() - begin
            print(
                f"{cell.work} {cell.name}, {cell.workers} workers, round {number + 1} of {rounds}: "
                f"{took:.0f} s", file=sys.stderr, flush=True,
            )  # fmt: skip
    best = {cell: max(of_cell, key=_speed) for cell, of_cell in results.items()}
    return {
        key: [{"error": row}] if isinstance(row, str) else [best[cell] for cell in row]
        for key, row in cells.items() if row
    }  # fmt: skip


def _speed(result: dict[str, Any]) -> float:
    return float(result.get("cpu", 0))


def _plan() -> None:
    """The plan over the full release, no data behind it."""
    from audioflan_tasks.mixtures import paper_sizes, temperature
    from audioflan_tasks.mixtures.plan.plan import Plan
    from audioflan_tasks.mixtures.plan.shares import Shares

    sizes = paper_sizes()
    before = _private()
    begin = time.perf_counter()
    shares = Shares.constant(list(sizes), list(temperature(3).rates(sizes).values()))
    plan = Plan(shares, sizes, 1)
    plan.take(10**9, 256)
    seek = time.perf_counter() - begin
    begin = time.perf_counter()
    for step in range(0, 1_000_000, 256):
        plan.take(step, 256)
    speed = 1_000_000 / (time.perf_counter() - begin)
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
