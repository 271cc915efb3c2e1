"""Where the time of `af.batches` goes in a work of this benchmark, by the package's files.

    python benchmarks/mixing/profile_ours.py [--folder DIR] [--work D] [--warm 0 5]

Counted over 300 batches of 64 rows, after so many CPU seconds without a count, by Python's own
profiler: time in built-in functions and in other packages is that of the file that called them. The
profiler makes small functions look dearer than they are. "other packages" is NumPy above all.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import stored
from data import PACKED
from processes import write

import audioflan_tasks as af

HOME = str(Path(af.__file__).parent) + "/"
ROWS, TOP = 64, 12


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="that of run.py; else a temporary one")
    parser.add_argument("--work", choices="ABDE", default="D")
    parser.add_argument("--form", choices=("padded", "packed"), default="padded")
    parser.add_argument("--warm", type=float, nargs="+", default=[0, 5], help="CPU seconds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.folder or Path(temporary)) / "80" / arguments.work / "store"
        problem = write(folder, "af.batches", arguments.work, 80)
        if problem:
            raise SystemExit(problem)
        mix, corpus = stored.opened(folder, arguments.work, 80)
        pack_length = PACKED[arguments.work] if arguments.form == "packed" else None
        for seconds in arguments.warm:
            stream = af.batches(
                mix, corpus=corpus, batch_size=ROWS, form=arguments.form, pack_length=pack_length,
                seed=1,
            )  # fmt: skip
            until = time.process_time() + seconds
            while time.process_time() < until:
                next(stream)
            print(f"\nwork {arguments.work}, {arguments.form}, after {seconds:g} s\n")
            print(_profile(stream))


def _profile(stream: Any) -> str:
    """One row a file: the share of the time that is spent in it."""
    profiler = cProfile.Profile()
    profiler.runcall(lambda: [next(stream) for _ in range(300)])
    stats: Any = pstats.Stats(profiler)
    seconds: Counter[str] = Counter()
    for function, (_, _, own_seconds, _, callers) in stats.stats.items():
        if function[0].startswith(HOME):
            seconds[function[0].removeprefix(HOME)] += own_seconds
            continue
        for caller, facts in callers.items():
            is_ours = caller[0].startswith(HOME)
            seconds[caller[0].removeprefix(HOME) if is_ours else "other packages"] += facts[2]
    total = sum(seconds.values())
    lines = ["| file | share |", "|---|---|"]
    lines += [f"| `{file}` | {n / total:.0%} |" for file, n in seconds.most_common(TOP)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
