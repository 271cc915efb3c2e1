"""Many rows of a shard at once are what they are one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks import open_store
from audioflan_tasks.store import Store


@pytest.mark.slow
def test_shards_lead_to_every_row(built: Path) -> None:
    for store in (Store(built), open_store(built, built)):
        for task, split in store.pairs():
            row = 0
            for shard, offset, end in store.shards(f"audioflan_{task}", split):
                places = shard.inside(np.arange(row + offset, end + offset))
                for place in places.tolist():
                    wanted = store.instance(task, split, row)
                    assert shard.instance(place) == wanted
                    assert shard.rows.task(place) == task
                    row += 1
            assert row == store.size(task, split)
    assert store.shards("audioflan_key_detection", "train") == []


def test_values_and_fields_of_many_rows(built: Path) -> None:
    store = Store(built)
    texts = spans = 0
    for task, split in store.pairs():
        for shard, *_ in store.shards(task, split):
            at = np.arange(shard.rows.count)
            for place, brief in zip(at.tolist(), shard.rows.briefs(at), strict=True):
                one = shard.instance(place)
                assert (brief.uuid, brief.input, brief.output) == (one.uuid, one.input, one.output)
                assert dict(brief.other) == dict(one.other)
                own = shard.text_ids(place)
                numbers = np.arange(len(own))
                begin, stop = shard.texts_at(np.full(len(own), place), numbers)
                for ids, a, b in zip(own, begin.tolist(), stop.tolist(), strict=True):
                    assert np.array_equal(shard.texts.ids[a:b], ids)
                    texts += 1
                codes = shard.codes(place)
                numbers = np.arange(len(codes))
                refs = shard.spans_at(np.full(len(codes), place), numbers)
                for wanted, ref in zip(codes, refs, strict=True):
                    begins, books = int(ref["start"]), wanted.shape[1]
                    flat = shard.flat[int(ref["bucket"])]
                    found = flat[begins * books : (begins + int(ref["frames"])) * books]
                    assert np.array_equal(found, wanted.reshape(-1))
                    spans += 1
    assert texts > 20
    assert spans > 20
