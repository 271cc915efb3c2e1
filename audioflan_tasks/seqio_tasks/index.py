"""The engine's stream as a tf.data.Dataset.

Python makes a block of examples; the pipeline holds numbers of blocks and a row's place in one
and nothing else, so its checkpoint is below 4 kB and a dataset can begin at any step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, Literal

import numpy as np
import seqio
import tensorflow as tf
from numpy.typing import DTypeLike, NDArray

from audioflan_tasks.engine.assembly.arrays import ragged_ranges
from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.batching.sharding import ShardBatches
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.engine.task_facts import tags_text, task_facts
from audioflan_tasks.mixtures.plan.plan import Draws
from audioflan_tasks.preprocessors.chain.asking import ANSWER
from audioflan_tasks.seqio_tasks.block_numbers import BlockNumbers, shard_of
from audioflan_tasks.seqio_tasks.features import element_spec
from audioflan_tasks.shutdown import CALL_GATE

__all__ = ["Engine", "dataset_of"]

# What makes examples: this module, or a chain as it is written.
Engine = Literal["index", "seqio"]

I64 = NDArray[np.int64]
Arrays = tuple[NDArray[Any], ...]

# Examples made by one call out of the graph; more where a store has their ids already.
_BLOCK, _STORED_BLOCK = 16, 256

# The first examples come one by one.
_SLOW = 8

# Blocks that are made before they are read, by all iterators of a dataset.
_MADE_BLOCKS = 4

# Rows of tables have a multiple of this width, so that tf.data reads them where they lie, and an
# unused column before them, so that it copies what it takes: else a block would stay in memory
# for each of its rows. That is so for ids, and for texts.
_WIDTH, _TEXT_WIDTH, _BEFORE = 16, 8, 1

_IDS = ("inputs", "targets")
# Provenance that all examples of a task share.
_BY_TASK = ("task", "domain", "major", "paper_category", "tags")
# The fields of `ToldFacts` of features that have another name.
_TOLD_AS = {ANSWER: "answer"}


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
    size = _BLOCK if stream.rows.store is None else _STORED_BLOCK
    shard_blocks = ShardBatches(shard_of(stream, shard_info), size, start, _SLOW)
    spec = {n: s for n, s in element_spec().items() if features is None or n in features}
    numbers = BlockNumbers(stream, shard_blocks)
    constants = {n: c for n, c in _constants(stream).items() if n in spec}
    row_spec = {name: tensor for name, tensor in spec.items() if name not in constants}
    blocks = _BlockArrays(stream, shard_blocks, numbers, source, row_spec)

    def make_ahead(number: tf.Tensor) -> tf.Tensor:
        made_number = tf.numpy_function(blocks.make, [number], tf.int64, stateful=False)
        return tf.ensure_shape(made_number, [])

    def rows(number: tf.Tensor) -> tf.data.Dataset:
        # A stateful function would make the iterator uncheckpointable.
        types = [*(row.dtype for row in blocks.row_spec), tf.string]
        *arrays, errors = tf.numpy_function(blocks.pop, [number], types, stateful=False)
        for array, row in zip(arrays, blocks.row_spec, strict=True):
            array.set_shape([None, *row.shape])
        errors.set_shape([None])
        return _rows_of(tuple(arrays), errors, blocks.row_spec)

    tf_options = tf.data.Options()
    # A thread of its own for each example would cost more than the example.
    tf_options.experimental_optimization.map_parallelization = False
    # It would put a buffer of examples at the end, which checkpoints hold.
    tf_options.experimental_optimization.inject_prefetch = False
    # What waits, and is in checkpoints, are numbers of blocks and not examples.
    waiting_numbers = numbers.dataset().map(make_ahead).prefetch(1)
    example_of = partial(_example, row_spec, constants)
    return _inline(waiting_numbers.flat_map(rows), example_of, spec).with_options(tf_options)


def _constants(stream: Stream) -> dict[str, bytes | Sequence[bytes]]:
    """Features that all examples share: each that tf.data hands on costs a microsecond a row."""
    constants: dict[str, bytes | Sequence[bytes]] = {}
    if not stream.options.shots:
        constants["shots"] = ()
    # A swapped record is of another task.
    if not stream.options.inversion:
        constants["swapped_from"] = b""
        columns = _by_task(stream)
        constants |= {n: column[0] for n, column in columns.items() if len({*column}) == 1}
    return constants


def _by_task(stream: Stream) -> dict[str, NDArray[np.object_]]:
    """For each feature that examples of a task share its value by number of the task."""
    facts = [{"task": t, **task_facts(t), "tags": tags_text(stream.mix, t)} for t in stream.tasks]
    return {name: np.array([task[name].encode() for task in facts], object) for name in _BY_TASK}


def _rows_of(
    arrays: tuple[tf.Tensor, ...], errors: tf.Tensor, row_spec: tuple[tf.TensorSpec, ...]
) -> tf.data.Dataset:
    """The rows of a block, each with its error where `errors` is not empty."""

    def unchecked() -> tf.Tensor:
        return tf.data.experimental.to_variant(tf.data.Dataset.from_tensor_slices(arrays))

    def checked() -> tf.Tensor:
        rows = tf.data.Dataset.from_tensor_slices((errors, *arrays))
        return tf.data.experimental.to_variant(rows.map(_without_error))

    # A check of every row would take a tenth of the time.
    variant = tf.cond(tf.equal(tf.size(errors), 0), unchecked, checked)
    return tf.data.experimental.from_variant(variant, row_spec)


def _without_error(error: tf.Tensor, *row: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """A row; its error is raised for it and not for its block: `ignore_errors` loses no other."""
    tf.debugging.Assert(tf.equal(error, b""), [error])
    return row


def _example(
    spec: Mapping[str, tf.TensorSpec],
    constants: Mapping[str, bytes | Sequence[bytes]],
    *row: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """From a row of the arrays of a block to an example."""
    lengths, begin = iter(row[len(spec) :]), tf.constant([_BEFORE], tf.int64)
    values = {
        name: tf.slice(value, begin, next(lengths)) if len(tensor.shape) else value
        for (name, tensor), value in zip(spec.items(), row, strict=False)
    }
    return values | {name: tf.constant(value, tf.string) for name, value in constants.items()}


def _inline(
    dataset: tf.data.Dataset,
    function: Callable[..., dict[str, tf.Tensor]],
    spec: Mapping[str, tf.TensorSpec],
) -> tf.data.Dataset:
    """`dataset.map(function)` without handing each element to another thread: a third of the time.

    `Dataset.map` does not offer it, the operation below it does. `spec` is that of the result.
    """
    graph = tf.function(function).get_concrete_function(*dataset.element_spec)
    flat = tf.nest.flatten(dict(spec))
    mapped_variant = tf.raw_ops.MapDataset(
        input_dataset=tf.data.experimental.to_variant(dataset),
        other_arguments=[],
        f=graph,
        output_types=[tensor.dtype for tensor in flat],
        output_shapes=[tensor.shape for tensor in flat],
        use_inter_op_parallelism=False,
    )
    return tf.data.experimental.from_variant(mapped_variant, dict(spec))


class _BlockArrays:
    """Makes blocks as arrays: the features in their order, lists as tables [rows, width] with one
    column before them; then the lengths of each list [rows, 1]; then the error of each row, or
    none where there is none in the block.
    """

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
        self._by_task = _by_task(stream)
        self._made_blocks: dict[int, Arrays] = {}

    @property
    def row_spec(self) -> tuple[tf.TensorSpec, ...]:
        """A row of each array but the errors."""
        specs = self._spec.values()
        features = [tf.TensorSpec([None] if len(s.shape) else [], s.dtype) for s in specs]
        return (*features, *(tf.TensorSpec([1], tf.int64) for s in specs if len(s.shape)))

    def make(self, number: int) -> int:
        """Makes a block for the `pop` that follows, and returns its number."""
        with CALL_GATE:
            self._made_blocks[int(number)] = self._block(number)
            for old_number in list(self._made_blocks)[:-_MADE_BLOCKS]:
                self._made_blocks.pop(old_number, None)
            return number

    def pop(self, number: int) -> Arrays:
        """The arrays of a block, made anew where they have been forgotten."""
        with CALL_GATE:
            arrays = self._made_blocks.pop(int(number), None)
            return self._block(number) if arrays is None else arrays

    def _block(self, number: int) -> Arrays:
        steps = self._shard_blocks.steps(self._numbers.block(number), self._stream.total)
        draws = self._stream.draws(steps)
        try:
            return self._of_draws(draws)
        except Exception:
            each_row = [Draws(*(c[row : row + 1] for c in draws)) for row in range(len(steps))]
            tables = zip(*(self._of_row(row) for row in each_row), strict=True)
            return tuple(_joined(table) for table in tables)

    def _of_row(self, draws: Draws) -> Arrays:
        """The arrays of one row; where it cannot be made a row without content and its error."""
        try:
            *arrays, _ = self._of_draws(draws)
            return (*arrays, np.full(len(arrays[0]), b"", object))
        except Exception as error:
            text = f"{type(error).__name__}: {error}".encode()
            blank = [
                _blank([1, *(width or _WIDTH for width in row.shape)], row.dtype.as_numpy_dtype)
                for row in self.row_spec
            ]
            return (*blank, np.array([text], object))

    def _of_draws(self, draws: Draws) -> Arrays:
        block = self._stream.block(draws)
        self._guard.count(block.kept)
        return (*self._arrays(block, draws.task), np.empty(0, object))

    def _arrays(self, block: Block, task: I64) -> Arrays:
        """The examples of a block as arrays without errors; `task` [rows] numbers their tasks."""
        rows = np.flatnonzero(block.kept)
        is_told = self._spec.keys() - {*_IDS, *_BY_TASK}
        facts = block.facts(rows) if is_told else None
        counts = block.lengths[rows]
        widths = tuple(map(_wide, counts.max(0, initial=0).tolist()))
        pad = self._stream.maker.vocabulary.pad_id
        ids = block.tables(rows, len(rows), (widths[0], widths[1]), pad, _BEFORE)
        arrays: list[NDArray[Any]] = []
        lengths: list[NDArray[Any]] = []
        for name, spec in self._spec.items():
            if name in _IDS:
                number = _IDS.index(name)
                arrays.append(ids[number])
                lengths.append(counts[:, number : number + 1])
            elif len(spec.shape):
                table, sizes = _table(getattr(facts, name))
                arrays.append(table)
                lengths.append(sizes)
            elif name in self._by_task:
                column = self._by_task[name][task[rows]]
                for row, example in block.from_records.items() if name != "tags" else ():
                    # It may have become one of another task.
                    column[np.searchsorted(rows, row)] = example.provenance[name].encode()
                arrays.append(column)
            else:
                arrays.append(np.array(getattr(facts, _TOLD_AS.get(name, name)), object))
        return (*arrays, *lengths)


def _joined(tables: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Arrays below each other, as wide as the widest."""
    shapes = np.array([table.shape[1:] for table in tables])
    joined = _blank([sum(map(len, tables)), *shapes.max(0).tolist()], tables[0].dtype)
    begin = 0
    for table in tables:
        place = (slice(begin, begin + len(table)), *map(slice, table.shape[1:]))
        joined[place] = table
        begin += len(table)
    return joined


def _blank(shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
    return np.full(shape, b"" if np.dtype(dtype) == object else 0, dtype)


def _wide(width: int, multiple: int = _WIDTH) -> int:
    """The width of a table of lists of at most so many values."""
    return -(-(_BEFORE + width) // multiple) * multiple


def _table(lists: Sequence[Sequence[bytes]]) -> tuple[NDArray[np.object_], I64]:
    """Lists as rows, empty texts before and behind them, and how many texts each has [rows, 1]."""
    sizes = np.fromiter(map(len, lists), np.int64, len(lists))
    width = _wide(int(sizes.max(initial=0)), _TEXT_WIDTH)
    table = np.full((len(lists), width), b"", object)
    starts = np.arange(len(lists)) * width + _BEFORE
    table.reshape(-1)[ragged_ranges(starts, sizes)] = [*chain.from_iterable(lists)]
    return table, sizes.reshape(-1, 1)
