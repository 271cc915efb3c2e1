"""The engine's stream as a tf.data.Dataset.

One numpy_function makes a block of examples; the pipeline holds a block number and nothing
else, so its checkpoint is below 4 kB and a dataset can begin at any step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import seqio
import tensorflow as tf
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Facts
from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.batching.sharding import Shard, ShardBatches
from audioflan_tasks.engine.stream import Stream, tags_text, task_facts
from audioflan_tasks.mixtures.plan.plan import Draws
from audioflan_tasks.seqio_tasks.block_numbers import BlockNumbers
from audioflan_tasks.seqio_tasks.features import element_spec
from audioflan_tasks.shutdown import CALL_GATE

__all__ = ["Engine", "dataset_of"]

# What makes examples: this module, or a chain as it is written.
Engine = Literal["index", "seqio"]

# Examples made by one call out of the graph; more where a store has their ids already.
_BLOCK, _STORED_BLOCK = 16, 256

# The first examples come one by one.
_SLOW = 8

_IDS = ("inputs", "targets")
# Provenance that all examples of a task share, and features that need no record.
_BY_TASK = ("task", "domain", "major", "paper_category", "tags")
_WITHOUT_RECORD = {*_IDS, *_BY_TASK}


def dataset_of(
    stream: Stream,
    shard_info: seqio.ShardInfo | None,
    start: int,
    source: str,
    features: Collection[str] | None = None,
) -> tf.data.Dataset:
    """The examples of a stream from step `start` on, this shard's part of them.

    Args:
      source: what is read, for errors.
      features: those that examples have; None: all of `element_spec`.

    Raises:
      SettingsError: while reading, when a whole epoch of examples was skipped.
    """
    info = shard_info or seqio.ShardInfo(0, 1)
    size = _BLOCK if stream.rows.store is None else _STORED_BLOCK
    shard = Shard(info.index, info.num_shards, stream.seed)
    shard_blocks = ShardBatches(shard, size, start, _SLOW)
    spec = {n: s for n, s in element_spec().items() if features is None or n in features}
    numbers = BlockNumbers(stream, shard_blocks)
    make = _BlockArrays(stream, shard_blocks, numbers, source, spec).make
    kinds = [tensor.dtype for tensor in spec.values()]
    ranks = [len(tensor.shape) for tensor in spec.values()]

    def block(number: tf.Tensor) -> tuple[tf.Tensor, ...]:
        values = tf.numpy_function(
            make,
            [number],
            [*kinds, *(tf.int64 for rank in ranks if rank), tf.string],
            stateful=False,  # a stateful function would make the iterator uncheckpointable
        )
        for value, rank in zip(values, ranks, strict=False):
            value.set_shape([None] * (1 + rank))
        for value in values[len(kinds) : -1]:
            value.set_shape([None, 1])
        values[-1].set_shape([None])
        return tuple(values)

    tf_options = tf.data.Options()
    # A thread of its own for each example would cost more than the example.
    tf_options.experimental_optimization.map_parallelization = False
    tf_options.experimental_symbolic_checkpoint = True
    blocks = numbers.dataset().map(block)
    return _inline(blocks.prefetch(1).unbatch(), _trim(spec)).with_options(tf_options)


def _trim(spec: Mapping[str, tf.TensorSpec]) -> Callable[..., dict[str, tf.Tensor]]:
    """From the values of one row of a block, padded, their lengths and its error to an example."""

    def trim(*all_values: tf.Tensor) -> dict[str, tf.Tensor]:
        *values, error = all_values
        # Raised for the example, not for its block: `ignore_errors` loses no other.
        tf.debugging.Assert(tf.equal(error, b""), [error])
        lengths, begin = iter(values[len(spec) :]), tf.zeros([1], tf.int64)
        return {
            name: tf.slice(value, begin, next(lengths)) if len(tensor.shape) else value
            for (name, tensor), value in zip(spec.items(), values, strict=False)
        }

    return trim


def _inline(
    dataset: tf.data.Dataset, function: Callable[..., dict[str, tf.Tensor]]
) -> tf.data.Dataset:
    """`dataset.map(function)` without handing each element to another thread: a third of the time.

    `Dataset.map` does not offer it, the operation below it does.
    """
    graph = tf.function(function).get_concrete_function(*dataset.element_spec)
    spec = tf.nest.map_structure(
        lambda value: tf.TensorSpec(value.shape, value.dtype), graph.structured_outputs
    )
    flat = tf.nest.flatten(spec)
    mapped_variant = tf.raw_ops.MapDataset(
        input_dataset=tf.data.experimental.to_variant(dataset),
        other_arguments=[],
        f=graph,
        output_types=[tensor.dtype for tensor in flat],
        output_shapes=[tensor.shape for tensor in flat],
        use_inter_op_parallelism=False,
    )
    return tf.data.experimental.from_variant(mapped_variant, spec)


class _BlockArrays:
    """Makes a block as arrays [rows, …] in the order of the features, then lengths [rows, 1]."""

    def __init__(
        self,
        stream: Stream,
        shard_blocks: ShardBatches,
        numbers: BlockNumbers,
        source: str,
        spec: Mapping[str, tf.TensorSpec],
    ) -> None:
        self._stream, self._shard_blocks, self._spec = stream, shard_blocks, spec
        self._numbers = numbers
        self._guard = stream.skip_guard(shard_blocks.shard.count, source)
        facts = [{"task": t, **task_facts(t), "tags": tags_text(stream.mix, t)}
                 for t in stream.tasks]  # fmt: skip
        self._by_task = {
            name: np.array([task[name].encode() for task in facts], object) for name in _BY_TASK
        }

    def make(self, number: int) -> tuple[NDArray[Any], ...]:
        """The arrays of a block by its number, and the error of each row (b"": none)."""
        with CALL_GATE:
            steps = self._shard_blocks.steps(self._numbers.block(number), self._stream.total)
            draws, errors = self._stream.draws(steps), {}
            try:
                block = self._stream.block(draws)
            except Exception:
                errors = self._errors(draws)
                draws = _rows_of(draws, [n for n in range(len(steps)) if n not in errors])
                block = self._stream.block(draws)
            self._guard.count(block.kept)
            arrays = self._arrays(block, draws.task)
            no_error = np.full(int(block.kept.sum()), b"", object)
            return _with_errors((*arrays, no_error), np.flatnonzero(block.kept), errors)

    def _errors(self, draws: Draws) -> dict[int, str]:
        """What is raised by each row that cannot be made."""
        errors = {}
        for row in range(len(draws.task)):
            try:
                self._stream.block(_rows_of(draws, [row]))
            except Exception as error:
                errors[row] = f"{type(error).__name__}: {error}"
        return errors

    def _arrays(self, block: Block, task: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
        """The examples of a block as arrays; `task` [rows] numbers their tasks."""
        rows = np.flatnonzero(block.kept)
        # Records are read for them.
        facts = block.facts(rows) if self._spec.keys() - _WITHOUT_RECORD else []
        counts = block.lengths[rows]
        # At least 1: tf.data does not take rows without room.
        widths = counts.max(0, initial=1).tolist()
        ids = block.tables(rows, len(rows), widths, self._stream.maker.vocabulary.pad_id)
        arrays: list[NDArray[Any]] = []
        lengths: list[NDArray[Any]] = []
        for name, spec in self._spec.items():
            if name in _IDS:
                number = _IDS.index(name)
                arrays.append(ids[number])
                lengths.append(counts[:, number : number + 1])
            elif len(spec.shape):
                lists = [[text.encode() for text in _LISTS[name](f)] for f in facts]
                arrays.append(_table(lists))
                lengths.append(np.array([len(texts) for texts in lists], np.int64).reshape(-1, 1))
            elif name in self._by_task:
                column = self._by_task[name][task[rows]]
                for row, example in block.from_records.items() if name != "tags" else ():
                    # It may have become one of another task.
                    column[np.searchsorted(rows, row)] = example.provenance[name].encode()
                arrays.append(column)
            else:
                texts = [_text(name, f).encode() for f in facts]
                arrays.append(np.array(texts, object))
        return (*arrays, *lengths)


def _rows_of(draws: Draws, rows: Sequence[int]) -> Draws:
    return Draws(*(column[list(rows)] for column in draws))


def _with_errors(
    arrays: tuple[NDArray[Any], ...], kept: NDArray[np.int64], errors: Mapping[int, str]
) -> tuple[NDArray[Any], ...]:
    """Arrays with empty rows for those that failed, in their places; the last has the errors."""
    if not errors:
        return arrays
    # `kept` counts the rows without those that failed.
    good = np.setdiff1d(np.arange(len(kept) + len(errors) + int(kept.max(initial=0))), [*errors])
    order = np.argsort(np.concatenate([good[kept], [*errors]]), kind="stable")
    columns = []
    for array in arrays:
        filler: Any = b"" if array.dtype == object else 0
        if 0 in array.shape[1:]:
            # Where all rows failed: tf.data does not take rows without room.
            array = np.full((len(array), 1), filler, array.dtype)
        rows = np.full((len(errors), *array.shape[1:]), filler, array.dtype)
        columns.append(np.concatenate([array, rows])[order])
    texts = np.concatenate([np.full(len(kept), b"", object), [e.encode() for e in errors.values()]])
    return (*columns[:-1], texts[order])


_LISTS: Mapping[str, Callable[[Facts], Sequence[str]]] = {
    "audio_ids": lambda facts: facts.audio_ids,
    "shots": lambda facts: facts.shots,
}


def _text(name: str, facts: Facts) -> str:
    return facts.answer if name == "targets_pretokenized" else facts.provenance[name]


def _table(lists: Sequence[Sequence[bytes]]) -> NDArray[np.object_]:
    """Lists as rows, empty texts behind them."""
    table = np.full((len(lists), max(map(len, lists), default=0)), b"", object)
    for row, texts in zip(table, lists, strict=True):
        row[: len(texts)] = texts
    return table
