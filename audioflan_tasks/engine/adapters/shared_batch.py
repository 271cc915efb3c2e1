"""A batch that goes to another process as one buffer, not as one an array.

A DataLoader sends each tensor of a batch over by a file of its own, whose handle the other side
fetches from the worker: twelve of them cost more than the batch. Here small batches go through the
loader's pipe itself, and a large one is one tensor of shared memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from audioflan_tasks.engine.adapters.shared_buffers import new_shared_bytes
from audioflan_tasks.errors import MissingExtraError

try:
    import torch
    from torch import Tensor
except ImportError as error:
    raise MissingExtraError("torch", "torch", "a torch dataset") from error

__all__ = ["SharedBatch", "tensors_of"]

_ALIGNMENT = 16

# Up to here copying through the pipe is cheaper than fetching a handle.
_PIPE_BYTES = 2**20

# Name, dtype, shape and first byte of a tensor.
_Place = tuple[str, torch.dtype, tuple[int, ...], int]


class SharedBatch(dict[str, Any]):
    """A batch in a worker; where it arrives it is a plain dict of tensors, all views of one."""

    def __copy__(self) -> SharedBatch:
        return SharedBatch(self)

    def __reduce__(self) -> tuple[Callable[..., dict[str, Any]], tuple[Any, ...]]:
        tensors = {name: value for name, value in self.items() if isinstance(value, Tensor)}
        others = {name: value for name, value in self.items() if name not in tensors}
        places: list[_Place] = []
        size = 0
        for name, tensor in tensors.items():
            places.append((name, tensor.dtype, tuple(tensor.shape), size))
            size += -(-tensor.nbytes // _ALIGNMENT) * _ALIGNMENT
        content = _new_content(size)
        buffer = _buffer_of(content)
        for place in places:
            _view(buffer, place).copy_(tensors[place[0]])
        return _unpacked, (list(self), content, places, others)


def tensors_of(batch: dict[str, NDArray[Any]]) -> dict[str, Tensor]:
    """A batch of arrays as tensors of the same memory."""
    return {name: torch.from_numpy(array) for name, array in batch.items()}


def _new_content(size: int) -> bytearray | Tensor:
    """Bytes that are sent with the message, or shared memory."""
    if size > _PIPE_BYTES:
        return new_shared_bytes(size)
    # A tensor cannot be a view of no bytes.
    return bytearray(max(size, 1))


def _buffer_of(content: bytearray | Tensor) -> Tensor:
    """The bytes as a tensor that can be written to."""
    return content if isinstance(content, Tensor) else torch.frombuffer(content, dtype=torch.uint8)


def _unpacked(
    names: list[str], content: bytearray | Tensor, places: list[_Place], others: dict[str, Any]
) -> dict[str, Any]:
    buffer = _buffer_of(content)
    values = {**others, **{place[0]: _view(buffer, place) for place in places}}
    return {name: values[name] for name in names}


def _view(buffer: Tensor, place: _Place) -> Tensor:
    _, kind, shape, begin = place
    count = torch.Size(shape).numel()
    return buffer[begin : begin + count * kind.itemsize].view(kind).view(shape)
