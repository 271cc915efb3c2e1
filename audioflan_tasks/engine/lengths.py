"""Mean lengths by task, for mixtures that are weighed by tokens or seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.engine.source import Rows
from audioflan_tasks.mixtures import Mix

__all__ = ["mean_lengths"]

# Rows of a task that are measured where no store has measured them all.
SAMPLE = 64


def mean_lengths(
    mix: Mix, rows: Rows, unit: str, maker: Callable[[], ExampleMaker]
) -> dict[str, float]:
    """Mean tokens (ids of inputs and targets) or seconds of audio of an example, by task.

    Seconds come from the store where there is one. Tokens are those of examples as they
    are made, template included; of at most 64 rows of a task, evenly spread.
    """
    found = {}
    made = maker()
    for task in mix.tasks:
        size = rows.sizes.get(task, 0)
        if not size:
            continue
        table = rows.lengths(task) if unit == "seconds" else None
        if table is not None:
            found[task] = float(np.mean(table["seconds_in"] + table["seconds_out"]))
            continue
        picked = sorted({i * size // min(size, SAMPLE) for i in range(min(size, SAMPLE))})
        measured = [_length(made, rows, task, row, unit) for row in picked]
        kept = [n for n in measured if n is not None]
        if kept:
            found[task] = float(np.mean(kept))
    return found


def _length(maker: ExampleMaker, rows: Rows, task: str, row: int, unit: str) -> float | None:
    instance = rows.instance(task, row)
    if unit == "seconds":
        return maker.seconds(instance)
    example = maker(instance, 0)
    return None if example is None else float(len(example.inputs) + len(example.targets))
