"""A dataset of Grain over the engine's stream; see `grain_source.step_dataset`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import grain
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.state_seal import check_seal, sealed_state, unsealed
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.engine.stream_examples import StreamExample
from audioflan_tasks.errors import AudioFlanError, MixtureError

__all__ = ["StepDataset"]

Record = dict[str, Any]

# Examples that are made together.
_ROWS, _STORED_ROWS = 16, 256


class StepDataset(grain.IterDataset[Record]):
    """Records of one shard of a stream; `record` makes one of an example, None if it was skipped.

    Sliced by Grain for workers, worker w of W takes every W-th record from number w on.
    """

    def __init__(
        self, stream: Stream, shard: Shard, record: Callable[[Stream, StreamExample], Record | None]
    ) -> None:
        super().__init__()
        self.stream, self.shard, self.record = stream, shard, record
        self.worker, self.workers = 0, 1

    def set_slice(self, sl: slice, sequential_slice: bool = False) -> None:
        """What Grain tells the copy of each worker."""
        self.worker, self.workers = int(sl.start or 0), int(sl.step or 1)

    def __iter__(self) -> grain.DatasetIterator[Record]:
        return _StepIterator(self)

    def __str__(self) -> str:
        return f"StepDataset({self.stream!r}, shard {self.shard.index} of {self.shard.count})"


class _StepIterator(grain.DatasetIterator[Record]):
    def __init__(self, dataset: StepDataset) -> None:
        super().__init__()
        self._dataset = dataset
        # A state may move the stream; that of the dataset stays where it is.
        self._stream = copy.copy(dataset.stream)
        self._guard = self._stream.skip_guard(dataset.shard.count * dataset.workers)
        self._start = self._count = 0
        self._examples: list[StreamExample] = []

    def __next__(self) -> Record:
        while True:
            if not self._examples:
                self._examples = self._next_examples()
            example = self._examples.pop(0)
            self._count += 1
            self._guard.count(np.array([example.kept], np.bool_))
            record = self._dataset.record(self._stream, example)
            if record is not None:
                return record

    def get_state(self) -> dict[str, Any]:
        """The stream's state (`Stream.state`); that of a worker says of which it is."""
        data, count = self._dataset, self._dataset.shard.count
        if data.workers > 1:
            worker = [data.worker, data.workers, self._count]
            return sealed_state({**self._stream.state(self._start), "worker": worker})
        step, total = self._start + self._count * count, self._stream.total
        return self._stream.state(step if total is None else min(step, total))

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Resumes at a state.

        Raises:
          MixtureError: it is of another stream, or of another worker.
        """
        plain, own_worker = unsealed(state), [self._dataset.worker, self._dataset.workers]
        worker, workers, count = plain.pop("worker", (*own_worker, 0))
        if count and [worker, workers] != own_worker:
            raise MixtureError(
                f"the state is of worker {worker} of {workers}, this is {own_worker[0]} of "
                f"{own_worker[1]}: keep the number of workers"
            )
        start = self._stream.load(plain)
        check_seal(state)
        self._start, self._count, self._examples = start, count, []

    def _next_examples(self) -> list[StreamExample]:
        """Some of the next examples; one that cannot be made is passed when it comes first."""
        steps = self._next_steps(_STORED_ROWS if self._stream.is_stored else _ROWS)
        if not len(steps):
            raise StopIteration
        try:
            return self._stream.examples(steps)
        except AudioFlanError:
            if len(steps) > 1:
                return self._first_example(steps[:1])
            self._count += 1
            raise

    def _first_example(self, step: NDArray[np.int64]) -> list[StreamExample]:
        try:
            return self._stream.examples(step)
        except AudioFlanError:
            self._count += 1
            raise

    def _next_steps(self, count: int) -> NDArray[np.int64]:
        data = self._dataset
        numbers = np.arange(self._count, self._count + count, dtype=np.int64)
        steps = data.shard.steps(data.worker + numbers * data.workers, self._start)
        total = self._stream.total
        return steps if total is None else steps[steps < total]
