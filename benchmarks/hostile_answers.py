"""How long a hostile answer of 100 kB takes to be read, for every form of answer.

    python benchmarks/hostile_answers.py [--best-of 3]

An answer is a short unit again and again: those of tests/metrics/test_any_answer.py, which are
pieces of answers that parsers look for. Each is read by a task of each form of answer, and by some
with rules of their own. Seconds are of the processor, the best of a few: the machine may be busy.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics import parse
from tests.metrics.test_any_answer import ROWS, UNITS, units_of

SIZE, SEEDS, SHOWN = 100_000, 6, 5
MOST_MS = 50.0
PROMPT = "Format: 0.5 jazz (A) jazz (B) hip-hop"
# Tasks whose answers are read by rules that the others of their form do not have.
MORE_TASKS = (
    "age_recognition", "automatic_speech_recognition", "chord_estimation", "genre_classification",
    "intent_classification", "key_detection", "tempo_comparison",
)  # fmt: skip


def main() -> None:
    """Prints how many take longer than `MOST_MS`, and a table of the slowest."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--best-of", type=int, default=3)
    repeats = parser.parse_args().best_of
    rows = {row.answer: row for row in reversed(ROWS)}
    rows |= {name: catalogue.get(name) for name in MORE_TASKS}
    units = [*UNITS, *(unit for seed in range(SEEDS) for unit in units_of(seed))]
    # Tables of words are made when a task is first read.
    for row in rows.values():
        read_ms(row, "jazz", 1)
    times = sorted(
        ((read_ms(row, unit, repeats), row.id, unit) for row in rows.values() for unit in units),
        reverse=True,
    )
    count = sum(ms > MOST_MS for ms, _, _ in times)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{count} of {len(times):,} ({len(rows)} tasks, {len(units)} units) over {MOST_MS:g} ms")
    print("\n| CPU ms | task | unit |\n|---|---|---|")
    for ms, task, unit in times[:SHOWN]:
        print(f"| {ms:.0f} | {task} | `{unit!r}` |")


def read_ms(row: TaskRow, unit: str, repeats: int) -> float:
    """CPU milliseconds to read an answer, of which each time another end keeps it from caches."""
    seconds = []
    for number in range(repeats):
        answer = unit * (SIZE // len(unit)) + f"x{number}"
        begin = time.thread_time()
        parse(row, answer, row.labels or ("jazz", "hip-hop"), prompt=PROMPT)
        seconds.append(time.thread_time() - begin)
    return 1000 * min(seconds)


if __name__ == "__main__":
    main()
