"""An evaluation that sends itself a signal at a question (see test_resume.py).

Usage: python killed_evaluation.py FOLDER BATCH_SIZE WORKERS LAST SIGNAL
LAST is the number of the question at which it does; 0 for never. That question is never answered.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
from pathlib import Path

import audioflan_tasks as af
from audioflan_tasks.cli.stopping import Stop, end, stopped_by_signals
from audioflan_tasks.evaluation import Prompt


def main(
    folder: Path, batch_size: int, workers: int, last: int = 0, number: int = signal.SIGKILL
) -> None:
    """Writes the key of each question to `asked.txt` before it answers."""
    log = folder / "asked.txt"
    # The next number of a count is taken by one thread at a time.
    numbers = itertools.count(1)

    def answer(prompt: Prompt) -> str:
        with log.open("a") as file:
            file.write(f"{prompt.key}\n")
        if next(numbers) == last:
            os.kill(os.getpid(), number)
            # Of one worker this is the main thread, which the signal has ended by now.
            threading.Event().wait()
        return prompt.options[len(prompt.key) % len(prompt.options)]

    af.evaluate(
        answer, "Paralinguistic Attribute Recognition", folder / "run",
        tasks=["gender_recognition", "emotion_recognition"], batch_size=batch_size,
        workers=workers, proof_of_hearing=0,
    )  # fmt: skip


if __name__ == "__main__":
    try:
        with stopped_by_signals():
            main(Path(sys.argv[1]), *map(int, sys.argv[2:6]))
    except Stop as stop:
        end(stop)
