"""Speed and memory of scoring text answers: 100,000 of a label task, and what costs most.

All texts differ. Prints a Markdown table; seconds are of the processor, not of the clock.
`--quick` takes a tenth of everything.
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
# Words of which every text has others, so that no text is met twice.
WORDS = tuple(
    word
    for line in (
        "so the answer number is read again and once more while rain falls on a tin roof where",
        "an old dog barks twice people laugh cars pass slowly behind the house a quiet tune plays",
    )
    for word in line.split()
)
TEXTS = (
    ("automatic_speech_recognition", 12),
    ("audio_caption", 11),
)
EVENTS = "{start:.2f}-{end:.2f} dog bark; {end:.2f}-24.{number:02d} car horn"


def main() -> int:
    """Prints the table."""
    count = 10_000 if "--quick" in sys.argv[1:] else 100_000
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| answers | task | CPU seconds | answers a CPU second | peak memory grew by |")
    print("|---|---|---|---|---|")
    label = catalogue.get("emotion_recognition")
    _timed(label, *_labels(label, 1000))  # imports scikit-learn
    for size in (count, 4 * count):
        _show(label, *_labels(label, size))
    for name, length in TEXTS:
        _timed(catalogue.get(name), *_texts(50, length, seed=1))  # imports its libraries
        _show(catalogue.get(name), *_texts(count // 10, length, seed=0))
    events = catalogue.get("sound_event_detection")
    spans = [
        EVENTS.format(start=n % 1000 / 100, end=n % 1000 / 100 + 1, number=n // 1000)
        for n in range(count // 10)
    ]
    _timed(events, spans[:50], spans[:50])
    _show(events, spans, spans)
    return 0


def _labels(row: TaskRow, count: int) -> tuple[list[str], list[str]]:
    rng = random.Random(0)
    references = [rng.choice(row.labels) for _ in range(count)]
    answers = [
        rng.choice(FORMS).format(label=rng.choice(row.labels), number=n) for n in range(count)
    ]
    return references, answers


def _texts(count: int, length: int, seed: int) -> tuple[list[str], list[str]]:
    """Texts that all differ, and answers with some other words."""
    rng = random.Random(seed)
    references = [" ".join(rng.choices(WORDS, k=length)) for _ in range(count)]
    answers = [
        " ".join(word if rng.random() < 0.8 else rng.choice(WORDS) for word in text.split())
        for text in references
    ]
    return references, answers


def _timed(row: TaskRow, references: list[str], answers: list[str]) -> float:
    start = time.process_time()
    score(row, references, answers)
    return time.process_time() - start


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
