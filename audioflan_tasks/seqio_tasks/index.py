"""The engine's stream as a tf.data.Dataset.

One numpy_function makes a block of examples; the pipeline holds a block number and nothing
else, so its checkpoint is a few bytes and a dataset can begin at any step.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import seqio
import tensorflow as tf
from numpy.typing import NDArray

from audioflan_tasks.corpus.examples import Example
from audioflan_tasks.engine.routes import Route
from audioflan_tasks.engine.stream import Made, Stream, tags_text
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures.shards import Shard
from audioflan_tasks.seqio_tasks.features import element_spec

__all__ = ["dataset_of"]

# Examples made by one call out of the graph.
_BLOCK = 16

# The first examples come one by one.
_SLOW = 8

_IDS = ("inputs", "targets")


def dataset_of(
    stream: Stream, shard_info: seqio.ShardInfo | None, start: int, where: str
) -> tf.data.Dataset:
    """The examples of a stream from step `start` on, this shard's part of them.

    Raises:
      SettingsError: while reading, when a whole epoch of examples was skipped.
    """
    info = shard_info or seqio.ShardInfo(0, 1)
    route = Route(Shard(info.index, info.num_shards, stream.seed), _BLOCK, start, _SLOW)
    spec = element_spec()
    kinds = [spec[name].dtype for name in spec]
    ragged = [name for name in spec if len(spec[name].shape)]
    make = _Block(stream, route, where)

    def block(number: tf.Tensor) -> tuple[tf.Tensor, ...]:
        values = tf.numpy_function(
            make,
            [number],
            [*kinds, *(tf.int64 for _ in ragged)],
            stateful=False,  # a stateful function would make the iterator uncheckpointable
        )
        for value in values:
            value.set_shape([None])
        return tuple(values)

    def examples(*values: tf.Tensor) -> tf.data.Dataset:
        flat = dict(zip(spec, values, strict=False))
        splits = dict(zip(ragged, values[len(kinds) :], strict=True))

        # Slices by hand: ragged tensors are slower here, and make tf.data write long warnings.
        def example(at: tf.Tensor) -> dict[str, tf.Tensor]:
            return {
                name: value[splits[name][at] : splits[name][at + 1]]
                if name in splits
                else value[at]
                for name, value in flat.items()
            }

        count = tf.size(splits[ragged[0]], tf.int64) - 1
        return tf.data.Dataset.range(count).map(example)

    blocks = tf.data.Dataset.counter()
    if stream.total is not None:
        blocks = blocks.take(route.batches(stream.total))
    return blocks.map(block).flat_map(examples)


class _Block:
    """Makes a block as flat arrays in the order of `element_spec`, then the ragged splits."""

    def __init__(self, stream: Stream, route: Route, where: str) -> None:
        self._stream, self._route, self._where = stream, route, where
        self._limit = max(1, sum(stream.resolved.sizes.values()) // route.shard.count)
        self._skipped_in_a_row = 0
        # tf.data may make several blocks at once.
        self._lock = threading.Lock()
        self._tags = {task: tags_text(stream.mix, task) for task in stream.tasks}

    def __call__(self, number: int) -> tuple[NDArray[Any], ...]:
        steps = self._route.steps(int(number), self._stream.total)
        made = self._stream.made(steps)
        with self._lock:
            for one in made:
                self._count(one)
        return self.arrays([m for m in made if m.draft is not None])

    def arrays(self, made: Sequence[Made]) -> tuple[NDArray[Any], ...]:
        """Examples as flat arrays."""
        examples = [m.draft.example for m in made if m.draft is not None]
        tags = [self._tags[m.task] for m in made]
        flat: list[NDArray[Any]] = []
        splits: list[NDArray[Any]] = []
        for name, spec in element_spec().items():
            if name in _IDS:
                parts = [getattr(e, name) for e in examples]
                flat.append(np.concatenate([np.zeros(0, np.int32), *parts]))
                splits.append(_splits([len(p) for p in parts]))
            elif len(spec.shape):
                texts = [_RANK_ONE[name](e) for e in examples]
                flat.append(_bytes(list(itertools.chain(*texts))))
                splits.append(_splits([len(t) for t in texts]))
            else:
                flat.append(
                    _bytes([_text(name, e, t) for e, t in zip(examples, tags, strict=True)])
                )
        return (*flat, *splits)

    def _count(self, made: Made) -> None:
        self._skipped_in_a_row = 0 if made.draft is not None else self._skipped_in_a_row + 1
        # An endless stream of which nothing is kept would hang without a word.
        if self._skipped_in_a_row >= self._limit:
            raise SettingsError(
                f"{self._where}: {self._skipped_in_a_row} examples in a row were skipped "
                f"({dict(self._stream.maker.skipped)}); give a larger sequence_length, fewer "
                "codebooks (AUDIOFLAN_CODEBOOKS), or mend the missing audio (audioflan check)"
            )


_RANK_ONE: Mapping[str, Callable[[Example], Sequence[str]]] = {
    "audio_ids": lambda e: e.audio_ids,
    "shots": lambda e: e.shots,
}


def _text(name: str, example: Example, tags: str) -> str:
    if name == "targets_pretokenized":
        return example.answer
    return tags if name == "tags" else str(example.provenance[name])


def _splits(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.array(lengths, np.int64))]).astype(np.int64)


def _bytes(texts: Sequence[str]) -> NDArray[np.object_]:
    return np.array([t.encode("utf-8") for t in texts], dtype=object)
