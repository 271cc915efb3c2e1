"""What reading costs as a store grows: speed, first batch, memory, maps, by number of shards.

    python benchmarks/scale.py [--shards 2 33 164 3564 33000] [--seconds 4] [--rounds 3]

Two shards are some 60,900 rows of all tasks of the demo corpus whose audio are files, half of which
keep their own words, with a tokenizer that costs nothing; more shards are these under more names
(`scale_store`). So content repeats and nothing is read from a cold disk: what is measured is what
grows with rows and shards in memory and in CPU time. Each size has a process of its own with at
most 1,024 file handles; batches are padded, 64 rows of at most 1,024 ids a side, default settings.

first batch    CPU seconds from opening the corpus to the first batch; the package is imported.
first second   examples in the first CPU second after that.
later          examples per CPU second beside those of two shards, which take turns with it in one
               process, 25,000 examples after their beginnings: the median of the rounds.
private        memory of the process beside what it had after importing (Anonymous), MB.
resident       with the mapped files, which are the page cache's, MB.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import audioflan_tasks as af
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.batching.batches import Batches, batches
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.tokens.text import text_side

sys.path.insert(0, str(Path(__file__).parent))
from scale_store import base_store, open_levels, replicated

LENGTHS = {"inputs": 1024, "targets": 1024}
HANDLES = 1024
# Enough to open each of 3,564 shards.
WARM = 25_000
COLUMNS = ("rows", "shards", "store.json MB", "first batch s", "first second", "later", "ratio",
           "private MB", "resident MB", "maps")  # fmt: skip


def main() -> None:
    """Prints one table."""
    if sys.argv[1:2] == ["--measure"]:
        paths, counts = sys.argv[2:4], sys.argv[4:6]
        print(json.dumps(measured(Path(paths[0]), Path(paths[1]), int(counts[0]), int(counts[1]))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shards", type=int, nargs="+", default=[2, 33, 164, 3564, 33_000])
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        base = base_store(folder)
        small = replicated(base, folder / "shards-2", 2)
        for shards in arguments.shards:
            large = replicated(base, folder / f"shards-{shards}", shards)
            command = [sys.executable, __file__, "--measure", str(small), str(large)]
            command += [str(arguments.seconds), str(arguments.rounds)]
            finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            facts = json.loads(finished.stdout.splitlines()[-1])
            size = (large / "store.json").stat().st_size / 1e6
            facts |= {"shards": f"{shards:,}", "store.json MB": f"{size:.2f}"}
            print("| " + " | ".join(str(facts[column]) for column in COLUMNS) + " |", flush=True)


def measured(small: Path, large: Path, seconds: int, rounds: int) -> dict[str, Any]:
    """The figures of a store."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (HANDLES, HANDLES))
    open_levels()
    text_side("sentencepiece")
    imported, _ = memory()
    begin = time.process_time()
    stream = opened(large)
    next(stream)
    first_s = time.process_time() - begin
    first_second = rate(stream, 1)
    count_up_to(stream, WARM)
    private, resident = memory()
    facts = {
        "rows": f"{sum(stream.stream.rows.sizes.values()):,}",
        "first batch s": f"{first_s:.2f}", "first second": f"{first_second:,.0f}",
        "private MB": f"{private - imported:,.0f}", "resident MB": f"{resident:,.0f}",
        "maps": f"{len(Path('/proc/self/maps').read_text().splitlines()):,}",
    }  # fmt: skip
    beside = opened(small)
    count_up_to(beside, WARM)
    pairs = [(rate(beside, seconds), rate(stream, seconds)) for _ in range(rounds)]
    later = statistics.median(large_rate for _, large_rate in pairs)
    ratio = statistics.median(large_rate / small_rate for small_rate, large_rate in pairs)
    return {**facts, "later": f"{later:,.0f}", "ratio": f"{ratio:.2f}"}


def opened(store: Path) -> Batches:
    """Batches of all tasks."""
    return batches(
        mixture("all"), corpus=Corpus(store), batch_size=64, lengths=LENGTHS, seed=1,
        options=af.ExampleOptions(tokenizer="levels"),
    )  # fmt: skip


def rate(stream: Batches, seconds: int) -> float:
    """Examples per CPU second."""
    begin, count = time.process_time(), 0
    while time.process_time() - begin < seconds:
        count += len(next(stream)["inputs"])
    return count / (time.process_time() - begin)


def count_up_to(stream: Batches, count: int) -> None:
    """Takes that many examples."""
    for _ in range(-(-count // 64)):
        next(stream)


def memory() -> tuple[float, float]:
    """Private and resident memory of this process, MB."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(size) / 1024 for name, size, *_ in (line.split() for line in lines)}
    return sizes["Anonymous:"], sizes["Rss:"]


if __name__ == "__main__":
    main()
