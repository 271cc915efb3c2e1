"""An evaluation that kills itself at a question (see test_resume.py).

Usage: python killed_evaluation.py FOLDER BATCH_SIZE WORKERS LAST
LAST is the number of the question at which it dies; 0 for never.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

import audioflan_tasks as af
from audioflan_tasks.evaluation import Prompt


def main(folder: Path, batch_size: int, workers: int, last: int = 0) -> None:
    """Writes the key of each question to `asked.txt` before it answers."""
    log = folder / "asked.txt"
    # The next number of a count is taken by one thread at a time.
    numbers = itertools.count(1)

    def answer(prompt: Prompt) -> str:
        with log.open("a") as file:
            file.write(f"{prompt.key}\n")
        if next(numbers) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return prompt.options[len(prompt.key) % len(prompt.options)]

    af.evaluate(
        answer, "Paralinguistic Attribute Recognition", folder / "run",
        tasks=["gender_recognition", "emotion_recognition"], batch_size=batch_size,
        workers=workers, proof_of_hearing=0,
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
