"""A slow evaluation in a process of its own, to be killed (see test_resume.py)."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import audioflan_tasks as af
from audioflan_tasks.config import settings
from audioflan_tasks.evaluation import Prompt


def main() -> None:
    """Arguments: folder, batch size, workers, seconds a question."""
    folder, batch_size, workers, pause = (
        Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    )  # fmt: skip
    settings.cache_dir = folder / "cache"
    log = (folder / "asked.txt").open("a", buffering=1)

    def slow(prompt: Prompt) -> Any:
        time.sleep(pause)
        log.write(f"{prompt.key}\n")
        return prompt.options[len(prompt.key) % len(prompt.options)]

    af.evaluate(
        slow, "Paralinguistic Attribute Recognition", folder / "run",
        tasks=["gender_recognition", "emotion_recognition"], batch_size=batch_size,
        workers=workers, proof_of_hearing=0, bootstrap_iters=50,
    )  # fmt: skip


if __name__ == "__main__":
    main()
