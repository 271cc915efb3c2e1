"""The engine's stream as a random-access source, as Grain wants it. Grain is not imported."""

from __future__ import annotations

from typing import Any, SupportsIndex

import numpy as np

from audioflan_tasks.engine.stream import Stream, tags_text
from audioflan_tasks.errors import SettingsError

__all__ = ["ENDLESS", "StepSource"]

# What an endless stream says its length is.
ENDLESS = 2**62


class StepSource:
    """Record s is the example of global step s, ready mixed and shuffled.

        source = StepSource(Stream(af.mixture("music"), seed=1))
        dataset = grain.MapDataset.source(source)[shard::shards].to_iter_dataset()

    A record is a dict of `inputs`, `targets` (int32 [n]), their roles, `task` (index into
    `stream.tasks`), `epoch`, `row`, `step` and `tags`; None where the example was skipped, which
    Grain passes over. Shuffling it once more or repeating it would undo what the mixture says.
    """

    def __init__(self, stream: Stream) -> None:
        if stream.unit != 1:
            raise SettingsError("a source of steps needs a stream of unit 1")
        self.stream = stream

    def __len__(self) -> int:
        return ENDLESS if self.stream.total is None else self.stream.total

    def __getitem__(self, step: SupportsIndex) -> dict[str, Any] | None:
        number = step.__index__()
        if not 0 <= number < len(self):
            raise IndexError(f"step {number} of a stream of {len(self)}")
        (row,) = self.stream.examples(np.array([number], np.int64))
        example = row.example
        if example is None:
            return None
        return {
            "inputs": example.inputs,
            "targets": example.targets,
            "input_roles": example.input_roles,
            "target_roles": example.target_roles,
            "task": row.task,
            "epoch": row.epoch,
            "row": row.row,
            "step": row.step,
            "tags": tags_text(self.stream.mix, self.stream.tasks[row.task]),
        }

    def __repr__(self) -> str:
        # Grain puts this into its checkpoints and compares it when it restores.
        mix, seed = self.stream.mix.fingerprint, self.stream.seed
        return f"StepSource(mixture={mix}, seed={seed}, split={self.stream.split!r})"
