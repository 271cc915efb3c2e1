"""One minor task as a `seqio.Task`.

Differences from the stock class, each a promise of this package: `get_dataset()` works
without arguments where a task has no train split; rows are permuted by the source
instead of through a buffer of finished examples; provenance is always there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import seqio
import tensorflow as tf

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.metrics import metric
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.seqio_tasks.features import OutputFeatures
from audioflan_tasks.seqio_tasks.index import dataset_of
from audioflan_tasks.seqio_tasks.mixture import refuse_cached
from audioflan_tasks.seqio_tasks.postprocess import postprocessor
from audioflan_tasks.seqio_tasks.source import CorpusSource

__all__ = ["AudioFlanTask", "make_task"]


class AudioFlanTask(seqio.Task):
    """A task over a corpus. Build it with `make_task`."""

    def __init__(
        self, *, options: Callable[[], ExampleOptions] = settings.example_options, **stock: Any
    ) -> None:
        self.options = options
        super().__init__(**stock)

    @property
    def output_features(self) -> Mapping[str, seqio.Feature]:
        """`inputs` and `targets` with the vocabulary of the options as they are now.

        The stock class keeps what it was built with; that would load a vocabulary at import
        and be wrong as soon as the settings change.
        """
        return OutputFeatures(self.options)

    @property
    def splits(self) -> Sequence[str]:
        """Splits with records; none where the corpus has nothing for this task.

        Stock seqio raises then, and with it every mixture over a corpus that lacks a task.
        """
        splits: Sequence[str] = self.source.splits
        return splits

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
        *,
        options: ExampleOptions | None = None,
    ) -> tf.data.Dataset:
        """Examples of one split as a tf.data.Dataset; arguments as in `seqio.Task`.

        `split` defaults to train, else validation, else test. Shuffling permutes all rows
        of an epoch; `shuffle_buffer_size` shuffles finished examples on top of that.
        `sequence_length` crops whole codec frames inside spans, never a span's end mark;
        an example that cannot fit is skipped and counted. `try_in_mem_cache` has nothing
        to do: rows are numbers, codes have their own cache. `options` say how examples are
        made; None takes those of the task, which are the settings as they are now.

        Raises:
          SettingsError: no such split, or `use_cached`: codes are cached per clip and
            templates drawn per epoch, so there is nothing for an offline cache to hold.
        """
        refuse_cached(self.name, use_cached)
        splits = self.splits
        split = split or (splits[0] if splits else "train")
        lengths = dict(sequence_length or {}) if trim_output_features else {}
        stream = self.source.stream(split, shuffle, seed, num_epochs, lengths, options)
        dataset = dataset_of(stream, shard_info, 0, f"{self.name}, split {split}")
        if shuffle and shuffle_buffer_size:
            dataset = dataset.shuffle(shuffle_buffer_size, seed=seed)
        return dataset


def make_task(
    row: TaskRow,
    corpus: Callable[[], Corpus] = open_corpus,
    options: Callable[[], ExampleOptions] = settings.example_options,
) -> AudioFlanTask:
    """The task of a catalogue row.

    Args:
      corpus: opens the corpus when it is needed; by default that of the settings.
      options: gives the options of examples; by default the settings as they are then.
    """
    return AudioFlanTask(
        options=options,
        name=row.name,
        source=CorpusSource(row.id, corpus, options),
        output_features={},
        preprocessors=[],
        postprocess_fn=postprocessor(row, corpus, options),
        metric_fns=[metric(name).function(row) for name in row.metrics],
        shuffle_buffer_size=1,
        source_info=None,
    )
