"""A mixture of tasks as a `seqio.Mixture`, driven by the engine's plan.

seqio's own sampler over one pipeline a task stays available as `engine="seqio"`.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import seqio
import tensorflow as tf

from audioflan_tasks import catalogue
from audioflan_tasks.arguments import check_choice
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.foreign import is_foreign
from audioflan_tasks.mixtures import Mix
from audioflan_tasks.mixtures.holdout.hold_out import NO_HOLD_OUT
from audioflan_tasks.mixtures.plan.plan import UNKNOWN_SIZE, Stop
from audioflan_tasks.mixtures.spec.tree import schedule_points
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.seqio_tasks.features import PROVENANCE, element_spec
from audioflan_tasks.seqio_tasks.foreign_task import MemberTask
from audioflan_tasks.seqio_tasks.index import Engine, dataset_of
from audioflan_tasks.seqio_tasks.runtime import start_runtime
from audioflan_tasks.seqio_tasks.task import AudioFlanTask

__all__ = ["AudioFlanMixture"]

_LOG = logging.getLogger("audioflan_tasks")


class AudioFlanMixture(seqio.Mixture):
    """A mixture under a name of seqio's registry; `prefix` is that of the family of its tasks."""

    def __init__(self, name: str, mix: Mix, prefix: str = PREFIX) -> None:
        self.mix, self._prefix = mix, prefix
        family = seqio.TaskRegistry.get(prefix + catalogue.tasks()[0].id)
        tasks = [
            MemberTask(task, family.corpus, family.options)
            if is_foreign(task)
            else prefix + task.removeprefix(PREFIX)
            for task in mix.tasks
        ]
        super().__init__(name=name, tasks=[(task, self._train_rate) for task in tasks])

    def rates(self, split: str) -> dict[str, float]:
        """Rate by task name in a split, at step 0; rates are the policy's, not normalised.

        Raises:
          MixtureError: no task has records in the split.
        """
        names = {
            t.name: t.name if isinstance(t, MemberTask) else PREFIX + t.row.id for t in self.tasks
        }
        sizes = {names[t.name]: t.num_input_examples(split) for t in self.tasks}
        rates = self.mix.rates({t: UNKNOWN_SIZE if n is None else n for t, n in sizes.items()})
        return {name: rates[names[name]] for name in names}

    def num_input_examples(self, split: str) -> int | None:
        """Rows of all tasks; None where one does not say how many it has."""
        counts = [task.num_input_examples(split) for task in self.tasks]
        return None if None in counts else sum(counts)

    def get_dataset(
        self,
        sequence_length: Mapping[str, int] | None = None,
        split: str | None = None,
        use_cached: bool = False,
        shuffle: bool = True,
        seed: int | None = None,
        shard_info: seqio.ShardInfo | None = None,
        num_epochs: int | None = None,
        copy_pretokenized: bool = False,
        compute_stats_empirically: bool = False,
        log_mixing_proportions: bool = True,
        passthrough_features: Sequence[str] | None = None,
        trim_output_features: bool = True,
        try_in_mem_cache: bool = True,
        *,
        engine: Engine | None = None,
        stop: Stop = "every_row",
        state: Mapping[str, Any] | None = None,
        revise: bool = False,
        options: ExampleOptions | None = None,
    ) -> tf.data.Dataset:
        """The mixed stream; arguments as in `seqio.Mixture`, endless by default.

        `split` defaults to train, else to the first split that a task has. All provenance (`task`,
        `uuid`, `tags`, …) is passed through unless `passthrough_features` names what is wanted:
        less of it costs less. `seed` None draws one. With `shuffle=False` rows come in their own
        order; which task is next is drawn in any case. `log_mixing_proportions` logs the shares.
        `try_in_mem_cache` and `compute_stats_empirically` have nothing to do: rows are numbers,
        nothing is cached.

        Args:
          use_cached: reads what `seqio_cache_tasks` has written of each task.
          engine: `index` is the plan; `seqio` the stock sampler over one pipeline a task, which
            knows neither `state`, `stop`, schedules, caps, units nor filters of rows. None takes
            `seqio` where a cache is read or a step of a task is replaced, else `index`.
          stop: how a finite number of epochs ends (`mixtures.plan.plan.Plan`).
          state: begins where a `state_dict` stands.
          revise: accepts a state of another mixture (`engine.Stream.load`).
          options: how examples are made; None takes those of the tasks, which are the settings
            as they are now. `engine="seqio"` knows only the latter.

        Raises:
          MixtureError: no task has records in the split, or the state is of another stream.
          SettingsError: `index` and a task has a cache or a chain of its own, or an argument that
            `engine="seqio"` does not know.
        """
        start_runtime()
        split = self._split(split)
        if engine is not None:
            check_choice("engine", engine, get_args(Engine))
        reason = self._beyond_index(use_cached)
        if engine == "index" and reason:
            raise SettingsError(f"{self.name}: {reason}, which needs engine='seqio'")
        if engine == "seqio" or reason:
            self._refuse_beyond_stock(stop, state, options)
            self._refuse_swaps()
            return self._stock(split).get_dataset(
                sequence_length, split, use_cached, shuffle, seed, shard_info, num_epochs,
                copy_pretokenized, compute_stats_empirically, log_mixing_proportions,
                list(PROVENANCE) if passthrough_features is None else passthrough_features,
                trim_output_features, try_in_mem_cache,
            )  # fmt: skip
        lengths = dict(sequence_length or {}) if trim_output_features else {}
        stream = Stream(
            self.mix, self.tasks[0].source.corpus, split=split, seed=seed, epochs=num_epochs,
            stop=stop, shuffle=shuffle, lengths=lengths,
            options=self.tasks[0].options() if options is None else options,
        )  # fmt: skip
        start = 0 if state is None else stream.load(state, revise=revise)
        if log_mixing_proportions:
            self._log(stream)
        passed_features = PROVENANCE if passthrough_features is None else passthrough_features
        features = ["inputs", "targets", *passed_features]
        features += ["targets_pretokenized"] if copy_pretokenized else []
        known_features = element_spec()
        unknown_features = [n for n in passthrough_features or () if n not in known_features]
        if unknown_features:
            raise SettingsError(
                f"{self.name}: passthrough_features {unknown_features} are in no example; "
                f"there are {', '.join(known_features)}"
            )
        return dataset_of(stream, shard_info, start, f"{self.name}, split {split}", features)

    def _beyond_index(self, use_cached: bool) -> str:
        """What the index engine does not do of this mixture; "" where it does all."""
        if use_cached:
            return "use_cached=True reads a cache"
        own_chains = [
            task.name
            for task in self.tasks
            if not isinstance(task, MemberTask) and not getattr(task, "is_standard", False)
        ]
        return f"the task {own_chains[0]} has a chain of its own" if own_chains else ""

    def _split(self, split: str | None) -> str:
        splits = {s for task in self.tasks for s in task.splits}
        first = next((s for s in ("train", "validation", "test") if s in splits), "train")
        split = split or first
        if split not in splits:
            raise MixtureError(
                f"{self.name}: no task has a split {split!r} with records; "
                f"there are: {', '.join(sorted(splits)) or 'none'}"
            )
        return split

    def _stock(self, split: str) -> seqio.Mixture:
        """seqio's own mixture of the same tasks, at the rates of one split."""
        rates = self.rates(split)
        return seqio.Mixture(
            name=self.name,
            tasks=[(task, rates[task.name]) for task in self.tasks],
            # seqio's own sampler ends with the first task that runs dry: a finite
            # number of epochs would lose the rows of all the others.
            sample_fn=functools.partial(
                tf.data.Dataset.sample_from_datasets, stop_on_empty_dataset=False
            ),
        )

    def _log(self, stream: Stream) -> None:
        shares = stream.resolved.shares.at(0).tolist()
        share_list = ", ".join(
            f"{t} {100 * s:.3g} %" for t, s in zip(stream.tasks, shares, strict=True)
        )
        _LOG.info("%s: shares of examples at step 0: %s", self.name, share_list)

    def _refuse_beyond_stock(
        self, stop: Stop, state: object, options: ExampleOptions | None
    ) -> None:
        # Held-out tasks are none of the mixture's; held-out records its sampler does not know.
        by_task = NO_HOLD_OUT if self.mix.hold_out.by_record else self.mix.hold_out
        mix, plain = self.mix, Mix(self.mix.root, hold_out=by_task)
        has_schedule = len(schedule_points(mix.root)) > 1
        has_stream_arguments = stop != "every_row" or state is not None or options is not None
        if has_stream_arguments or mix != plain or has_schedule:
            raise SettingsError(
                f"{self.name}: seqio's own sampler knows neither stop, state, options, schedules, "
                "caps, weight_by, filters of rows nor held-out records; leave engine='seqio' away"
            )

    def _refuse_swaps(self) -> None:
        """Raises where a chain would swap records, perhaps into a task that is held out."""
        swapping_tasks = [
            task.name
            for task in self.tasks
            if isinstance(task, AudioFlanTask) and task.options().inversion > 0
        ]
        if self.mix.hold_out and swapping_tasks:
            raise SettingsError(
                f"{self.name}: holds out tasks, and the chain of {swapping_tasks[0]} swaps input "
                "and output, perhaps into one of them; set inversion to 0, or leave "
                "engine='seqio' away"
            )

    def _train_rate(self, task: seqio.Task) -> float:
        """What seqio's own tools, which know of no split, take as the rate."""
        return self.rates("train")[task.name]
