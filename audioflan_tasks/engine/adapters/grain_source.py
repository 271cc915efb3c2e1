"""The engine's stream for Grain: a random-access source, and a dataset whose states are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from audioflan_tasks.arguments import check_shard
from audioflan_tasks.corpus.skip_guard import SkipGuard
from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.engine.stream_examples import StreamExample
from audioflan_tasks.engine.task_facts import tags_text
from audioflan_tasks.errors import MissingExtraError, SettingsError

if TYPE_CHECKING:
    import grain

__all__ = ["ENDLESS", "StepSource", "step_dataset"]

# What an endless stream says its length is.
ENDLESS = 2**62


class StepSource:
    """Record s is the example of global step s, ready mixed and shuffled. Grain is not imported.

        source = StepSource(Stream(af.mixture("music"), seed=1))
        dataset = grain.MapDataset.source(source)[shard::shards].to_iter_dataset()

    A record is a dict of `inputs`, `targets` (int32 [n]), `inputs_roles`, `targets_roles` (uint8
    [n]), `task` (index into `stream.tasks`), `epoch`, `row`, `step` and `tags`; None where the
    example was skipped, which Grain passes over. Shuffling it once more or repeating it would undo
    what the mixture says.

    The state of such a dataset's iterator is a number and fits any other stream;
    `step_dataset` gives one whose states are checked.

    Raises:
      SettingsError: while reading, when as many records in a row were skipped as an epoch has.
    """

    def __init__(self, stream: Stream) -> None:
        _check_unit(stream)
        self.stream = stream
        self._guard: SkipGuard | None = None

    def __len__(self) -> int:
        return ENDLESS if self.stream.total is None else self.stream.total

    def __getitem__(self, step: SupportsIndex) -> dict[str, Any] | None:
        number = step.__index__()
        if not 0 <= number < len(self):
            raise IndexError(f"step {number} of a stream of {len(self)}")
        (row,) = self.stream.examples(np.array([number], np.int64))
        if self._guard is None:
            self._guard = self.stream.skip_guard()
        self._guard.count(np.array([row.kept], np.bool_))
        return _record(self.stream, row)

    def __repr__(self) -> str:
        # Grain puts this into the checkpoints of its DataLoader and compares it there.
        mix, seed = self.stream.mix.fingerprint, self.stream.seed
        return f"StepSource(mixture={mix}, seed={seed}, split={self.stream.split!r})"


def step_dataset(stream: Stream, shard: tuple[int, int] = (0, 1)) -> grain.IterDataset[Any]:
    """A Grain dataset of the records of `StepSource`, whose iterator has the stream's own states.

        dataset = step_dataset(Stream(af.mixture("music"), seed=1), shard=(0, 8)).mp_prefetch(…)

    A state of another seed, mixture, corpus or tokenizer is refused by name. It is that of
    `Stream.state` and holds for any number of shards; with `mp_prefetch` Grain keeps one a
    worker, for as many workers.

    Raises:
      SettingsError: the stream has another unit than 1, or `shard` is none.
    """
    try:
        from audioflan_tasks.engine.adapters.grain_dataset import StepDataset
    except ImportError as error:
        raise MissingExtraError("grain", "grain", "a Grain dataset") from error
    _check_unit(stream)
    index, count = check_shard(shard)
    return StepDataset(stream, Shard(index, count, stream.seed), _record)


def _check_unit(stream: Stream) -> None:
    if stream.unit != 1:
        raise SettingsError("a source of steps needs a stream of unit 1")


def _record(stream: Stream, row: StreamExample) -> dict[str, Any] | None:
    """A record of `StepSource`."""
    example = row.example
    if example is None:
        return None
    return {
        "inputs": example.inputs,
        "targets": example.targets,
        "inputs_roles": example.input_roles,
        "targets_roles": example.target_roles,
        "task": row.task,
        "epoch": row.epoch,
        "row": row.row,
        "step": row.step,
        "tags": tags_text(stream.mix, stream.tasks[row.task]),
    }
