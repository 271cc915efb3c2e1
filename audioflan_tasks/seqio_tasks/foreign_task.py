"""Tasks of seqio's registry as members of mixtures, and text tasks as tasks of seqio."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import seqio
import tensorflow as tf

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.foreign import ForeignReading, ForeignTask, get
from audioflan_tasks.mixtures import Mix, mixture
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.seqio_tasks.features import OutputFeatures
from audioflan_tasks.seqio_tasks.foreign_rows import SeqioRows
from audioflan_tasks.seqio_tasks.index import dataset_of
from audioflan_tasks.seqio_tasks.task import AudioFlanTask

__all__ = ["MemberTask", "SeqioRegistries"]

_SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class SeqioTask:
    """A task of seqio's registry by its name."""

    name: str

    def rows(self, reading: ForeignReading) -> SeqioRows:
        """Its rows, as a stream reads them."""
        return SeqioRows(self.name, reading)


class SeqioRegistries:
    """What `foreign.registry` asks of seqio's registries."""

    def find(self, name: str) -> ForeignTask | None:
        """The task of that name, unless it is one of the catalogue's.

        Raises:
          MixtureError: the name is that of a mixture of seqio.
        """
        if name in seqio.TaskRegistry.names():
            task = seqio.TaskRegistry.get(name)
            is_own = isinstance(task, AudioFlanTask) and name == PREFIX + task.row.id
            return None if is_own or isinstance(task, MemberTask) else SeqioTask(name)
        is_mixture = name in seqio.MixtureRegistry.names()
        if is_mixture and not hasattr(seqio.MixtureRegistry.get(name), "mix"):
            tasks = ", ".join(task.name for task in seqio.MixtureRegistry.get(name).tasks)
            raise MixtureError(f"{name} is a mixture of seqio; name its tasks instead: {tasks}")
        return None

    def names(self) -> Iterable[str]:
        """Names of the tasks that are not the catalogue's."""
        return [n for n in seqio.TaskRegistry.names() if not n.startswith(PREFIX)]

    def show(self, name: str) -> None:
        """Puts a text task into seqio's registry."""
        if name not in seqio.TaskRegistry.names():
            seqio.TaskRegistry.add_provider(name, MemberTask(name))


class _MemberSource(seqio.DataSource):
    """The number of rows of a foreign task, and its splits; `MemberTask` reads them."""

    def __init__(
        self, name: str, corpus: Callable[[], Corpus], options: Callable[[], ExampleOptions]
    ) -> None:
        super().__init__(splits=(), performs_internal_shuffling=True)
        self._name, self._open, self._options = name, corpus, options

    @property
    def corpus(self) -> Corpus:
        """That of the audio tasks beside it."""
        return self._open()

    @property
    def splits(self) -> Sequence[str]:
        """Splits that have examples."""
        return tuple(split for split in _SPLITS if self.num_input_examples(split) != 0)

    @property
    def supports_arbitrary_sharding(self) -> bool:
        """Rows are numbers."""
        return True

    def list_shards(self, split: str) -> Sequence[str]:
        """One virtual shard per split."""
        return [split]

    def num_input_examples(self, split: str) -> int | None:
        """Examples of a split; None where its source does not say how many."""
        reading = ForeignReading(split, self._options(), {})
        return get(self._name).rows(reading).size

    def get_dataset(self, *unused: Any, **unused_options: Any) -> tf.data.Dataset:
        """Not here: the examples are made by the task."""
        raise MixtureError(f"{self._name}: read the task, not its source")


class MemberTask(seqio.Task):
    """A foreign task with the vocabulary and the features of ours.

    It has no metrics: what its own need of an example is not passed on. `seqio.Evaluator` measures
    the task of seqio itself.
    """

    def __init__(
        self,
        name: str,
        corpus: Callable[[], Corpus] = open_corpus,
        options: Callable[[], ExampleOptions] = settings.example_options,
    ) -> None:
        self.corpus, self.options = corpus, options
        super().__init__(
            name=name, source=_MemberSource(name, corpus, options), output_features={},
            preprocessors=(), metric_fns=(), shuffle_buffer_size=1,
        )  # fmt: skip

    @property
    def output_features(self) -> Mapping[str, seqio.Feature]:
        """`inputs` and `targets` with the vocabulary of the options."""
        return OutputFeatures(self.options)

    @property
    def splits(self) -> Sequence[str]:
        """Splits that have examples."""
        splits: Sequence[str] = self.source.splits
        return splits

    def get_dataset(
        self,
        sequence_length: Mapping[str, int] | None = None,
        split: str = "train",
        use_cached: bool = False,
        shuffle: bool = True,
        shuffle_buffer_size: int | None = None,
        seed: int | None = None,
        shard_info: seqio.ShardInfo | None = None,
        num_epochs: int | None = 1,
        trim_output_features: bool = True,
        try_in_mem_cache: bool = True,
    ) -> tf.data.Dataset:
        """Examples of one split, as the stream of a mixture has them; arguments as in seqio."""
        mix: Mix = mixture(weights={self.name: 1.0})
        lengths = dict(sequence_length or {}) if trim_output_features else {}
        stream = Stream(
            mix, self.corpus(), split=split, seed=seed, epochs=num_epochs, shuffle=shuffle,
            lengths=lengths, options=self.options(),
        )  # fmt: skip
        return dataset_of(stream, shard_info, 0, f"{self.name}, split {split}")
