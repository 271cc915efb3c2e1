"""`audioflan mix where MIXTURE STEP[-STEP]`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.cli.mix.source import read_mixture
from audioflan_tasks.cli.output import print_table
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import SettingsError

__all__ = ["print_records"]

_MOST_STEPS = 1_000_000
_LAST_STEP = 2**62


def print_records(
    name: str,
    step_range: str,
    root: Path | None,
    split: str,
    seed: int,
    file_format: str,
    batch_size: int | None,
) -> None:
    """Prints task, epoch, row, uuid and place of the record at each step."""
    steps = _steps(step_range)
    mix = read_mixture(name, file_format, batch_size)
    stream = Stream(mix, Corpus(root), split=split, seed=seed)
    draws = stream.draws(steps)
    columns = (steps, draws.task, draws.epoch, draws.row)
    rows = []
    for step, number, epoch, row in zip(*(c.tolist() for c in columns), strict=True):
        task = stream.tasks[number]
        uuid, place = stream.rows.place(task, epoch, row, stream.seed)
        rows.append((str(step), task, str(epoch), str(row), uuid, place))
    print_table(("step", "task", "epoch", "row", "uuid", "record"), rows)


def _steps(text: str) -> NDArray[np.int64]:
    first, _, last = text.replace("_", "").partition("-")
    if not first.isdigit() or (last and not last.isdigit()):
        raise SettingsError(f"step {text!r}: expected a number, or a range such as 100-120")
    begin, end = int(first), int(last or first)
    if not begin <= end < min(begin + _MOST_STEPS, _LAST_STEP):
        raise SettingsError(
            f"step {text!r}: expected a range upwards of at most {_MOST_STEPS:,} steps"
        )
    return begin + np.arange(end - begin + 1)
