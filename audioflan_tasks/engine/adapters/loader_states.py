"""States of torchdata's StatefulDataLoader, read without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from audioflan_tasks.engine.batching.batches import merge_states
from audioflan_tasks.errors import MixtureError

__all__ = ["LoaderState", "merge_loader_states"]


@dataclass(frozen=True, slots=True)
class LoaderState:
    """Where a loader stands.

    `workers` are the states of its datasets, one a worker, as they were `steps_since` batches ago;
    `count` is 1 too where it has no workers. `batch_count` batches were given since the state that
    its datasets began with; `is_finished` says that a pass had ended.
    """

    workers: Sequence[Mapping[str, Any]]
    count: int
    batch_count: int
    steps_since: int
    is_finished: bool

    @classmethod
    def read(cls, state: object) -> Self | None:
        """The state of a loader; None where it is something else.

        Raises:
          MixtureError: it is one of a loader of another dataset.
        """
        if not isinstance(state, Mapping):
            return None
        try:
            if "_snapshot" in state:
                return cls._of_workers(state)
            if "_num_yielded" in state:
                return cls._of_process(state)
        except (KeyError, TypeError, AttributeError) as error:
            raise MixtureError(
                f"not a state of a StatefulDataLoader over these batches: {error!r}"
            ) from error
        return None

    @classmethod
    def _of_workers(cls, state: Mapping[str, Any]) -> Self:
        snapshot, age = state["_snapshot"], int(state["_steps_since_snapshot"])
        by_name = snapshot["_worker_snapshots"]
        states = [by_name[f"worker_{i}"]["dataset_state"] for i in range(len(by_name))]
        batch_count = int(snapshot["_snapshot_step"]) + age
        workers = [dict(worker) for worker in states if worker is not None]
        return cls(workers, len(states), batch_count, age, bool(state["_iterator_finished"]))

    @classmethod
    def _of_process(cls, state: Mapping[str, Any]) -> Self:
        dataset_state = state["dataset_state"]
        workers = [] if dataset_state is None else [dict(dataset_state)]
        return cls(workers, 1, int(state["_num_yielded"]), 0, bool(state["_iterator_finished"]))

    def all_workers(self) -> Sequence[Mapping[str, Any]]:
        """The states of all workers, where they stand at the last batch.

        Raises:
          MixtureError: they are older than that.
        """
        if self.steps_since or len(self.workers) < self.count:
            raise MixtureError(
                f"the workers' states are {self.steps_since} batches old: packed batches need "
                "a StatefulDataLoader with snapshot_every_n_steps=1"
            )
        return self.workers


def merge_loader_states(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One state of packed batches from those of the StatefulDataLoaders of all ranks.

    It holds for any number of ranks and workers (`engine.merge_states`).

    Raises:
      MixtureError: one is no such state, or a rank is missing.
    """
    loader_states = [LoaderState.read(state) for state in states]
    if not all(loader_states):
        raise MixtureError("expected the states of StatefulDataLoaders, one of each rank")
    return merge_states([w for state in loader_states if state for w in state.all_workers()])
