"""One minor task as a `seqio.Task`.

Differences from the stock class, each a promise of this package: `get_dataset()` works
without arguments where a task has no train split; rows are permuted by the source
instead of through a buffer of finished examples; provenance is always there; and the chain
of preprocessors is run by the index engine as long as nothing of it is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from secrets import randbits
from typing import Any, Self, get_args

import seqio
import tensorflow as tf

from audioflan_tasks.arguments import check_choice, check_lengths
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.errors import SettingsError, nearest
from audioflan_tasks.metrics import metric
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.chain import ChainRun, Step
from audioflan_tasks.seqio_tasks.features import OutputFeatures
from audioflan_tasks.seqio_tasks.index import Engine, dataset_of
from audioflan_tasks.seqio_tasks.postprocess import postprocessor
from audioflan_tasks.seqio_tasks.runtime import start_runtime
from audioflan_tasks.seqio_tasks.source import SPLITS, CorpusSource, SourceOfEpochs
from audioflan_tasks.seqio_tasks.standard_chain import standard_chain

__all__ = ["AudioFlanTask", "make_task"]

# As of the engine's streams.
_SEED_BITS = 31


class AudioFlanTask(seqio.Task):
    """A task over a corpus. Build it with `make_task`."""

    def __init__(
        self,
        *,
        row: TaskRow,
        corpus: Callable[[], Corpus] = open_corpus,
        options: Callable[[], ExampleOptions] = settings.example_options,
        standard_steps: Sequence[Callable[..., Any]] = (),
        **stock: Any,
    ) -> None:
        self.row, self.corpus, self.options = row, corpus, options
        self._standard_steps = tuple(standard_steps)
        self._own_features = stock.get("output_features")
        super().__init__(**stock)

    @property
    def output_features(self) -> Mapping[str, seqio.Feature]:
        """`inputs` and `targets` with the vocabulary of the options as they are now.

        The stock class keeps what it was built with; that would load a vocabulary at import
        and be wrong as soon as the settings change.
        """
        return self._own_features or OutputFeatures(self.options)

    @property
    def splits(self) -> Sequence[str]:
        """Splits with records, train first; none where the corpus has nothing for this task.

        Stock seqio raises then, and with it every mixture over a corpus that lacks a task.
        """
        # A source of TFDS has a mapping in the order of the alphabet.
        names = tuple(self.source.splits)
        known_names = [name for name in SPLITS if name in names]
        return (*known_names, *(name for name in names if name not in known_names))

    @property
    def is_standard(self) -> bool:
        """Whether source, features and preprocessors are those that `make_task` gave it."""
        steps = self.preprocessors
        return (
            isinstance(self.source, CorpusSource)
            and not self._own_features
            and len(steps) == len(self._standard_steps)
            and all(a is b for a, b in zip(steps, self._standard_steps, strict=True))
        )

    def replace(self, **changes: Any) -> Self:
        """A task of this class with some properties changed, as `seqio.Task.replace`.

        It is not registered. Replace `source`, `preprocessors` or `output_features`, and the
        chain is run as it is written.
        """
        properties = {
            "name": self.name,
            "source": self.source,
            "output_features": self._own_features,
            "preprocessors": self.preprocessors,
            "postprocess_fn": self.postprocessor,
            "metric_fns": self._metric_fn_constructor_args,
            "metric_objs": self._metric_objs_constructor_args,
            "shuffle_buffer_size": self.shuffle_buffer_size,
        }
        unknown_names = [name for name in changes if name not in properties]
        if unknown_names:
            raise SettingsError(
                f"{self.name}: no property {unknown_names[0]!r}"
                f"{nearest(unknown_names[0], properties)}; there are {', '.join(properties)}"
            )
        if "source" in changes and not isinstance(changes["source"], CorpusSource):
            # Other sources do not permute their elements themselves.
            properties["shuffle_buffer_size"] = seqio.dataset_providers.SHUFFLE_BUFFER_SIZE
        return type(self)(
            row=self.row, corpus=self.corpus, options=self.options,
            standard_steps=self._standard_steps, **{**properties, **changes},
        )  # fmt: skip

    def replace_step(self, step_name: str, step: Callable[..., Any], name: str = "") -> Self:
        """This task with another step in place of the one of that name.

        Args:
          step_name: of the function in the chain, such as `apply_template`.
          step: from a dataset to a dataset; it may have parameters `sequence_length`,
            `output_features` (as in seqio) and `run` (a `ChainRun`).
          name: of the new task; "" keeps the name, so that it cannot be registered beside this
            one.

        Raises:
          SettingsError: the chain has no step of that name.
        """
        names = [_step_name(other) for other in self.preprocessors]
        if step_name not in names:
            raise SettingsError(
                f"{self.name}: no step {step_name!r}{nearest(step_name, names)}; "
                f"the chain is {', '.join(names)}"
            )
        steps = list(self.preprocessors)
        steps[names.index(step_name)] = step
        return self.replace(preprocessors=steps, name=name or self.name)

    def register(self) -> Self:
        """Adds the task to seqio's registry under its name, and returns it.

        Raises:
          SettingsError: the name is taken.
        """
        if self.name in {*seqio.TaskRegistry.names(), *seqio.MixtureRegistry.names()}:
            raise SettingsError(f"the name {self.name!r} is registered already; choose another")
        seqio.TaskRegistry.add_provider(self.name, self)
        return self

    def preprocess_precache(
        self, dataset: tf.data.Dataset, seed: int | None = None
    ) -> tf.data.Dataset:
        """What `seqio_cache_tasks` runs: the steps before the cache, on records."""
        chain = self._stock(self.source, self.preprocessors, self._run(seed, self.options()))
        return chain.preprocess_precache(dataset, seed)

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
        engine: Engine | None = None,
        options: ExampleOptions | None = None,
    ) -> tf.data.Dataset:
        """Examples of one split as a tf.data.Dataset; arguments as in `seqio.Task`.

        `split` defaults to train, else validation, else test. Shuffling permutes all rows
        of an epoch; `shuffle_buffer_size` shuffles finished examples on top of that.
        `sequence_length` crops whole codec frames inside spans, never a span's end mark;
        an example that cannot fit is skipped and counted. `try_in_mem_cache` has nothing
        to do: rows are numbers, codes have their own cache. `options` say how examples are
        made; None takes those of the task, which are the settings as they are now.

        Args:
          use_cached: reads records and codes that `seqio_cache_tasks` has written; templates
            are still drawn anew each epoch.
          engine: `index` is the compiled form of the standard chain, `seqio` runs the chain as
            it is written; both give the same ids. None takes `index` where it can be had.

        Raises:
          SettingsError: no such split, no cache, or `index` and the chain is not the standard
            one.
        """
        start_runtime()
        if engine is not None:
            check_choice("engine", engine, get_args(Engine))
        splits = self.splits
        split = split or (splits[0] if splits else "train")
        lengths = dict(sequence_length or {}) if trim_output_features else {}
        by_index = self.is_standard and not use_cached
        if engine == "index" and not by_index:
            raise SettingsError(
                f"{self.name}: the index engine runs the standard chain over a corpus only, not a "
                "replaced step, another source or a cache; leave engine away, or say 'seqio'"
            )
        if not by_index or engine == "seqio":
            return self._written_chain(
                lengths, split, use_cached, shuffle, shuffle_buffer_size,
                randbits(_SEED_BITS) if seed is None else seed, shard_info, num_epochs,
                self.options() if options is None else options,
            )  # fmt: skip
        stream = self.source.stream(split, shuffle, seed, num_epochs, lengths, options)
        dataset = dataset_of(stream, shard_info, 0, f"{self.name}, split {split}")
        if shuffle and shuffle_buffer_size:
            dataset = dataset.shuffle(shuffle_buffer_size, seed=seed)
        return dataset

    def _written_chain(
        self,
        lengths: Mapping[str, int],
        split: str,
        use_cached: bool,
        shuffle: bool,
        shuffle_buffer_size: int | None,
        seed: int,
        shard_info: seqio.ShardInfo | None,
        num_epochs: int | None,
        options: ExampleOptions,
    ) -> tf.data.Dataset:
        """The dataset of the stock class over the chain."""
        source, steps = self._source_and_steps(split, use_cached, num_epochs)
        shards = 1 if shard_info is None else shard_info.num_shards
        rows = source.num_input_examples(split)
        place = f"{self.name}, split {split}"
        run = self._run(seed, options, place, rows and max(1, rows // shards))
        if not self._own_features:
            check_lengths("sequence_length", lengths)
        dataset = self._stock(source, steps, run).get_dataset(
            lengths, split, False, shuffle, shuffle_buffer_size, seed, shard_info,
            try_in_mem_cache=False,
        )  # fmt: skip
        tf_options = tf.data.Options()
        # Python runs one thread at a time, and skipped elements are counted in their order.
        tf_options.experimental_optimization.map_parallelization = False
        return dataset.with_options(tf_options)

    def _source_and_steps(
        self, split: str, use_cached: bool, num_epochs: int | None
    ) -> tuple[SourceOfEpochs, Sequence[Callable[..., Any]]]:
        """What is read, and the steps after it: those behind the cache where it is read."""
        if not use_cached:
            return SourceOfEpochs(self.source, num_epochs), self.preprocessors
        if not self.supports_caching:
            raise SettingsError(
                f"{self.name}: no CacheDatasetPlaceholder in its chain, so no cache"
            )
        if self.cache_dir is None:
            raise SettingsError(
                f"{self.name}: no cache of it in the folders of seqio.add_global_cache_dirs; make "
                "one with seqio_cache_tasks, or leave use_cached away"
            )
        source = SourceOfEpochs(self._get_cached_source(split), num_epochs)
        return source, self.preprocessors[self._cache_step_idx + 1 :]

    def _run(
        self,
        seed: int | None,
        options: ExampleOptions,
        place: str = "",
        skip_limit: int | None = None,
    ) -> ChainRun:
        run = ChainRun(options, self.corpus(), seed, place=place or self.name)
        return run if skip_limit is None else replace(run, skip_limit=skip_limit)

    def _stock(
        self, source: seqio.DataSource, steps: Sequence[Callable[..., Any]], run: ChainRun
    ) -> seqio.Task:
        """A task of the stock class whose steps have their `run`."""
        bound_steps = [
            seqio.utils.add_kwargs_to_transform(step, run=run)
            if not isinstance(step, seqio.CacheDatasetPlaceholder)
            else step
            for step in steps
        ]
        return super().replace(
            source=source, preprocessors=bound_steps, output_features=self.output_features
        )


def make_task(
    row: TaskRow,
    corpus: Callable[[], Corpus] = open_corpus,
    options: Callable[[], ExampleOptions] = settings.example_options,
    name: str = "",
) -> AudioFlanTask:
    """The task of a catalogue row.

    Args:
      corpus: opens the corpus when it is needed; by default that of the settings.
      options: gives the options of examples; by default the settings as they are then.
      name: in seqio's registry; "" takes that of the row.
    """
    steps = standard_chain(row)
    return AudioFlanTask(
        row=row,
        corpus=corpus,
        options=options,
        standard_steps=steps,
        name=name or row.name,
        source=CorpusSource(row.id, corpus, options),
        output_features={},
        preprocessors=steps,
        postprocess_fn=postprocessor(row, corpus, options),
        metric_fns=[metric(metric_name).function(row) for metric_name in row.metrics],
        shuffle_buffer_size=1,
        source_info=None,
    )


def _step_name(step: Callable[..., Any]) -> str:
    """What a step is called: its function, or its class."""
    if isinstance(step, Step):
        return step.name
    return str(seqio.utils.function_name(step) or type(step).__name__)
