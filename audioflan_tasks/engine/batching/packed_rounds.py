"""Packed rows of one shard, so that all shards of a finite stream give as many batches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.packing import PackedRows, Packer, ShardCounts
from audioflan_tasks.engine.batching.rounds import Ending
from audioflan_tasks.engine.batching.sharding import Shard

__all__ = ["PackedRounds"]


class PackedRounds:
    """Rows of a packer, and at its end what keeps other shards company.

    Args:
      ending: what becomes of the last batches, which not all shards have (`rounds`).
    """

    def __init__(self, packer: Packer, shard: Shard, ending: Ending) -> None:
        self._packer, self._shard, self._ending = packer, shard, ending
        self._shard_counts: ShardCounts | None = None

    def next_rows(
        self, count_skips: Callable[[NDArray[np.bool_]], None]
    ) -> tuple[PackedRows, bool]:
        """The next rows, and whether they are given again.

        Raises:
          StopIteration: this shard has given as many as all others.
        """
        packer, counts = self._packer, self._counts
        if counts is None:
            return packer.next_rows(count_skips), False
        if self._ending == "drop" and packer.batch_count >= min(counts.counts):
            raise StopIteration
        batches_left = self._batches_left if self._ending == "share" else None
        try:
            return packer.next_rows(count_skips, batches_left), False
        except StopIteration:
            if packer.batch_count >= max(counts.counts):
                raise
        rows = self._repeated_rows(counts)
        packer.batch_count += 1
        return rows, True

    def _repeated_rows(self, counts: ShardCounts) -> PackedRows:
        """Rows that were given already, with `pad`; else empty ones."""
        packer, own_count = self._packer, counts.counts[self._shard.index]
        rows: PackedRows = [[] for _ in range(packer.row_count)]
        if self._ending == "pad" and own_count:
            repeat_packer = packer.of_shard(self._shard.index)
            for _ in range((packer.batch_count - own_count) % own_count + 1):
                rows = repeat_packer.next_rows(lambda kept: None)
        return rows

    @property
    def _counts(self) -> ShardCounts | None:
        """Batches of all shards, where these can differ."""
        if self._shard.count == 1 or self._packer.stream.total is None:
            return None
        if self._shard_counts is None:
            self._shard_counts = ShardCounts(self._packer.stream, self._packer, self._shard.count)
        return self._shard_counts

    def _batches_left(self) -> int:
        """How many batches the shard that has most gives after those of this one."""
        counts = self._counts
        return 1 if counts is None else max(counts.counts) - self._packer.batch_count
