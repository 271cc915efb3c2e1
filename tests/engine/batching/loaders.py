"""A loader with workers as torch's and torchdata's are, without torch: turns, states, passes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from audioflan_tasks.engine.adapters.workers import WorkerBatches
from audioflan_tasks.engine.batching.collate import Batch


class Loader:
    """Asks its workers in turn; without workers this process iterates the dataset itself."""

    def __init__(self, dataset: WorkerBatches, workers: int) -> None:
        self.dataset, self.workers = dataset, workers
        self.count = 0
        self._state: dict[str, Any] | None = None
        self._states: list[dict[str, Any]] = []
        self._is_finished = False

    def __iter__(self) -> Iterator[Batch]:
        copies, state = self._copies(), self._state
        self._state, self.count, self._is_finished = None, 0, False
        turn = 0
        if state is not None and not state["_iterator_finished"]:
            for one, worker_state in zip(copies, self._worker_states(state), strict=True):
                one.load_state_dict(worker_state)
            self.count = self._given(state)
            turn = self.count % len(copies)
        passes = [one.begin(n, len(copies)) for n, one in enumerate(copies)]
        self._states = [one.state_dict() for one in copies]
        is_open = [True] * len(copies)
        while any(is_open):
            number, turn = turn % len(copies), turn + 1
            if not is_open[number]:
                continue
            try:
                batch = next(passes[number])
            except StopIteration:
                is_open[number] = False
                continue
            self.count += 1
            self._states[number] = copies[number].state_dict()
            yield batch
        self._is_finished = True

    def state_dict(self) -> dict[str, Any]:
        """A state with the fields that torchdata's has."""
        finished = {"_iterator_finished": self._is_finished}
        if not self.workers:
            return {"_num_yielded": self.count, "dataset_state": self._states[0], **finished}
        workers = {f"worker_{n}": {"dataset_state": s} for n, s in enumerate(self._states)}
        snapshot = {"_snapshot_step": self.count, "_worker_snapshots": workers}
        return {"_snapshot": snapshot, "_steps_since_snapshot": 0, **finished}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._state = state

    def _copies(self) -> list[WorkerBatches]:
        if not self.workers:
            return [self.dataset]
        return [copy.copy(self.dataset) for _ in range(self.workers)]

    def _worker_states(self, state: dict[str, Any]) -> list[dict[str, Any]]:
        if not self.workers:
            return [state["dataset_state"]]
        snapshots = state["_snapshot"]["_worker_snapshots"]
        return [snapshots[f"worker_{n}"]["dataset_state"] for n in range(self.workers)]

    def _given(self, state: dict[str, Any]) -> int:
        return int(
            state["_num_yielded"] if not self.workers else state["_snapshot"]["_snapshot_step"]
        )
