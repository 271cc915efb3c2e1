"""Sharding: which global steps belong to one host or worker, and to which of its batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.rounds import RoundSpan
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures.plan.permutation import mixed
from audioflan_tasks.seeds import seed_of

__all__ = ["Shard", "ShardBatches"]

I64 = NDArray[np.int64]


class Shard:
    """Shard `index` of `count`: one step of every `count` steps, which one drawn by seed.

    Shards of a stream are disjoint and complete for any count. Were it always the same
    place, a plan whose rates have a common measure could show a shard one task too often.
    """

    def __init__(self, index: int = 0, count: int = 1, seed: int = 0) -> None:
        if not 0 <= index < count:
            raise SettingsError(f"shard {index} of {count}: expected 0 <= index < count")
        self.index, self.count = index, count
        self._key = np.uint64(seed_of("shard", seed))

    def steps(self, groups: I64, start: int = 0) -> I64:
        """The global step of this shard in each group of `count` steps from `start` on."""
        if self.count == 1:
            return groups + start
        first = start + groups * self.count
        turn = mixed(first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + self._key)
        place = (turn % np.uint64(self.count)).astype(np.int64)
        return first + (place + self.index) % self.count

    def steps_of(self, span: RoundSpan, start: int) -> I64:
        """The steps of this shard among those of a round, which counts from `start` on."""
        groups = np.arange(span.begin // self.count, -(-span.end // self.count), dtype=np.int64)
        steps = self.steps(groups, start)
        return steps[steps < start + span.end]


@dataclass(frozen=True, slots=True)
class ShardBatches:
    """Batch g of a shard holds `size` of the `size * shard.count` global steps from `start` on.

    With `slow`, the first batches hold one step each: where examples are costly to make,
    the first is not kept waiting for its neighbours.
    """

    shard: Shard
    size: int
    start: int
    slow: int = 0

    def steps(self, batch: int, total: int | None) -> I64:
        """Global steps of a batch; those at `total` and beyond are left out."""
        groups = np.arange(self._groups(batch), self._groups(batch + 1), dtype=np.int64)
        steps = self.shard.steps(groups, self.start)
        return steps if total is None else steps[steps < total]

    def next_step(self, batch: int) -> int:
        """The global step up to which all shards together have come after `batch` batches."""
        return self.start + self._groups(batch) * self.shard.count

    def batches(self, total: int) -> int:
        """Batches until a stream of `total` steps has ended."""
        groups = -(-max(0, total - self.start) // self.shard.count)
        return min(groups, self.slow) + -(-max(0, groups - self.slow) // self.size)

    def _groups(self, batch: int) -> int:
        return min(batch, self.slow) + max(0, batch - self.slow) * self.size
