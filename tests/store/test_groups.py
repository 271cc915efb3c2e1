"""Groups in columns say what they say one by one."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from audioflan_tasks.store.groups import ShardGroups, group_table
from audioflan_tasks.store.schema import RowGroup


def random_shards(seed: int) -> list[list[RowGroup]]:
    draw = np.random.default_rng(seed)
    pairs = [(task, split) for task in ("", "b", "a", "c") for split in ("train", "test")]
    return [
        [RowGroup(*pair, int(draw.integers(0, 4))) for pair in pairs if draw.random() < 0.6]
        for _ in range(int(draw.integers(0, 7)))
    ]


def test_rows_of_tasks_are_those_of_the_shards_in_order() -> None:
    for seed in range(30):
        shards = random_shards(seed)
        groups = ShardGroups(group_table(shards))
        expected: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for number, of_shard in enumerate(shards):
            assert groups.of_shard(number) == of_shard
            place = 0
            for group in of_shard:
                places = range(place, place + group.rows)
                if group.task:
                    expected[group.task, group.split] += [(number, n) for n in places]
                place += group.rows
        rows = {
            key: [
                (shard, row + offset)
                for (shard, offset, end), begin in zip(
                    task_rows.runs(), [0, *task_rows.ends.tolist()], strict=False
                )
                for row in range(begin, end)
            ]
            for key, task_rows in groups.by_task.items()
        }
        assert rows == {key: places for key, places in sorted(expected.items()) if places}
        assert list(rows) == sorted(rows)
