"""Which global steps go into which batch of one shard, for batches of a fixed number of steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.mixtures.shards import Shard

__all__ = ["Route"]

I64 = NDArray[np.int64]


class Route(NamedTuple):
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
        found = self.shard.steps(groups, self.start)
        return found if total is None else found[found < total]

    def next_step(self, batch: int) -> int:
        """The global step up to which all shards together have come after `batch` batches."""
        return self.start + self._groups(batch) * self.shard.count

    def batches(self, total: int) -> int:
        """Batches until a stream of `total` steps has ended."""
        groups = -(-max(0, total - self.start) // self.shard.count)
        return min(groups, self.slow) + -(-max(0, groups - self.slow) // self.size)

    def _groups(self, batch: int) -> int:
        return min(batch, self.slow) + max(0, batch - self.slow) * self.size
