"""Batches in shared memory that a worker uses again once they were dropped where they were sent.

Fresh shared memory costs nearly as much as making the batches in it: the kernel clears each page,
and the worker and the loader both touch each for the first time. So a worker keeps its buffers, and
names one that the loader has seen by its number. The first byte of a buffer says whether batches in
it are in use: the worker sets it, the loader clears it. A message that gets lost costs one buffer,
and so does one that is in use when the loader's process is forked: the other one has its bytes too.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.errors import MissingExtraError

try:
    import torch
    from torch import Tensor
except ImportError as error:
    raise MissingExtraError("torch", "torch", "a torch loader") from error

__all__ = ["BatchMessage", "BatchReader", "BatchWriter", "new_shared_bytes"]

# Arrays begin at multiples of this; the first of them is a buffer's mark of use.
_ALIGNMENT = 64

# The number of a buffer that is not kept.
_USED_ONCE = -1

# Room for batches that are larger than those before, and what is too much of it: shared memory is
# reserved whole.
_HEADROOM, _WASTE = 1.25, 4

# How often this process was forked.
_fork_count = 0

# Name, dtype and shape of an array, its first byte in a buffer and the byte after its last. Plain
# tuples: a message of short batches has many, and a named one takes twice as long to send.
_ArrayPlace = tuple[str, str, tuple[int, ...], int, int]


class BatchMessage(NamedTuple):
    """Batches in buffer `number` of a worker, with its bytes (`content`) when it is a new one."""

    number: int
    content: Tensor | None
    places: list[list[_ArrayPlace]]


class BatchWriter:
    """The buffers of a worker in one pass.

    Args:
      most_buffers: that are kept. What is needed beyond these, as where a trainer keeps all
        batches, is used once.
    """

    def __init__(self, most_buffers: int) -> None:
        self._most_buffers = most_buffers
        self._buffers: list[NDArray[np.uint8]] = []
        self._next_batch: Batch | None = None
        # Of all batches that were sent.
        self._batch_count = self._byte_count = 0

    def message(self, batches: Iterator[Batch], count: int) -> BatchMessage | None:
        """The next batches as they are sent, at most `count`; None where there are none.

        Each is written into a buffer as soon as it is made, while it is in the processor's cache.
        """
        batch = self._next_batch or next(batches, None)
        if batch is None:
            return None
        first_size = _size(batch)
        # Batches before tell what the next ones take better than the first, which may be long.
        usual_size = self._byte_count / self._batch_count if self._batch_count else first_size
        room = first_size + int(_HEADROOM * (count - 1) * usual_size)
        number, buffer, content = self._free_buffer(room)
        buffer[0] = True
        places: list[list[_ArrayPlace]] = []
        begin = _ALIGNMENT
        while batch is not None and begin + _size(batch) <= len(buffer):
            places.append([])
            for name, array in batch.items():
                place = (name, array.dtype.str, array.shape, begin, begin + array.nbytes)
                _array_at(place, buffer)[...] = array
                places[-1].append(place)
                begin += _aligned(array.nbytes)
            batch = next(batches, None) if len(places) < count else None
        # One that does not fit is the first of the next message.
        self._next_batch = batch
        self._batch_count += len(places)
        self._byte_count += begin - _ALIGNMENT
        return BatchMessage(number, content, places)

    def _free_buffer(self, size: int) -> tuple[int, NDArray[np.uint8], Tensor | None]:
        """Number and bytes of a buffer that is not in use, and its tensor if it is a new one; it
        has room for so many bytes of arrays."""
        number = len(self._buffers)
        for old_number, buffer in enumerate(self._buffers):
            if not buffer[0]:
                if _ALIGNMENT + size <= len(buffer) <= _WASTE * (_ALIGNMENT + size):
                    return old_number, buffer, None
                number = old_number
        content = new_shared_bytes(_ALIGNMENT + size)
        buffer = content.numpy()
        if number >= self._most_buffers:
            return _USED_ONCE, buffer, content
        self._buffers[number : number + 1] = [buffer]
        return number, buffer, content


class BatchReader:
    """The buffers of a worker in one pass, as the loader knows them."""

    def __init__(self) -> None:
        self._buffers: dict[int, Tensor] = {}

    def batches(self, message: BatchMessage) -> list[dict[str, Tensor]]:
        """The batches of a message, all views of its buffer.

        The worker may use the buffer again when the last of these tensors was dropped.
        """
        content = message.content
        if content is None:
            content = self._buffers[message.number]
        elif message.number != _USED_ONCE:
            self._buffers[message.number] = content
        # Only the views keep this array: each has it as its base.
        buffer = content.numpy()
        owner = (os.getpid(), _fork_count)
        weakref.finalize(buffer, _clear_mark, content.numpy(), owner).atexit = False
        return [
            {place[0]: torch.from_numpy(_array_at(place, buffer)) for place in batch_places}
            for batch_places in message.places
        ]


def new_shared_bytes(size: int) -> Tensor:
    """Fresh shared memory of so many bytes."""
    # `share_memory_` would copy fresh private memory into fresh shared memory.
    storage: Any = torch.UntypedStorage._new_shared(size, device="cpu")
    return torch.empty(0, dtype=torch.uint8).set_(storage)


def _size(batch: Batch) -> int:
    """Bytes that a batch takes in a buffer."""
    return sum(_aligned(array.nbytes) for array in batch.values())


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _array_at(place: _ArrayPlace, buffer: NDArray[np.uint8]) -> NDArray[Any]:
    """The array that lies there, a view of the buffer."""
    _, kind, shape, begin, end = place
    return buffer[begin:end].view(kind).reshape(shape)


def _clear_mark(buffer: NDArray[np.uint8], owner: tuple[int, int]) -> None:
    """Says that no batch in a buffer is in use, unless another process has views of it.

    `owner` is the process that read it, and how often that one had been forked then.
    """
    if owner == (os.getpid(), _fork_count):
        buffer[0] = False


def _count_fork() -> None:
    global _fork_count
    _fork_count += 1


os.register_at_fork(after_in_parent=_count_fork)
