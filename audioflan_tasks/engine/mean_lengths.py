"""Mean lengths by task, for mixtures that are weighed by tokens or seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.engine.rows import Rows
from audioflan_tasks.errors import AudioError
from audioflan_tasks.foreign import ForeignRows
from audioflan_tasks.mixtures import Mix
from audioflan_tasks.records import Instance
from audioflan_tasks.tokens import tokenizer_of

__all__ = ["SAMPLE", "mean_lengths"]

# Rows of a task that are measured where no store has measured them all.
SAMPLE = 64


def mean_lengths(mix: Mix, rows: Rows, unit: str) -> dict[str, float]:
    """Mean tokens (ids of inputs and targets) or seconds of audio of an example, by task.

    Seconds come from the store where there is one. Tokens are those of examples as they
    are made, template included. Otherwise at most 64 rows of a task, evenly spread, are
    measured; what cannot be made is passed over. Of foreign tasks the first rows are; they have no
    seconds.
    """
    measure = _seconds(rows) if unit == "seconds" else _tokens(rows)
    means = {}
    for task in mix.tasks:
        if task in rows.foreign:
            means[task] = 0.0 if unit == "seconds" else _mean_of_first(rows.foreign[task])
            continue
        size = rows.sizes.get(task, 0)
        table = rows.lengths(task) if size and unit == "seconds" else None
        if table is not None:
            means[task] = float(np.mean(table["seconds_in"] + table["seconds_out"]))
        elif size:
            count = min(size, SAMPLE)
            sample = [measure(rows.instance(task, i * size // count)) for i in range(count)]
            lengths = [length for length in sample if length is not None]
            means[task] = float(np.mean(lengths)) if lengths else 0.0
    return means


def _mean_of_first(rows: ForeignRows) -> float:
    """Mean ids of the first rows of a foreign task, which may have no others at hand."""
    count = SAMPLE if rows.size is None else min(rows.size, SAMPLE)
    examples = [rows.example(0, 0, row) for row in range(count)]
    lengths = [len(e.inputs) + len(e.targets) for e in examples if e is not None]
    return float(np.mean(lengths)) if lengths else 0.0


def _seconds(rows: Rows) -> Callable[[Instance], float | None]:
    tokenizer = tokenizer_of(rows.options)
    codes = rows.corpus.coder(tokenizer)

    def measure(instance: Instance) -> float | None:
        try:
            frames = sum(len(codes(audio_id, instance)) for audio_id in instance.audio_ids)
        except AudioError:
            if rows.options.missing_audio == "error":
                raise
            return None
        return frames / tokenizer.frame_rate

    return measure


def _tokens(rows: Rows) -> Callable[[Instance], float | None]:
    maker = ExampleMaker(rows.corpus, rows.options, training=rows.training)

    def measure(instance: Instance) -> float | None:
        example = maker.example(instance, 0)
        return None if example is None else float(len(example.inputs) + len(example.targets))

    return measure
