"""Buffers of a worker carry batches as they were; they are used again only after a drop."""

from __future__ import annotations

import os
import pickle
from multiprocessing.reduction import ForkingPickler
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from audioflan_tasks.engine.adapters.shared_buffers import BatchReader, BatchWriter  # noqa: E402

ARRAYS: dict[str, Any] = {
    "ids": np.arange(21, dtype=np.int32).reshape(3, 7),
    "step": np.array([2**40, 1]),
    "empty": np.zeros((0, 4), np.float32),
    "roles": np.arange(3, dtype=np.uint8),
}


def message_of(writer: BatchWriter, *batches: Any) -> Any:
    """A message of all these batches."""
    message = writer.message(iter(batches), len(batches))
    assert message is not None and len(message.places) == len(batches)
    return message


def test_what_a_worker_sends_arrives_in_shared_memory() -> None:
    message = pickle.loads(ForkingPickler.dumps(message_of(BatchWriter(2), ARRAYS, ARRAYS)))
    arrived = BatchReader().batches(message)
    assert message.content.is_shared()
    for batch in arrived:
        assert list(batch) == list(ARRAYS)
        for name, array in ARRAYS.items():
            assert batch[name].dtype == torch.from_numpy(array).dtype
            assert np.array_equal(batch[name].numpy(), array)
    arrived[0]["ids"] += 1
    assert np.array_equal(arrived[1]["ids"].numpy(), ARRAYS["ids"])


@pytest.mark.parametrize(
    "held_part",
    [
        lambda batch: batch["roles"],
        lambda batch: batch["ids"][1:, 2],
        lambda batch: batch["ids"].numpy(),
        lambda batch: batch["ids"].numpy()[:1].T,
        lambda batch: batch["ids"].view(torch.uint8),
        lambda batch: memoryview(batch["step"].numpy()),
        lambda batch: torch.from_dlpack(batch["step"]),
    ],
)
def test_any_part_that_is_held_keeps_a_buffer(held_part: Any) -> None:
    writer, reader = BatchWriter(4), BatchReader()
    batch = reader.batches(message_of(writer, ARRAYS))[0]
    held = held_part(batch)
    del batch
    assert message_of(writer, ARRAYS).number == 1
    del held
    message = message_of(writer, ARRAYS)
    assert (message.number, message.content) == (0, None)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5)), max_size=40), st.integers(0, 4))
def test_held_batches_stay_as_they_were(
    sizes_and_places: list[tuple[int, int]], most_buffers: int
) -> None:
    writer, reader = BatchWriter(most_buffers), BatchReader()
    held: dict[int, tuple[int, Any]] = {}
    for number, (size, place) in enumerate(sizes_and_places):
        message = message_of(writer, {"ids": np.full((size, 9), number, np.int32)})
        assert message.number < most_buffers
        # What is in this place is dropped, the others are held.
        held[place] = (number, reader.batches(message))
        for own_number, batches in held.values():
            assert bool((batches[0]["ids"] == own_number).all())


def test_a_buffer_that_is_too_small_is_replaced() -> None:
    writer, reader = BatchWriter(1), BatchReader()
    larger_arrays = {"ids": np.arange(999)}
    reader.batches(message_of(writer, ARRAYS))
    message = message_of(writer, larger_arrays)
    assert message.number == 0 and message.content is not None
    reader.batches(message)
    message = message_of(writer, larger_arrays)
    assert message.content is None
    assert reader.batches(message)[0]["ids"].tolist() == larger_arrays["ids"].tolist()


def test_a_process_that_was_forked_frees_no_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    writer, reader = BatchWriter(4), BatchReader()
    arrived = reader.batches(message_of(writer, ARRAYS))
    with monkeypatch.context() as in_fork:
        in_fork.setattr(os, "getpid", lambda: -1)
        del arrived
    assert message_of(writer, ARRAYS).number == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
def test_what_a_forked_process_may_read_is_not_written_again() -> None:
    writer, reader = BatchWriter(4), BatchReader()
    arrived = reader.batches(message_of(writer, ARRAYS))
    if not (child := os.fork()):
        os._exit(0)
    os.waitpid(child, 0)
    del arrived
    assert message_of(writer, ARRAYS).number == 1


def test_one_long_batch_does_not_decide_on_the_room_of_all() -> None:
    writer, reader = BatchWriter(4), BatchReader()
    long_batch, short_batch = {"ids": np.zeros(2**20)}, {"ids": np.zeros(2**6)}
    sizes = []
    for first in (short_batch, long_batch, *[short_batch] * 40):
        message = writer.message(iter([first, *[short_batch] * 63]), 64)
        assert message is not None
        if message.content is not None:
            sizes.append(message.content.numel())
        reader.batches(message)
    # Those after the long one become small again.
    long_size = long_batch["ids"].nbytes
    assert sizes[-1] < long_size / 4 and max(sizes) < 2 * long_size


def test_a_batch_that_does_not_fit_is_in_the_next_message() -> None:
    writer, reader = BatchWriter(4), BatchReader()
    arrays = [{"ids": np.arange(size)} for size in (10, 900, 10, 10, 3)]
    batches, messages = iter(arrays), []
    while (message := writer.message(batches, 2)) is not None:
        messages.append(message)
    assert [len(message.places) for message in messages] == [1, 2, 2]
    arrived = [batch["ids"] for message in messages for batch in reader.batches(message)]
    assert [len(ids) for ids in arrived] == [10, 900, 10, 10, 3]
    assert all(ids.tolist() == list(range(len(ids))) for ids in arrived)
