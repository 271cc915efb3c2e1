"""Batches that worker processes make, many in a message.

A DataLoader sends a message for each batch. For short rows that costs more than the batch: to wake
two threads and a process, and to fetch a handle. Here a worker sends as many batches as make some
hundred rows, in one buffer that it uses again (`shared_buffers`), and they are given in the order
in which a DataLoader gives them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from audioflan_tasks.arguments import check_count
from audioflan_tasks.engine.adapters.shared_batch import tensors_of
from audioflan_tasks.engine.adapters.shared_buffers import BatchMessage, BatchReader, BatchWriter
from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches
from audioflan_tasks.errors import MissingExtraError

try:
    from torch import Tensor
    from torch.utils.data import DataLoader, IterableDataset, get_worker_info
except ImportError as error:
    raise MissingExtraError("torch", "torch", "a torch loader") from error

__all__ = ["TorchLoader"]

# Rows of a message: as many as are made at once.
_ROWS = 512

# Messages of a worker beside those that wait: one is written, and a trainer has batches of others.
_LIVE_MESSAGES = 4

TensorBatch = dict[str, Tensor]


class TorchLoader:
    """The batches of a dataset, made by worker processes; the same for any number of them.

        loader = TorchLoader(TorchBatches("audioflan_all", batch_size=32, seed=1), workers=4)

    Unlike a DataLoader it has a state of its own, which any number of workers resumes; that of
    packed batches is not known here (`StatefulDataLoader` has it).

    Args:
      dataset: what is given.
      workers: processes; with 0 this one makes the batches.
      prefetch_factor: messages of each worker that may wait, of some 512 rows each.
      multiprocessing_context: how workers are started: "fork", "spawn" or "forkserver".
      persistent_workers: keeps the workers for the next pass, which with "spawn" saves seconds.
        Then load states here, not into the dataset, and make one pass at a time: a new one ends
        the one before.
    """

    def __init__(
        self,
        dataset: TorchBatches,
        workers: int,
        *,
        prefetch_factor: int = 2,
        multiprocessing_context: str | None = None,
        persistent_workers: bool = False,
    ) -> None:
        self._dataset, self._workers = dataset, check_count("workers", workers)
        self._prefetch_factor = check_count("prefetch_factor", prefetch_factor, 1)
        self._context, self._is_persistent = multiprocessing_context, persistent_workers
        self._batch_count = self._pass_count = 0
        # Its workers know the state that was loaded before they were started.
        self._messages: DataLoader[tuple[int, BatchMessage]] | None = None

    def __len__(self) -> int:
        """As of the dataset."""
        return len(self._dataset)

    def __iter__(self) -> Iterator[TensorBatch]:
        self._batch_count = 0
        for batch in self._of_workers() if self._workers else map(tensors_of, self._dataset):
            self._batch_count += 1
            yield batch

    def state_dict(self) -> dict[str, Any]:
        """The state after the batches that were given in this pass."""
        return self._dataset.state_after(self._batch_count)

    def load_state_dict(self, state: Mapping[str, Any], *, revise: bool = False) -> None:
        """Resumes at a state with the next pass (`TorchBatches.load_state_dict`)."""
        self._dataset.load_state_dict(state, revise=revise)
        self._batch_count, self._messages = 0, None

    def _of_workers(self) -> Iterator[TensorBatch]:
        """Batches of the workers in turn; one that has none left is passed over."""
        if self._messages is None or not self._is_persistent:
            self._messages = self._new_messages()
        self._pass_count += 1
        own_pass, messages = self._pass_count, iter(self._messages)
        readers = [BatchReader() for _ in range(self._workers)]
        queues: list[deque[TensorBatch]] = [deque() for _ in range(self._workers)]
        turn = idle_turns = 0
        while idle_turns < self._workers:
            if self._is_persistent and own_pass != self._pass_count:
                # The workers are at a later pass.
                return
            queue = queues[turn]
            while not queue and (message := next(messages, None)) is not None:
                worker, batch_message = message
                queues[worker].extend(readers[worker].batches(batch_message))
            idle_turns = 0 if queue else idle_turns + 1
            if queue:
                yield queue.popleft()
            turn = (turn + 1) % self._workers

    def _new_messages(self) -> DataLoader[tuple[int, BatchMessage]]:
        return DataLoader(
            _Messages(self._dataset, self._prefetch_factor + _LIVE_MESSAGES), None,
            num_workers=self._workers, collate_fn=_unchanged,
            prefetch_factor=self._prefetch_factor, multiprocessing_context=self._context,
            persistent_workers=self._is_persistent,
        )  # fmt: skip


class _Messages(IterableDataset[tuple[int, BatchMessage]]):
    """Batches of a worker, several at a time: first one, then twice as many each time."""

    def __init__(self, dataset: TorchBatches, most_buffers: int) -> None:
        self._dataset, self._most_buffers = dataset, most_buffers

    def __iter__(self) -> Iterator[tuple[int, BatchMessage]]:
        info = get_worker_info()
        batches = self._dataset.begin(info.id, info.num_workers)
        writer, count = BatchWriter(self._most_buffers), 1
        while message := writer.message(batches, count):
            yield info.id, message
            count = min(2 * count, max(1, _ROWS // _row_count(message)))


def _row_count(message: BatchMessage) -> int:
    """Rows of the first batch of a message."""
    shapes = {name: shape for name, _, shape, _, _ in message.places[0]}
    return max(1, shapes["task"][0])


def _unchanged(message: Any) -> Any:
    return message
