"""The engine's stream as a tf.data.Dataset.

One numpy_function makes a block of examples; the pipeline holds a block number and nothing
else, so its checkpoint is a few bytes and a dataset can begin at any step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import seqio
import tensorflow as tf
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Facts
from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.batching.sharding import Shard, ShardBatches
from audioflan_tasks.engine.stream import Stream, facts, tags_text
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.seqio_tasks.features import element_spec
from audioflan_tasks.shutdown import CALL_GATE

__all__ = ["dataset_of"]

# Examples made by one call out of the graph; more where a store has their ids already.
_BLOCK, _STORED_BLOCK = 16, 256

# The first examples come one by one.
_SLOW = 8

_IDS = ("inputs", "targets")
# What all examples of a task say alike, and what needs no record.
_BY_TASK = ("task", "domain", "major", "paper_category", "tags")
_ALIKE = {*_IDS, *_BY_TASK}


def dataset_of(
    stream: Stream,
    shard_info: seqio.ShardInfo | None,
    start: int,
    where: str,
    kept: Collection[str] | None = None,
) -> tf.data.Dataset:
    """The examples of a stream from step `start` on, this shard's part of them.

    Args:
      kept: the features wanted; None: all of `element_spec`.

    Raises:
      SettingsError: while reading, when a whole epoch of examples was skipped.
    """
    info = shard_info or seqio.ShardInfo(0, 1)
    size = _BLOCK if stream.rows.store is None else _STORED_BLOCK
    route = ShardBatches(Shard(info.index, info.num_shards, stream.seed), size, start, _SLOW)
    spec = {n: one for n, one in element_spec().items() if kept is None or n in kept}
    make = _Block(stream, route, where, spec)
    kinds = [one.dtype for one in spec.values()]
    ranks = [len(one.shape) for one in spec.values()]

    def block(number: tf.Tensor) -> tuple[tf.Tensor, ...]:
        values = tf.numpy_function(
            make,
            [number],
            [*kinds, *(tf.int64 for rank in ranks if rank)],
            stateful=False,  # a stateful function would make the iterator uncheckpointable
        )
        for value, rank in zip(values, ranks, strict=False):
            value.set_shape([None] * (1 + rank))
        for value in values[len(kinds) :]:
            value.set_shape([None, 1])
        return tuple(values)

    blocks = tf.data.Dataset.counter()
    if stream.total is not None:
        blocks = blocks.take(route.batches(stream.total))
    options = tf.data.Options()
    # A thread of its own for each example would cost more than the example.
    options.experimental_optimization.map_parallelization = False
    return _inline(blocks.map(block).prefetch(1).unbatch(), _trim(spec)).with_options(options)


def _trim(spec: Mapping[str, tf.TensorSpec]) -> Callable[..., dict[str, tf.Tensor]]:
    """From the values of one row of a block, padded, and their lengths to an example."""

    def trim(*values: tf.Tensor) -> dict[str, tf.Tensor]:
        lengths, begin = iter(values[len(spec) :]), tf.zeros([1], tf.int64)
        return {
            name: tf.slice(value, begin, next(lengths)) if len(one.shape) else value
            for (name, one), value in zip(spec.items(), values, strict=False)
        }

    return trim


def _inline(
    dataset: tf.data.Dataset, function: Callable[..., dict[str, tf.Tensor]]
) -> tf.data.Dataset:
    """`dataset.map(function)` without handing each element to another thread: a third of the time.

    `Dataset.map` does not offer it, the operation below it does.
    """
    made = tf.function(function).get_concrete_function(*dataset.element_spec)
    spec = tf.nest.map_structure(
        lambda value: tf.TensorSpec(value.shape, value.dtype), made.structured_outputs
    )
    flat = tf.nest.flatten(spec)
    mapped = tf.raw_ops.MapDataset(
        input_dataset=tf.data.experimental.to_variant(dataset),
        other_arguments=[],
        f=made,
        output_types=[one.dtype for one in flat],
        output_shapes=[one.shape for one in flat],
        use_inter_op_parallelism=False,
    )
    return tf.data.experimental.from_variant(mapped, spec)


class _Block:
    """Makes a block as arrays [rows, …] in the order of the features, then lengths [rows, 1]."""

    def __init__(
        self, stream: Stream, route: ShardBatches, where: str, spec: Mapping[str, tf.TensorSpec]
    ) -> None:
        self._stream, self._route, self._where, self._spec = stream, route, where, spec
        self._limit = max(1, sum(stream.resolved.sizes.values()) // route.shard.count)
        self._skipped_in_a_row = 0
        # tf.data may make several blocks at once.
        self._lock = threading.Lock()
        told = [{"task": t, **facts(t), "tags": tags_text(stream.mix, t)} for t in stream.tasks]
        self._by_task = {
            name: np.array([one[name].encode() for one in told], object) for name in _BY_TASK
        }

    def __call__(self, number: int) -> tuple[NDArray[Any], ...]:
        with CALL_GATE:
            return self._made(number)

    def _made(self, number: int) -> tuple[NDArray[Any], ...]:
        steps = self._route.steps(int(number), self._stream.total)
        found = self._stream.draws(steps)
        block = self._stream.block(found)
        with self._lock:
            for kept in block.kept.tolist():
                self._count(kept)
        return self.arrays(block, found.task)

    def arrays(self, block: Block, task: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
        """The examples of a block as arrays; `task` [rows] numbers their tasks."""
        rows = np.flatnonzero(block.kept)
        # Records are read for them.
        told = block.facts(rows) if self._spec.keys() - _ALIKE else []
        counts = block.lengths[rows]
        widths = counts.max(0, initial=0).tolist()
        ids = block.tables(rows, len(rows), widths, self._stream.maker.vocabulary.pad_id)
        arrays: list[NDArray[Any]] = []
        lengths: list[NDArray[Any]] = []
        for name, spec in self._spec.items():
            if name in _IDS:
                number = _IDS.index(name)
                arrays.append(ids[number])
                lengths.append(counts[:, number : number + 1])
            elif len(spec.shape):
                lists = [[text.encode() for text in _LISTS[name](one)] for one in told]
                arrays.append(_table(lists))
                lengths.append(np.array([len(one) for one in lists], np.int64).reshape(-1, 1))
            elif name in self._by_task:
                column = self._by_task[name][task[rows]]
                for row, made in block.made.items() if name != "tags" else ():
                    # It may have become one of another task.
                    column[np.searchsorted(rows, row)] = made.provenance[name].encode()
                arrays.append(column)
            else:
                texts = [_text(name, one).encode() for one in told]
                arrays.append(np.array(texts, object))
        return (*arrays, *lengths)

    def _count(self, kept: bool) -> None:
        self._skipped_in_a_row = 0 if kept else self._skipped_in_a_row + 1
        # An endless stream of which nothing is kept would hang without a word.
        if self._skipped_in_a_row >= self._limit:
            raise SettingsError(
                f"{self._where}: {self._skipped_in_a_row} examples in a row were skipped "
                f"({dict(self._stream.maker.skipped)}); give a larger sequence_length, fewer "
                "codebooks (AUDIOFLAN_CODEBOOKS), or mend the missing audio (audioflan check)"
            )


_LISTS: Mapping[str, Callable[[Facts], Sequence[str]]] = {
    "audio_ids": lambda told: told.audio_ids,
    "shots": lambda told: told.shots,
}


def _text(name: str, told: Facts) -> str:
    return told.answer if name == "targets_pretokenized" else told.provenance[name]


def _table(lists: Sequence[Sequence[bytes]]) -> NDArray[np.object_]:
    """Lists as rows, empty texts behind them."""
    out = np.full((len(lists), max(map(len, lists), default=0)), b"", object)
    for row, one in zip(out, lists, strict=True):
        row[: len(one)] = one
    return out
