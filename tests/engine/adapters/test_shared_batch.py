"""A batch goes to another process as one tensor and arrives as it was."""

from __future__ import annotations

import pickle
from multiprocessing.reduction import ForkingPickler
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.utils.data._utils.collate import default_convert  # noqa: E402

from audioflan_tasks.engine.adapters import shared_batch  # noqa: E402
from audioflan_tasks.engine.adapters.shared_batch import SharedBatch  # noqa: E402

ARRAYS: dict[str, Any] = {
    "inputs": np.arange(21, dtype=np.int32).reshape(3, 7),
    "roles": np.arange(3, dtype=np.uint8),
    "step": np.array([2**40, 1, 2]),
    "empty": np.zeros((0, 4), np.float32),
    "name": "a text",
}


@pytest.mark.parametrize("pipe_bytes", [0, 2**20])
def test_what_a_loader_sends_arrives_as_one_storage(
    monkeypatch: pytest.MonkeyPatch, pipe_bytes: int
) -> None:
    monkeypatch.setattr(shared_batch, "_PIPE_BYTES", pipe_bytes)
    batch = default_convert(SharedBatch(ARRAYS))
    assert isinstance(batch, SharedBatch)
    arrived = pickle.loads(ForkingPickler.dumps(batch))
    assert type(arrived) is dict
    assert list(arrived) == list(ARRAYS)
    for name, array in ARRAYS.items():
        if name == "name":
            assert arrived[name] == array
            continue
        assert arrived[name].dtype == torch.from_numpy(array).dtype
        assert np.array_equal(arrived[name].numpy(), array)
    tensors = [value for value in arrived.values() if isinstance(value, torch.Tensor)]
    assert len({tensor.untyped_storage().data_ptr() for tensor in tensors}) == 1
    assert all(tensor.is_shared() is (pipe_bytes == 0) for tensor in tensors)
    arrived["roles"] += 1
    assert arrived["roles"].tolist() == [1, 2, 3]


def test_a_batch_without_tensors_arrives() -> None:
    assert pickle.loads(ForkingPickler.dumps(SharedBatch(name="a text"))) == {"name": "a text"}
