"""Speed and memory of scoring text answers: 100,000 of a label task, and what costs most.

Prints a Markdown table. `--quick` takes a tenth of everything.
"""

from __future__ import annotations

import os
import platform
import random
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics import score

FORMS = (
    "{label}",
    "The emotion is {label}.",
    "I think that in clip {number} the speaker sounds {label} overall.",
    "{label}\n",
    "<think>it may be clip {number}</think> {label}",
)
TEXTS = (
    ("automatic_speech_recognition", "so the answer number {number} is read again and again"),
    ("audio_caption", "a dog barks {number} times while rain falls on a tin roof"),
    ("sound_event_detection", "0.10-1.20 dog bark; 1.50-2.{number:02d} car horn"),
)


def main() -> int:
    """Prints the table."""
    count = 10_000 if "--quick" in sys.argv[1:] else 100_000
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| answers | task | seconds | answers a second | peak memory grew by |")
    print("|---|---|---|---|---|")
    label = catalogue.get("emotion_recognition")
    _timed(label, *_labels(label, 1000))  # imports scikit-learn
    for size in (count, 4 * count):
        _show(label, *_labels(label, size))
    for name, form in TEXTS:
        texts = [form.format(number=n % 90) for n in range(count // 10)]
        _show(catalogue.get(name), texts, [t.replace("again", "once more") for t in texts])
    return 0


def _labels(row: TaskRow, count: int) -> tuple[list[str], list[str]]:
    rng = random.Random(0)
    references = [rng.choice(row.labels) for _ in range(count)]
    answers = [
        rng.choice(FORMS).format(label=rng.choice(row.labels), number=n) for n in range(count)
    ]
    return references, answers


def _timed(row: TaskRow, references: list[str], answers: list[str]) -> float:
    start = time.perf_counter()
    score(row, references, answers)
    return time.perf_counter() - start


def _show(row: TaskRow, references: list[str], answers: list[str]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = _timed(row, references, answers)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"| {len(answers):,} | {row.id} | {seconds:.1f} | {len(answers) / seconds:,.0f} "
        f"| {grown:.0f} MiB |"
    )


if __name__ == "__main__":
    raise SystemExit(main())
