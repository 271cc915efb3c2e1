"""Mean lengths by task, for mixtures that are weighed by tokens or seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from audioflan_tasks.config import settings
from audioflan_tasks.corpus.examples import ExampleMaker, tokenizer_options
from audioflan_tasks.engine.rows import Rows
from audioflan_tasks.mixtures import Mix
from audioflan_tasks.records import Instance
from audioflan_tasks.tokens import get_tokenizer

__all__ = ["mean_lengths"]

# Rows of a task that are measured where no store has measured them all.
SAMPLE = 64


def mean_lengths(mix: Mix, rows: Rows, unit: str) -> dict[str, float]:
    """Mean tokens (ids of inputs and targets) or seconds of audio of an example, by task.

    Seconds come from the store where there is one. Tokens are those of examples as they
    are made, template included. Otherwise at most 64 rows of a task, evenly spread, are
    measured; what cannot be made is passed over.
    """
    measure = _seconds(rows) if unit == "seconds" else _tokens(rows)
    found = {}
    for task in mix.tasks:
        size = rows.sizes.get(task, 0)
        table = rows.lengths(task) if size and unit == "seconds" else None
        if table is not None:
            found[task] = float(np.mean(table["seconds_in"] + table["seconds_out"]))
        elif size:
            some = min(size, SAMPLE)
            measured = [measure(rows.instance(task, i * size // some)) for i in range(some)]
            kept = [n for n in measured if n is not None]
            found[task] = float(np.mean(kept)) if kept else 0.0
    return found


def _seconds(rows: Rows) -> Callable[[Instance], float | None]:
    tokenizer = get_tokenizer(settings.tokenizer, **tokenizer_options())
    codes = rows.corpus.coder(tokenizer)
    return lambda one: sum(len(codes(i, one)) for i in one.audio_ids) / tokenizer.frame_rate


def _tokens(rows: Rows) -> Callable[[Instance], float | None]:
    maker = ExampleMaker(rows.corpus)

    def measure(one: Instance) -> float | None:
        example = maker(one, 0)
        return None if example is None else float(len(example.inputs) + len(example.targets))

    return measure
