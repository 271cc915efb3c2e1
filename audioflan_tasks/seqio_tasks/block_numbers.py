"""Numbers of blocks as a tf.data.Dataset, which know the stream they belong to."""

from __future__ import annotations

import hashlib
import json

import seqio
import tensorflow as tf

from audioflan_tasks.engine.batching.sharding import Shard, ShardBatches
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import MixtureError

__all__ = ["BlockNumbers", "shard_of"]

# Blocks of a stream, at most; the bits above are those of the stream.
_BLOCK_BITS, _STREAM_BITS = 40, 22


def shard_of(stream: Stream, shard_info: seqio.ShardInfo | None) -> Shard:
    """The part of a stream that a dataset reads.

    Unshuffled it is the same with every seed: `seqio_cache_tasks` gives each shard its own.
    """
    info = shard_info or seqio.ShardInfo(0, 1)
    return Shard(info.index, info.num_shards, stream.seed if stream.shuffle else 0)


class BlockNumbers:
    """Numbers that an iterator's checkpoint holds: those of another stream are refused.

    A checkpoint of tf.data is restored without asking anyone, and holds a number only.
    """

    def __init__(self, stream: Stream, shard_blocks: ShardBatches) -> None:
        shard = shard_blocks.shard
        # No record is read for it, and no tokenizer loaded.
        facts = [
            shard_blocks.size, shard_blocks.start, shard_blocks.slow, shard.index, shard.count,
            stream.seed, stream.mix.fingerprint, stream.split, stream.epochs, stream.stop,
            stream.shuffle, stream.begin, stream.resolved.sizes, stream.options.changes,
        ]  # fmt: skip
        text = json.dumps(facts, sort_keys=True, default=str)
        digest = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        self._first = digest % 2**_STREAM_BITS << _BLOCK_BITS
        self._count = None if stream.total is None else shard_blocks.batches(stream.total)

    def dataset(self) -> tf.data.Dataset:
        """The numbers of all blocks."""
        numbers = tf.data.Dataset.counter(start=self._first)
        return numbers if self._count is None else numbers.take(self._count)

    def block(self, number: int) -> int:
        """The block that a number stands for.

        Raises:
          MixtureError: it is one of another stream.
        """
        block: int = int(number) - self._first
        if not 0 <= block < 2**_BLOCK_BITS:
            raise MixtureError(
                "the checkpoint of this iterator is of another stream: seed, mixture, split, "
                "number of records, options, shard and first step must be as they were"
            )
        return block
