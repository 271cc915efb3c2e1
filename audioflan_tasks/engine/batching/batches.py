"""NumPy batches of a mixture, with a state that any number of hosts can resume from."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.arguments import check_choice, check_count, check_shard
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.skip_guard import SkipGuard
from audioflan_tasks.engine.batching.bucketing import BucketWindows
from audioflan_tasks.engine.batching.collate import Batch, packed_batch, padded_batch
from audioflan_tasks.engine.batching.packing import Packer, merge_packed_states
from audioflan_tasks.engine.batching.prefetch import Prefetcher
from audioflan_tasks.engine.batching.sharding import Shard, ShardBatches
from audioflan_tasks.engine.stream import Stream, task_facts
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import Mix, mixture_named
from audioflan_tasks.mixtures.plan.plan import Draws, Stop
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.loss import LossOn, check_loss_on, loss_mask

__all__ = ["FORMS", "Batches", "Form", "batches", "merge_states"]

I64 = NDArray[np.int64]

Form = Literal["padded", "bucketed", "one_task", "packed"]

FORMS: tuple[str, ...] = get_args(Form)


class Batches:
    """An iterator of batches; build it with `batches`.

    `tasks` are the names that `batch["task"]` counts, `tags` their free tags, `facts` their
    domain, major task and category. `padding` is the share of ids so far that are padding.
    """

    def __init__(
        self,
        stream: Stream,
        batch_size: int,
        form: Form,
        shard: tuple[int, int],
        *,
        multiple: int = 1,
        window: int = 16,
        pack_length: int | None = None,
        loss_on: LossOn = "answer",
    ) -> None:
        check_loss_on(loss_on)
        check_choice("form", form, FORMS)
        self.stream, self.form = stream, form
        self.batch_size = check_count("batch_size", batch_size, 1)
        self._multiple = check_count("multiple", multiple, 1)
        self._window = check_count("window", window, 1)
        self._loss_on = loss_on
        self._shard = Shard(*check_shard(shard), stream.seed)
        self._length = _pack_length(pack_length, stream.lengths) if form == "packed" else 0
        self._ids = self._padding_ids = 0
        self._guard: SkipGuard | None = None
        self._windows: BucketWindows
        self._packer: Packer
        self._begin(0)

    def __repr__(self) -> str:
        return f"Batches({self.stream!r}, batch_size={self.batch_size}, form={self.form!r})"

    @property
    def options(self) -> ExampleOptions:
        """How the examples are made."""
        return self.stream.options

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of the tasks that `task` counts."""
        return self.stream.tasks

    @property
    def tags(self) -> Mapping[str, Mapping[str, str]]:
        """Free tags by task."""
        return self.stream.mix.tags

    @property
    def facts(self) -> dict[str, dict[str, str]]:
        """Domain, major task and category by task."""
        return {task: task_facts(task) for task in self.tasks}

    @property
    def padding(self) -> float:
        """Share of all ids given so far that are padding; 0 before the first batch."""
        return self._padding_ids / self._ids if self._ids else 0.0

    @property
    def skipped(self) -> dict[str, int]:
        """Examples that could not be made, by reason; some batches are looked at ahead."""
        return dict(self.stream.maker.skipped)

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        batch = self._packed() if self.form == "packed" else self._numbered(self._batch_count)
        self._batch_count += 1
        return batch

    def batch_at(self, number: int) -> Batch:
        """Batch `number` from the state that was loaded last (not for packed ones).

        Raises:
          StopIteration: it is beyond the end.
        """
        if self.form == "packed":
            raise SettingsError("packed batches can only be taken one after the other")
        return self._numbered(check_count("number", number))

    def state_dict(self) -> dict[str, Any]:
        """Where the stream stands, as plain JSON; see `mixtures.plan.state`.

        The state of one shard holds for all, but packed batches take as many examples as
        fit: there each shard has its own, and `merge_states` makes one of them all.
        """
        if self.form != "packed":
            return self.state_at(self._batch_count)
        return {**self.stream.state(self._packer.low), "packed": self._packer.state()}

    def state_at(self, count: int) -> dict[str, Any]:
        """The state after `count` batches from the one loaded last (not for packed ones)."""
        step = self._batch_steps.next_step(count)
        if self.stream.total is not None:
            step = min(step, self.stream.total)
        if self.form != "bucketed":
            return self.stream.state(step)
        return {**self.stream.state(step), "window": self._windows.state(count)}

    def load_state_dict(self, state: Mapping[str, Any], *, revise: bool = False) -> None:
        """Resumes at a state. A refused state leaves the batches as they were.

        Args:
          revise: accepts another mixture from there on (`Stream.load`).

        Raises:
          MixtureError: the state belongs to another stream, or to another form of batches.
        """
        self._trial()._load(state, revise)
        self._load(state, revise)

    def _trial(self) -> Self:
        """A copy that a state is tried on, so that this object stays as it is when that fails."""
        trial = copy.copy(self)
        trial.stream = copy.copy(self.stream)
        return trial

    def _load(self, state: Mapping[str, Any], revise: bool) -> None:
        is_packed = isinstance(state, Mapping) and "packed" in state
        if is_packed != (self.form == "packed") and isinstance(state, Mapping):
            raise MixtureError(
                f"the state {'is' if is_packed else 'is not'} of packed batches, "
                f"these are {self.form}"
            )
        step = self.stream.load(state, revise=revise)
        self._shard = Shard(self._shard.index, self._shard.count, self.stream.seed)
        window = state.get("window")
        if self.form == "bucketed" and window is not None:
            start, batch_count = self._windows.resumed(window, step)
            self._begin(start)
            self._batch_count = batch_count
            return
        self._begin(step)
        if self.form == "packed":
            self._packer.load(state["packed"])

    def _begin(self, step: int) -> None:
        self._batch_count = 0
        self._prefetcher = Prefetcher(self.stream, self._draws_of, self.batch_size)
        size = 1 if self.form == "one_task" else self.batch_size
        self._batch_steps = ShardBatches(self._shard, size, step)
        self._windows = BucketWindows(self.stream, self._shard, step, self.batch_size, self._window)
        if self.form == "packed":
            self._packer = Packer(self.stream, self._shard, step, self.batch_size, self._length)

    def _numbered(self, number: int) -> Batch:
        rows = self._prefetcher.pop(number)
        self._count_skips(rows.kept)
        batch = padded_batch(rows, self.batch_size, self.stream.lengths, self._multiple, self._pad)
        for part, roles in (("inputs", "input_roles"), ("targets", "target_roles")):
            batch[f"{part}_loss"] = self._loss(batch[part], batch[roles])
        ids = batch["inputs"].size + batch["targets"].size
        self._ids += ids
        used_ids = int(batch["inputs_length"].sum()) + int(batch["targets_length"].sum())
        self._padding_ids += ids - used_ids
        return batch

    def _draws_of(self, number: int) -> tuple[I64, Draws]:
        """Steps and draws of a batch; raises StopIteration where there are no more."""
        if self.form == "bucketed":
            steps = self._windows.steps(number)
        else:
            steps = self._batch_steps.steps(number, self.stream.total)
            if not len(steps):
                raise StopIteration
        draws = self.stream.draws(steps)
        if self.form != "one_task":
            return steps, draws
        epochs, rows = self.stream.plan.rows_of(int(draws.task[0]), int(draws.draw[0]))
        task, draw, step = (np.repeat(n, len(rows)) for n in (draws.task, draws.draw, steps))
        return step, Draws(task, draw, epochs, rows)

    def _packed(self) -> Batch:
        rows = self._packer.next_rows(self._count_skips)
        batch = packed_batch(rows, self._length, self._pad)
        batch["loss"] = self._loss(batch["ids"], batch["roles"])
        self._ids += batch["ids"].size
        self._padding_ids += int((batch["segments"] == 0).sum())
        return batch

    def _loss(self, ids: NDArray[np.int32], roles: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return loss_mask(ids, roles, self.stream.maker.vocabulary, self._loss_on)

    @property
    def _pad(self) -> int:
        return self.stream.maker.vocabulary.pad_id

    def _count_skips(self, kept: NDArray[np.bool_]) -> None:
        if self._guard is None:
            rows = sum(self.stream.resolved.sizes.values()) // self._shard.count
            name = f"split {self.stream.split!r} of {self.stream.corpus.root}"
            self._guard = SkipGuard(rows, name, self.stream.maker.skipped)
        self._guard.count(kept)


def batches(
    mixture: Mix | str | os.PathLike[str],
    *,
    batch_size: int,
    form: Form = "padded",
    corpus: Corpus | None = None,
    split: str = "train",
    seed: int | None = None,
    num_epochs: int | None = None,
    stop: Stop = "every_row",
    shuffle: bool = True,
    lengths: Mapping[str, int] | None = None,
    multiple: int = 1,
    window: int = 16,
    pack_length: int | None = None,
    loss_on: LossOn = "answer",
    shard: tuple[int, int] = (0, 1),
    options: ExampleOptions | None = None,
) -> Batches:
    """Batches of a mixture as dicts of NumPy arrays, the stream that seqio sees too.

    Args:
      mixture: a mixture, the name of a standard one or of a task, or the path of a .toml file.
      batch_size: rows of a batch of this shard.
      form: `padded` rows side by side; `bucketed`, the same of like lengths; `one_task`, all rows
        of a batch from one task; `packed`, several examples in a row
        (`engine.batching.collate`). The mixture's shares hold in each.
      corpus: None takes the one of the settings.
      seed: None draws one.
      num_epochs: None is without end; n gives every row of every task n times (`stop`).
      lengths: most ids of `inputs` and `targets`; padded rows then have these lengths.
      multiple: widths of padded rows without `lengths` are multiples of it.
      window: batches that are sorted by length together, for `bucketed`.
      pack_length: ids of a packed row; by default those of `lengths` together.
      loss_on: `answer`, `all`, `audio` or `text`: which ids `inputs_loss` and `targets_loss`, or
        `loss` of packed rows, mark with 1 (`preprocessors.loss.loss_mask`).
      shard: (index, count) of this host or worker; any count partitions the same stream.
      options: how examples are made; None takes those of the settings as they are now.

    Raises:
      UnknownNameError: no such mixture.
      MixtureError: no task has records in the split.
      SettingsError: another argument cannot be used.
    """
    mix = mixture_named(mixture) if isinstance(mixture, str | os.PathLike) else mixture
    check_choice("form", form, FORMS)
    check_count("batch_size", batch_size, 1)
    unit = batch_size if form == "one_task" else 1
    stream = Stream(
        mix, corpus, split=split, seed=seed, epochs=num_epochs, stop=stop, shuffle=shuffle,
        lengths=lengths, unit=unit, options=options,
    )  # fmt: skip
    return Batches(
        stream, batch_size, form, shard,
        multiple=multiple, window=window, pack_length=pack_length, loss_on=loss_on,
    )  # fmt: skip


def merge_states(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One state of packed batches from those of all shards, for another number of shards.

    Raises:
      MixtureError: a shard is missing, or they are not of one stream.
    """
    return merge_packed_states(states)


def _pack_length(pack_length: int | None, lengths: Mapping[str, int]) -> int:
    if pack_length is not None:
        return check_count("pack_length", pack_length, 2)
    if not {"inputs", "targets"} <= set(lengths):
        raise SettingsError("packed batches need pack_length, or lengths of inputs and targets")
    return lengths["inputs"] + lengths["targets"]
