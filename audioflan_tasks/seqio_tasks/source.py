"""Records of one task of a corpus as a seqio source, in the order of the engine's plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import seqio
import tensorflow as tf
from numpy.typing import NDArray

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.batching.sharding import ShardBatches
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures import Mix, size
from audioflan_tasks.mixtures.spec.policies import tree_of
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.chain.element_map import map_elements
from audioflan_tasks.preprocessors.chain.record_features import RECORD, record_features
from audioflan_tasks.seqio_tasks.block_numbers import BlockNumbers, shard_of
from audioflan_tasks.shutdown import CALL_GATE

__all__ = ["SPLITS", "CorpusSource", "SourceOfEpochs"]

# In the order in which a dataset takes the first that is there.
SPLITS = ("train", "validation", "test")

# Records that a dataset numbers at once, and that a shard has at least.
_BLOCK, _MOST_SHARDS = 256, 1024


class CorpusSource(seqio.DataSource):
    """Yields the records of one task and split: their fields, `audio_ids`, and `epoch` (int64).

    Fields are those of `Instance` (docs/seqio.md). The corpus is opened when it is first
    needed, so registration reads nothing.
    """

    def __init__(
        self, task: str, corpus: Callable[[], Corpus], options: Callable[[], ExampleOptions]
    ) -> None:
        super().__init__(splits=(), caching_permitted=True, performs_internal_shuffling=True)
        self._task, self._open, self._options = task, corpus, options

    def __repr__(self) -> str:
        return f"CorpusSource({self._task!r})"

    @property
    def corpus(self) -> Corpus:
        """The corpus that the records are of."""
        return self._open()

    @property
    def splits(self) -> Sequence[str]:
        """Splits in which the task has rows."""
        return tuple(s for s in SPLITS if self.num_input_examples(s))

    @property
    def supports_arbitrary_sharding(self) -> bool:
        """Rows are numbers, so any number of shards is possible."""
        return True

    def list_shards(self, split: str) -> Sequence[str]:
        """Parts of a split that can be read at the same time, as by workers that cache it.

        Each holds about 256 records, and there are at most 1,024 of them.
        """
        count = min(_MOST_SHARDS, max(1, -(-self.num_input_examples(split) // _BLOCK)))
        return [f"{split}-{number:05d}-of-{count:05d}" for number in range(count)]

    def num_input_examples(self, split: str) -> int:
        """Rows of a split but those that say `unseen: true`; 0 where there is none."""
        corpus = self.corpus
        return corpus.size(self._task, split) - len(corpus.unseen_rows(self._task, split))

    def stream(
        self,
        split: str,
        shuffle: bool = True,
        seed: int | None = None,
        num_epochs: int | None = 1,
        lengths: Mapping[str, int] | None = None,
        options: ExampleOptions | None = None,
    ) -> Stream:
        """The engine's stream of this task alone; `options` None takes those of the source.

        Raises:
          SettingsError: the split has no rows.
        """
        if not self.num_input_examples(split):
            have = ", ".join(self.splits) or "none"
            raise SettingsError(f"{self._task}: no split {split!r} with records; it has: {have}")
        mix = Mix(tree_of((PREFIX + self._task,), size()))
        return Stream(
            mix, self.corpus, split=split, seed=seed, epochs=num_epochs, shuffle=shuffle,
            lengths=lengths, options=self._options() if options is None else options,
        )  # fmt: skip

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
        """The records, `num_epochs` times over (None: without end).

        With no seed a new one is drawn. The shards of an epoch are disjoint and complete.

        Raises:
          SettingsError: the split has no rows.
        """
        stream = self.stream(split, shuffle, seed, num_epochs)
        blocks_of = ShardBatches(shard_of(stream, shard_info), _BLOCK, 0)
        numbers = BlockNumbers(stream, blocks_of)

        def rows(number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
            with CALL_GATE:
                draws = stream.draws(blocks_of.steps(numbers.block(number), stream.total))
                return draws.row, draws.epoch

        def block(number: tf.Tensor) -> dict[str, tf.Tensor]:
            row, epoch = tf.numpy_function(rows, [number], [tf.int64, tf.int64], stateful=False)
            row.set_shape([None])
            epoch.set_shape([None])
            return {"row": row, "epoch": epoch}

        (task,) = stream.tasks

        def record(features: Mapping[str, Any]) -> dict[str, Any]:
            return record_features(stream.rows.instance(task, int(features["row"])))

        rows_of_epochs = numbers.dataset().map(block).unbatch()
        return map_elements(rows_of_epochs, record, reads={"row"}, writes=RECORD, drops={"row"})


class SourceOfEpochs(seqio.DataSource):
    """Another source, `num_epochs` times over (None: without end), each element with its `epoch`.

    seqio itself repeats elements without saying how often they have come.
    """

    def __init__(self, source: seqio.DataSource, num_epochs: int | None) -> None:
        super().__init__(
            splits=source.splits,
            performs_internal_shuffling=source.performs_internal_shuffling,
        )  # fmt: skip
        self._source, self._num_epochs = source, num_epochs

    @property
    def supports_arbitrary_sharding(self) -> bool:
        """As the other source says."""
        return bool(self._source.supports_arbitrary_sharding)

    def list_shards(self, split: str) -> Sequence[str]:
        """As the other source says."""
        shards: Sequence[str] = self._source.list_shards(split)
        return shards

    def num_input_examples(self, split: str) -> int | None:
        """Of one epoch, as the other source says."""
        count: int | None = self._source.num_input_examples(split)
        return count

    def get_dataset(
        self,
        split: str = "train",
        shuffle: bool = True,
        seed: int | None = None,
        shard_info: seqio.ShardInfo | None = None,
        **unused: Any,
    ) -> tf.data.Dataset:
        """All epochs, one after the other."""
        if isinstance(self._source, CorpusSource):
            return self._source.get_dataset(
                split, shuffle, seed, shard_info, num_epochs=self._num_epochs
            )
        dataset = self._source.get_dataset(split, shuffle, seed, shard_info)
        if self._num_epochs is None:
            epochs = tf.data.Dataset.counter()
        else:
            epochs = tf.data.Dataset.range(self._num_epochs)

        def with_epoch(epoch: tf.Tensor) -> tf.data.Dataset:
            if not isinstance(dataset.element_spec, dict):
                return dataset
            return dataset.map(lambda features: {**features, "epoch": epoch})

        return epochs.flat_map(with_epoch)
