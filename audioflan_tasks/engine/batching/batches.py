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
from audioflan_tasks.engine.batching.batch_draws import DrawnBatches, OneTaskDraws, RowDraws
from audioflan_tasks.engine.batching.bucketing import BucketWindows
from audioflan_tasks.engine.batching.collate import (
    SIDES,
    Batch,
    causal_batch,
    packed_batch,
    padded_batch,
)
from audioflan_tasks.engine.batching.objective import LOSS_BY, LossBy, Objective, task_weights
from audioflan_tasks.engine.batching.packed_rounds import PackedRounds
from audioflan_tasks.engine.batching.packing import Packer, merge_packed_states
from audioflan_tasks.engine.batching.prefetch import BatchRows, Prefetcher
from audioflan_tasks.engine.batching.rounds import Rounds, ending_of
from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.state_seal import check_seal, sealed_state, unsealed
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.engine.task_facts import task_facts
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import Mix, mixture_named
from audioflan_tasks.mixtures.plan.plan import Stop
from audioflan_tasks.mixtures.plan.row_order import Shuffle
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.loss import LossOn, check_loss_on, loss_mask
from audioflan_tasks.tokens import tokenizer_of

__all__ = ["FORMS", "Batches", "Form", "batches", "merge_states"]

I64 = NDArray[np.int64]

Form = Literal["padded", "bucketed", "one_task", "causal", "packed"]

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
        loss_weights: Mapping[str, float] | None = None,
        loss_by: LossBy = "token",
        drop_last: bool = False,
        pad_to_equal: bool = False,
    ) -> None:
        check_loss_on(loss_on)
        check_choice("loss_by", loss_by, LOSS_BY)
        check_choice("form", form, FORMS)
        self.stream, self.form = stream, form
        self.batch_size = check_count("batch_size", batch_size, 1)
        # Workers that take turns at these batches.
        self.workers = 1
        self._multiple = check_count("multiple", multiple, 1)
        self._window = check_count("window", window, 1)
        self._loss_on, self._ending = loss_on, ending_of(drop_last, pad_to_equal)
        self._loss_weights, self._loss_by = loss_weights, loss_by
        task_weights(loss_weights, stream.tasks)
        self._shard = Shard(*check_shard(shard), stream.seed)
        self._length = _pack_length(pack_length, stream.lengths) if form == "packed" else 0
        self._ids = self._padding_ids = self._batch_count = 0
        self._guard: SkipGuard | None = None
        self._rounds: Rounds
        self._windows: BucketWindows
        self._packer: Packer
        self._packed_rounds: PackedRounds
        self._begin(0)

    def __getstate__(self) -> dict[str, Any]:
        """Where it stands, without the examples that are made already."""
        packed_state = self._packer.state() if self.form == "packed" else None
        names = ("_prefetcher", "_windows", "_packer", "_packed_rounds", "_guard")
        fields = {name: value for name, value in self.__dict__.items() if name not in names}
        return {"fields": fields, "packed": packed_state}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state["fields"], _guard=None)
        batch_count = self._batch_count
        self._begin(self._start, self._first)
        self._batch_count = batch_count
        if self.form == "packed":
            self._packer.load(state["packed"])

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

    def __bool__(self) -> bool:
        # It has a length only where it ends.
        return True

    def __len__(self) -> int:
        """Batches of a whole pass, from the state that was loaded last; equal on all shards.

        Raises:
          TypeError: it is not known: the stream is without end, or its batches are packed.
        """
        count = None if self.form == "packed" else self._rounds.count
        if count is None:
            raise TypeError(f"{self!r} has no length: it is without end, or packed")
        return count - self._first

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        try:
            batch = self._packed() if self.form == "packed" else self.batch_at(self._batch_count)
        except StopIteration:
            raise
        except Exception:
            # Asked again it goes on with what follows.
            self._batch_count += 1
            raise
        self._batch_count += 1
        return batch

    def batch_at(self, number: int) -> Batch:
        """Batch `number` from the state that was loaded last (not for packed ones).

        Raises:
          StopIteration: it is beyond the end.
        """
        if self.form == "packed":
            raise SettingsError("packed batches can only be taken one after the other")
        return self._numbered(self._first + check_count("number", number))

    def state_dict(self) -> dict[str, Any]:
        """Where the stream stands, as plain JSON; see `mixtures.plan.state`.

        The state of one shard holds for all, but packed batches take as many examples as
        fit: there each shard has its own, and `merge_states` makes one of them all.
        """
        if self.form != "packed":
            return self.state_at(self._batch_count)
        total, low = self.stream.total, self._packer.low
        step = low if total is None else min(low, total)
        return sealed_state({**self.stream.state(step), "packed": self._packer.state()})

    def state_at(self, count: int) -> dict[str, Any]:
        """The state after `count` batches from the one loaded last (not for packed ones)."""
        number = self._first + count
        state = self.stream.state(self._start + self._rounds.rows_before(number))
        if self.form != "bucketed":
            return state
        return sealed_state({**state, "window": self._windows.state(number)})

    def load_state_dict(self, state: Mapping[str, Any], *, revise: bool = False) -> None:
        """Resumes at a state. A refused state leaves the batches as they were.

        Args:
          revise: accepts another mixture from there on (`Stream.load`).

        Raises:
          MixtureError: the state belongs to another stream, or to another form of batches.
        """
        self._trial()._load(state, revise)
        check_seal(state)
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
        plain = unsealed(state) if isinstance(state, Mapping) else state
        step = self.stream.load(plain, revise=revise)
        self._shard = Shard(self._shard.index, self._shard.count, self.stream.seed)
        window = state.get("window")
        if self.form == "bucketed" and window is not None:
            start, self._first = self._windows.resumed(window, step)
            self._begin(start, self._first)
            return
        self._begin(step)
        if self.form == "packed":
            self._packer.load(state["packed"])

    def _begin(self, step: int, first: int = 0) -> None:
        """Stands at a step; batches count from number `first` of those that begin there."""
        self._start, self._first, self._batch_count = step, first, 0
        self._objective: Objective | None = None
        size = 1 if self.form == "one_task" else self.batch_size
        total = self.stream.total
        rows = None if total is None else max(0, total - step)
        self._rounds = Rounds(rows, size, self._shard.count, self._ending)
        self._windows = BucketWindows(self.stream, self._shard, step, self._rounds, self._window)
        self._prefetcher = Prefetcher(self.stream, self._drawn_batches(), self.batch_size)
        if self.form == "packed":
            self._packer = Packer(self.stream, self._shard, step, self.batch_size, self._length)
            self._packed_rounds = PackedRounds(self._packer, self._shard, self._ending)

    def _numbered(self, number: int) -> Batch:
        rows = self._prefetcher.pop(number)
        self._count_skips(rows.kept)
        make = causal_batch if self.form == "causal" else padded_batch
        batch = make(
            rows, self.batch_size, self.stream.lengths, self._multiple, self._pad, self._loss
        )
        if self._ending == "pad":
            batch["repeated"] = self._repeated(rows)
        return self._weighted(batch)

    def _weighted(self, batch: Batch) -> Batch:
        """The batch with weights in the loss, where they are wanted; its ids are counted."""
        if self._loss_weights is not None or self._loss_by != "token":
            self._loss_objective.add_to(batch)
        if "input_ids" in batch:
            ids = batch["input_ids"].size
            used_ids = int(np.count_nonzero(batch["attention_mask"].view(np.bool_)))
        else:
            ids = sum(int(batch[side].size) for side in SIDES)
            used_ids = sum(int(batch[f"{side}_length"].sum()) for side in SIDES)
        self._ids += ids
        self._padding_ids += ids - used_ids
        return batch

    @property
    def _loss_objective(self) -> Objective:
        if self._objective is None:
            weights = task_weights(self._loss_weights, self.tasks)
            rate = tokenizer_of(self.options).frame_rate
            vocabulary = self.stream.maker.vocabulary
            self._objective = Objective(weights, self._loss_by, vocabulary, rate)
        return self._objective

    def _drawn_batches(self) -> DrawnBatches:
        if self.form == "one_task":
            return OneTaskDraws(self.stream, self._shard, self._start, self._rounds).of_batches
        is_bucketed = self.form == "bucketed"
        steps_of = self._windows.steps if is_bucketed else self._steps_of
        return RowDraws(self.stream, steps_of).of_batches

    def _steps_of(self, number: int) -> I64:
        return self._shard.steps_of(self._rounds.span(number), self._start)

    def _repeated(self, rows: BatchRows) -> NDArray[np.uint8]:
        is_repeat = np.zeros(self.batch_size, np.uint8)
        kept_rows = rows.drawn.repeat_mask[rows.block_rows]
        is_repeat[: len(kept_rows)] = kept_rows
        return is_repeat

    def _packed(self) -> Batch:
        rows, is_repeat = self._packed_rounds.next_rows(self._count_skips)
        batch = packed_batch(rows, self._length, self._pad, self._loss)
        if self._ending == "pad":
            batch["repeated"] = np.array([bool(row) and is_repeat for row in rows], np.uint8)
        return self._weighted(batch)

    def _loss(self, ids: NDArray[np.int32], roles: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return loss_mask(ids, roles, self.stream.maker.vocabulary, self._loss_on)

    @property
    def _pad(self) -> int:
        return self.stream.maker.vocabulary.pad_id

    def _count_skips(self, kept: NDArray[np.bool_]) -> None:
        if self._guard is None:
            readers = self._shard.count * self.workers
            if self.form == "packed":
                self._guard = self.stream.skip_guard(readers, most_ids=self._length)
            elif self._rounds.count is None:
                self._guard = self.stream.skip_guard(readers)
            else:
                rows = self._rounds.count // self.workers * self.batch_size
                self._guard = self.stream.skip_guard(readers, rows=rows)
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
    shuffle: Shuffle = True,
    lengths: Mapping[str, int] | None = None,
    multiple: int = 1,
    window: int = 16,
    pack_length: int | None = None,
    loss_on: LossOn = "answer",
    loss_weights: Mapping[str, float] | None = None,
    loss_by: LossBy = "token",
    shard: tuple[int, int] = (0, 1),
    drop_last: bool = False,
    pad_to_equal: bool = False,
    options: ExampleOptions | None = None,
) -> Batches:
    """Batches of a mixture as dicts of NumPy arrays, the stream that seqio sees too.

    Args:
      mixture: a mixture, the name of a standard one or of a task, or the path of a .toml file.
      batch_size: rows of a batch of this shard.
      form: `padded`, rows of two sides; `bucketed`, the same of like lengths; `one_task`, all rows
        of a batch from one task. For a decoder: `causal`, a row for each example, its inputs and
        targets in one; `packed`, several examples in a row. `engine.batching.collate` names the
        arrays of each. The mixture's shares hold in each.
      corpus: None takes the one of the settings.
      seed: None draws one.
      num_epochs: None is without end; n gives every row of every task n times (`stop`).
      shuffle: True permutes all rows of a task in each epoch, False keeps their order. For a cold
        disk, `mixtures.BlockShuffle` reads few shards at a time.
      lengths: most ids of `inputs` and `targets`; padded rows then have these lengths.
      multiple: widths of padded rows without `lengths` are multiples of it.
      window: batches that are sorted by length together, for `bucketed`.
      pack_length: ids of a packed row; by default those of `lengths` together.
      loss_on: `answer`, `all`, `audio` or `text`: which ids count in the loss
        (`preprocessors.loss.loss_mask`). They are 1 in `inputs_loss` and `targets_loss`; in rows
        for a decoder the others have the label -100.
      loss_weights: what tasks count in the loss, by task, domain, category or major task, 1 where
        nothing is said; however often they are drawn. Adds `loss_weights` to each batch, float32
        and of the shape of the ids (`inputs_loss_weights` and `targets_loss_weights` to those of
        two sides).
      loss_by: what a task's weight is the weight of: each `token` in the loss, each `example`, or
        each `second` of its audio (`engine.batching.objective`).
      shard: (index, count) of this host or worker; any count partitions the same stream. All
        shards give the same number of batches. A finite stream gives every row once; the rows
        of the last batch are spread over the shards, so that no batch is without rows unless
        fewer rows are left than shards (`engine.batching.rounds`).
      drop_last: leaves out the rows that do not fill a batch on every shard.
      pad_to_equal: fills the last batches with rows that are given again; `repeated`, uint8
        [rows], is 1 for these.
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
        loss_weights=loss_weights, loss_by=loss_by, drop_last=drop_last, pad_to_equal=pad_to_equal,
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
