"""Which steps of the global stream belong to one host or worker of many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures.bijection import mixed
from audioflan_tasks.seeds import seed_of

__all__ = ["Shard"]

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
