"""The engine's batches as a torch IterableDataset, for DataLoader and StatefulDataLoader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.adapters.loader_states import merge_loader_states
from audioflan_tasks.engine.adapters.shared_batch import SharedBatch
from audioflan_tasks.engine.adapters.workers import WorkerBatches
from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.errors import MissingExtraError

try:
    import torch
    from torch.utils.data import IterableDataset, get_worker_info
except ImportError as error:
    raise MissingExtraError("torch", "torch", "a torch dataset") from error

__all__ = ["TorchBatches", "merge_loader_states"]


class TorchBatches(WorkerBatches, IterableDataset[Batch]):
    """Batches of a mixture; arguments as of `audioflan_tasks.batches`.

        loader = DataLoader(TorchBatches("audioflan_all", batch_size=32, seed=1), batch_size=None,
                            num_workers=4)

    The batches are the same for any number of workers (`engine.adapters.workers`). torchdata's
    StatefulDataLoader keeps the state of every worker, and resumes with as many. For another
    number load its state into the dataset: `TorchBatches(…).load_state_dict(loader.state_dict())`.
    `state_after` makes a state that no loader is tied to.
    """

    _shared_passes: torch.Tensor | None = None

    def __iter__(self) -> Iterator[Batch]:
        info = get_worker_info()
        if info is None:
            return self.begin(0, 1)
        return map(SharedBatch, self.begin(info.id, info.num_workers))

    def __getstate__(self) -> dict[str, Any]:
        # The array is a view of the tensor, and only that stays shared when it is sent.
        return {**super().__getstate__(), "_passes": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self._shared_passes is not None:
            self._passes = self._shared_passes.numpy()

    def _new_passes(self, count: int) -> NDArray[np.int64]:
        # A pass that a loader's workers begin is known to those of the next one, and here.
        self._shared_passes = torch.zeros(count, dtype=torch.int64).share_memory_()
        passes: NDArray[np.int64] = self._shared_passes.numpy()
        return passes
