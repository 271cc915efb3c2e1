"""Rows of one task of a corpus as a seqio source.

Rows are numbers: step k of a stream is epoch k // n, and its row is a permutation of
0 … n-1 drawn from (seed, task, epoch) that needs no memory
(`tf.random.experimental.index_shuffle`). Any shard of any epoch can thus be named
without reading what comes before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from secrets import randbits

import seqio
import tensorflow as tf

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.seeds import seed_of

__all__ = ["CorpusSource"]

_SPLITS = ("train", "validation", "test")


class CorpusSource(seqio.DataSource):
    """Yields {"row", "epoch", "seed"}: int64 row numbers of one task and split.

    The corpus is opened when it is first needed, so registration reads nothing.
    """

    def __init__(self, task: str, corpus: Callable[[], Corpus]) -> None:
        super().__init__(splits=(), caching_permitted=True, performs_internal_shuffling=True)
        self._task = task
        self._open = corpus

    @property
    def corpus(self) -> Corpus:
        """The corpus that the rows number."""
        return self._open()

    @property
    def splits(self) -> Sequence[str]:
        """Splits in which the task has rows."""
        return tuple(s for s in _SPLITS if self.corpus.size(self._task, s))

    @property
    def supports_arbitrary_sharding(self) -> bool:
        """Rows are numbers, so any number of shards is possible."""
        return True

    def list_shards(self, split: str) -> Sequence[str]:
        """One virtual shard per split."""
        return [split]

    def num_input_examples(self, split: str) -> int:
        """Rows of a split, 0 where there is none."""
        return self.corpus.size(self._task, split)

    def get_dataset(
        self,
        split: str = "train",
        shuffle: bool = True,
        seed: int | None = None,
        shard_info: seqio.ShardInfo | None = None,
        *,
        sequence_length: Mapping[str, int] | None = None,
        use_cached: bool = False,
        num_epochs: int | None = 1,
    ) -> tf.data.Dataset:
        """Row numbers, `num_epochs` times over (None: without end).

        With no seed a new one is drawn. Sharding takes every num_shards-th step of the
        stream, so the shards of an epoch are disjoint and complete.

        Raises:
          SettingsError: the split has no rows.
        """
        size = self.num_input_examples(split)
        if not size:
            have = ", ".join(self.splits) or "none"
            raise SettingsError(f"{self._task}: no split {split!r} with records; it has: {have}")
        drawn = randbits(31) if seed is None else int(seed)
        key = seed_of(drawn, self._task) % 2**31
        steps = tf.data.Dataset.counter()
        if num_epochs is not None:
            steps = steps.take(size * num_epochs)
        if shard_info is not None:
            steps = steps.shard(shard_info.num_shards, shard_info.index)

        def row(step: tf.Tensor) -> dict[str, tf.Tensor]:
            epoch, position = step // size, step % size
            at = position
            if shuffle and size > 1:
                salt = tf.stack([tf.constant(key, tf.int64), epoch])
                at = tf.random.experimental.index_shuffle(position, salt, size - 1)
            return {"row": at, "epoch": epoch, "seed": tf.constant(drawn, tf.int64)}

        return steps.map(row)
