"""Many rows of a shard at once are what they are one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from audioflan_tasks import open_store
from audioflan_tasks.store import REF, ROW, TEXT_SLICE, ByteSlices, Store


@pytest.mark.slow
def test_shards_lead_to_every_row(built: Path) -> None:
    for store in (Store(built), open_store(built, built)):
        for task, split in store.pairs():
            rows, row = store.task_rows(f"audioflan_{task}", split), 0
            for number, offset, end in rows.runs():
                shard = store.shard(number)
                for place in shard.inside(np.arange(row + offset, end + offset)).tolist():
                    assert shard.instance(place) == store.instance(task, split, row)
                    assert shard.rows.task(place) == task
                    row += 1
            assert row == rows.count == store.size(task, split)
    assert not store.task_rows("audioflan_key_detection", "train").count


def items(data: ByteSlices, kind: np.dtype[Any]) -> NDArray[Any]:
    return np.frombuffer(data[0 : len(data)], kind)


@pytest.mark.slow
def test_values_and_fields_of_rows(built: Path) -> None:
    store = Store(built)
    text_count = span_count = 0
    for number in range(store.shard_count):
        shard = store.shard(number)
        texts, refs = items(shard.text_bytes, TEXT_SLICE), items(shard.ref_bytes, REF)
        heads = items(shard.head_bytes, ROW)
        for place in range(shard.rows.count):
            head = heads[place]
            for ids, (start, size, _) in zip(
                shard.text_ids(place), texts[head["text"] :], strict=False
            ):
                assert np.array_equal(shard.ids[start : start + size], ids)
                text_count += 1
            for codes, ref in zip(shard.codes(place), refs[head["span"] :], strict=False):
                start, books = int(ref["start"]), codes.shape[1]
                flat = shard.flat[int(ref["bucket"])]
                values = flat[start * books : (start + int(ref["frames"])) * books]
                assert np.array_equal(values, codes.reshape(-1))
                span_count += 1
    assert text_count > 20
    assert span_count > 20


@pytest.mark.slow
def test_open_shards_are_bounded(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audioflan_tasks.store.reader.store._OPEN_SHARDS", 2)
    store = Store(built)
    monkeypatch.setattr(store, "facts", msgspec.structs.replace(
        store.facts, shards=store.facts.shards * 5
    ))  # fmt: skip
    shards = [store.shard(number) for number in range(store.shard_count)]
    assert len(store._shards) == 2
    assert store.shard(store.shard_count - 1) is shards[-1]
    assert store.shard(0) is not shards[0]
