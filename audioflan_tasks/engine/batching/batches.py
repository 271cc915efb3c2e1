"""NumPy batches of a mixture, with a state that any number of hosts can go on from."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.batching.bucketing import BucketWindows
from audioflan_tasks.engine.batching.collate import Batch, packed_batch, padded_batch
from audioflan_tasks.engine.batching.packing import Packer
from audioflan_tasks.engine.batching.prefetch import Prefetcher
from audioflan_tasks.engine.batching.sharding import Shard, ShardBatches
from audioflan_tasks.engine.stream import Stream, facts
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import Mix, mixture_named
from audioflan_tasks.mixtures.plan.plan import Draws, Stop
from audioflan_tasks.preprocessors.loss import LossOn, check_loss_on, loss_mask

__all__ = ["FORMS", "Batches", "Form", "batches", "merge_states"]

I64 = NDArray[np.int64]

Form = Literal["padded", "bucketed", "one_task", "packed"]

FORMS: tuple[str, ...] = get_args(Form)

_LOG = logging.getLogger("audioflan_tasks")


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
        if form not in FORMS:
            raise SettingsError(f"form={form!r}: expected one of {', '.join(FORMS)}")
        if batch_size < 1 or window < 1 or multiple < 1:
            raise SettingsError(
                f"batch_size={batch_size}, window={window}, multiple={multiple}: expected 1 or more"
            )
        self.stream, self.batch_size, self.form = stream, batch_size, form
        self._multiple, self._window, self._loss_on = multiple, window, loss_on
        self._shard = Shard(*shard, stream.seed)
        self._length = _pack_length(pack_length, stream.lengths) if form == "packed" else 0
        self._ids = self._padding_ids = 0
        self._skipped_in_a_row = 0
        self._windows: BucketWindows
        self._packer: Packer
        self._begin(0)

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
        return {task: facts(task) for task in self.tasks}

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
        batch = self._packed() if self.form == "packed" else self._fixed(self._done)
        self._done += 1
        return batch

    def batch_at(self, number: int) -> Batch:
        """Batch `number` from the state that was loaded last (not for packed ones).

        Raises:
          StopIteration: it is beyond the end.
        """
        if self.form == "packed":
            raise SettingsError("packed batches can only be taken one after the other")
        return self._fixed(number)

    def state_dict(self) -> dict[str, Any]:
        """Where the stream stands, as plain JSON; see `mixtures.plan.state`.

        The state of one shard holds for all, but packed batches take as many examples as
        fit: there each shard has its own, and `merge_states` makes one of them all.
        """
        if self.form != "packed":
            return self.state_at(self._done)
        return {**self.stream.state(self._packer.low), "packed": self._packer.state()}

    def state_at(self, count: int) -> dict[str, Any]:
        """The state after `count` batches from the one loaded last (not for packed ones)."""
        step = self._route.next_step(count)
        if self.stream.total is not None:
            step = min(step, self.stream.total)
        if self.form != "bucketed":
            return self.stream.state(step)
        return {**self.stream.state(step), "window": self._windows.state(count)}

    def load_state_dict(self, state: Mapping[str, Any], *, revise: bool = False) -> None:
        """Goes on where a state stands.

        Args:
          revise: accepts another mixture from there on (`Stream.load`).

        Raises:
          MixtureError: the state belongs to another stream, or to another form of batches.
        """
        if ("packed" in state) != (self.form == "packed"):
            raise MixtureError(
                f"the state {'is' if 'packed' in state else 'is not'} of packed batches, "
                f"these are {self.form}"
            )
        step = self.stream.load(state, revise=revise)
        self._shard = Shard(self._shard.index, self._shard.count, self.stream.seed)
        window = state.get("window")
        if self.form == "bucketed" and window is not None:
            start, done = self._windows.resumed(window, step)
            self._begin(start)
            self._done = done
            return
        self._begin(step)
        if self.form == "packed":
            self._packer.load(state["packed"])

    def _begin(self, step: int) -> None:
        self._done = 0
        self._ahead = Prefetcher(self.stream, self._drawn, self.batch_size)
        size = 1 if self.form == "one_task" else self.batch_size
        self._route = ShardBatches(self._shard, size, step)
        self._windows = BucketWindows(self.stream, self._shard, step, self.batch_size, self._window)
        if self.form == "packed":
            self._packer = Packer(self.stream, self._shard, step, self.batch_size, self._length)

    def _fixed(self, number: int) -> Batch:
        taken = self._ahead.pop(number)
        self._count_skips(taken.kept)
        batch = padded_batch(taken, self.batch_size, self.stream.lengths, self._multiple, self._pad)
        for part, roles in (("inputs", "input_roles"), ("targets", "target_roles")):
            batch[f"{part}_loss"] = self._loss(batch[part], batch[roles])
        self._ids += batch["inputs"].size + batch["targets"].size
        used = int(batch["inputs_length"].sum()) + int(batch["targets_length"].sum())
        self._padding_ids += batch["inputs"].size + batch["targets"].size - used
        return batch

    def _drawn(self, number: int) -> tuple[I64, Draws]:
        """Steps and draws of a batch; raises StopIteration where there are no more."""
        if self.form == "bucketed":
            steps = self._windows.steps(number)
        else:
            steps = self._route.steps(number, self.stream.total)
            if not len(steps):
                raise StopIteration
        found = self.stream.draws(steps)
        if self.form != "one_task":
            return steps, found
        epochs, rows = self.stream.plan.rows_of(int(found.task[0]), int(found.draw[0]))
        task, draw, step = (np.repeat(one, len(rows)) for one in (found.task, found.draw, steps))
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
        found = np.flatnonzero(kept)
        before = 0 if len(found) else self._skipped_in_a_row
        self._skipped_in_a_row = before + len(kept) - 1 - int(found[-1] if len(found) else -1)
        if not self._skipped_in_a_row:
            return
        # An endless stream of which nothing is kept would run without a word.
        if self._skipped_in_a_row >= sum(self.stream.resolved.sizes.values()):
            raise SettingsError(
                f"{self._skipped_in_a_row} examples in a row were skipped ({self.skipped}); give "
                "larger lengths, fewer codebooks (AUDIOFLAN_CODEBOOKS), or mend the missing audio"
            )


def batches(
    mixture: Mix | str,
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
) -> Batches:
    """Batches of a mixture as dicts of NumPy arrays, the stream that seqio sees too.

    Args:
      mixture: a mixture, the name of a standard one or of a task, or the path of a .toml file.
      batch_size: rows of a batch of this shard.
      form: `padded` rows side by side; `bucketed`, the same of like lengths; `one_task`, all rows
        of a batch from one task; `packed`, several examples in a row
        (`engine.batching.collate`). The mixture's shares hold in each.
      seed: None draws one.
      num_epochs: None is without end; n gives every row of every task n times (`stop`).
      lengths: most ids of `inputs` and `targets`; padded rows then have these lengths.
      multiple: widths of padded rows without `lengths` are multiples of it.
      window: batches that are sorted by length together, for `bucketed`.
      pack_length: ids of a packed row; by default those of `lengths` together.
      loss_on: `answer`, `all`, `audio` or `text`: which ids `inputs_loss` and `targets_loss`, or
        `loss` of packed rows, mark with 1 (`preprocessors.loss.loss_mask`).
      shard: (index, count) of this host or worker; any count partitions the same stream.

    Raises:
      UnknownNameError: no such mixture.
      MixtureError: no task has records in the split.
      SettingsError: another argument cannot be used.
    """
    mix = mixture if isinstance(mixture, Mix) else mixture_named(mixture)
    unit = batch_size if form == "one_task" else 1
    stream = Stream(
        mix, corpus, split=split, seed=seed, epochs=num_epochs, stop=stop, shuffle=shuffle,
        lengths=lengths, unit=unit,
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
    from audioflan_tasks.engine.batching.packing import merged

    return merged(states)


def _pack_length(given: int | None, lengths: Mapping[str, int]) -> int:
    together = sum(lengths.get(part, 0) for part in ("inputs", "targets"))
    if given is None and not ({"inputs", "targets"} <= set(lengths)):
        raise SettingsError("packed batches need pack_length, or lengths of inputs and targets")
    length = together if given is None else given
    if length < 2:
        raise SettingsError(f"pack_length={given}: expected at least 2 ids")
    return length
