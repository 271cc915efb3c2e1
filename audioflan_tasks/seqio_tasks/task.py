"""One minor task as a `seqio.Task`.

Differences from the stock class, each a promise of this package: `get_dataset()` works
without arguments where a task has no train split; rows are permuted by the source
instead of through a buffer of finished examples; provenance is always there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import seqio
import tensorflow as tf
from numpy.typing import NDArray

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import Example, ExampleMaker
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.metrics import metric
from audioflan_tasks.seqio_tasks.features import PROVENANCE, OutputFeatures, element_spec
from audioflan_tasks.seqio_tasks.postprocess import postprocessor
from audioflan_tasks.seqio_tasks.source import CorpusSource

__all__ = ["AudioFlanTask", "make_task"]

_LOG = logging.getLogger("audioflan_tasks")


class AudioFlanTask(seqio.Task):
    """A task over a corpus. Build it with `make_task`."""

    @property
    def output_features(self) -> Mapping[str, seqio.Feature]:
        """`inputs` and `targets` with the vocabulary of the settings as they are now.

        The stock class keeps what it was built with; that would load a vocabulary at import
        and be wrong as soon as the settings change.
        """
        return OutputFeatures()

    @property
    def splits(self) -> Sequence[str]:
        """Splits with records; none where the corpus has nothing for this task.

        Stock seqio raises then, and with it every mixture over a corpus that lacks a task.
        """
        found: Sequence[str] = self.source.splits
        return found

    def get_dataset(
        self,
        sequence_length: Mapping[str, int] | None = None,
        split: str | None = None,
        use_cached: bool = False,
        shuffle: bool = True,
        shuffle_buffer_size: int | None = None,
        seed: int | None = None,
        shard_info: seqio.ShardInfo | None = None,
        num_epochs: int | None = 1,
        trim_output_features: bool = True,
        try_in_mem_cache: bool = True,
    ) -> tf.data.Dataset:
        """Examples of one split as a tf.data.Dataset; arguments as in `seqio.Task`.

        `split` defaults to train, else validation, else test. Shuffling permutes all rows
        of an epoch; `shuffle_buffer_size` shuffles finished examples on top of that.
        `sequence_length` crops whole codec frames inside spans, never a span's end mark;
        an example that cannot fit is skipped and counted. `try_in_mem_cache` has nothing
        to do: rows are numbers, codes have their own cache.

        Raises:
          SettingsError: no such split, or `use_cached`: codes are cached per clip and
            templates drawn per epoch, so there is nothing for an offline cache to hold.
        """
        if use_cached:
            raise SettingsError(
                f"{self.name}: use_cached=True is not supported; codes are cached per clip "
                "(AUDIOFLAN_CACHE_DIR) and templates are drawn anew each epoch"
            )
        have = self.splits
        wanted = split or (have[0] if have else "train")
        dataset = self.source.get_dataset(
            wanted, shuffle=shuffle, seed=seed, shard_info=shard_info, num_epochs=num_epochs
        )
        dataset = _examples(self, dataset, wanted, sequence_length, trim_output_features)
        if shuffle and shuffle_buffer_size:
            dataset = dataset.shuffle(shuffle_buffer_size, seed=seed)
        return dataset.prefetch(1)


def make_task(row: TaskRow, corpus: Callable[[], Corpus]) -> AudioFlanTask:
    """The task of a catalogue row over a corpus that is opened when needed."""
    return AudioFlanTask(
        name=row.name,
        source=CorpusSource(row.id, corpus),
        output_features={},
        preprocessors=[],
        postprocess_fn=postprocessor(row),
        metric_fns=[metric(name).function(row) for name in row.metrics],
        shuffle_buffer_size=1,
        source_info=None,
    )


def _examples(
    task: AudioFlanTask,
    rows: tf.data.Dataset,
    split: str,
    sequence_length: Mapping[str, int] | None,
    trim: bool,
) -> tf.data.Dataset:
    lengths = dict(sequence_length or {}) if trim else {}
    make = _RowMaker(task.name, split, task.source.corpus, lengths)
    spec = element_spec()

    def example(row: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        values = tf.numpy_function(
            make,
            [row["row"], row["epoch"], row["seed"]],
            [tf.bool, *(s.dtype for s in spec.values())],
            stateful=False,  # a stateful function would make the iterator uncheckpointable
        )
        for value, wanted in zip(values[1:], spec.values(), strict=True):
            value.set_shape(wanted.shape)
        values[0].set_shape([])
        return {"keep": values[0], **dict(zip(spec, values[1:], strict=True))}

    made = rows.map(example).filter(lambda e: e["keep"])
    return made.map(lambda e: {name: e[name] for name in spec})


class _RowMaker:
    """Makes the example of a row as plain arrays, in the order of `element_spec`."""

    def __init__(self, name: str, split: str, corpus: Corpus, lengths: Mapping[str, int]) -> None:
        self._where = f"{name}, split {split}"
        self._task, self._split, self._corpus = name, split, corpus
        self._maker = ExampleMaker(corpus, lengths)
        self._limit = max(1, corpus.size(name, split))
        self._skipped_in_a_row = 0

    def __call__(self, row: int, epoch: int, seed: int) -> tuple[Any, ...]:
        instance = self._corpus.instance(self._task, self._split, int(row))
        example = self._maker(instance, int(seed), int(epoch))
        if example is None:
            self._count_skip()
            return _arrays(None)
        self._skipped_in_a_row = 0
        return _arrays(example)

    def _count_skip(self) -> None:
        self._skipped_in_a_row += 1
        if self._skipped_in_a_row == 1:
            _LOG.info("%s: skipped so far: %s", self._where, dict(self._maker.skipped))
        # An endless stream of which nothing is kept would hang without a word.
        if self._skipped_in_a_row >= self._limit:
            raise SettingsError(
                f"{self._where}: {self._skipped_in_a_row} examples in a row were skipped "
                f"({dict(self._maker.skipped)}); give a larger sequence_length, fewer codebooks "
                "(AUDIOFLAN_CODEBOOKS), or mend the missing audio (audioflan check)"
            )


def _arrays(example: Example | None) -> tuple[Any, ...]:
    if example is None:
        empty: NDArray[np.int32] = np.zeros(0, np.int32)
        strings = [_strings(()) if rank else _bytes("") for rank in PROVENANCE.values()]
        return (np.False_, empty, empty, _bytes(""), *strings)
    values = {**example.provenance, "audio_ids": example.audio_ids, "shots": example.shots}
    strings = [
        _strings(values[name]) if rank else _bytes(str(values[name]))
        for name, rank in PROVENANCE.items()
    ]
    return (np.True_, example.inputs, example.targets, _bytes(example.answer), *strings)


def _bytes(text: str) -> NDArray[np.object_]:
    return np.array(text.encode("utf-8"), dtype=object)


def _strings(texts: Any) -> NDArray[np.object_]:
    return np.array([t.encode("utf-8") for t in texts], dtype=object)
