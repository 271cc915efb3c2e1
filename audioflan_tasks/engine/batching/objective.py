"""What each id counts in the loss, apart from how often its task is drawn."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.collate import NO_LABEL, SIDES, Batch
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures.spec.select import selected
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["LOSS_BY", "LossBy", "Objective", "task_weights"]

F64 = NDArray[np.float64]

LossBy = Literal["token", "second", "example"]

LOSS_BY: tuple[str, ...] = get_args(LossBy)

_LOG = logging.getLogger("audioflan_tasks")


class _LossSide(NamedTuple):
    """Ids of one side of an example, which of them count in the loss, and their weights."""

    ids: NDArray[np.int32]
    is_counted: NDArray[np.bool_]
    weights: NDArray[np.float32]


class Objective:
    """Weights of ids in the loss of a batch.

    An example of task t with n ids in the loss has the weight w[t] * n (`by="token"`), w[t]
    (`example`) or w[t] * s (`second`, s: seconds of audio in it, both sides together), and shares
    it evenly among these n ids. Then the loss of any set of ids is

        sum(weight * loss) / sum(weight)

    whatever rows they stand in.

    Args:
      weights: w, by number of the task.
      frame_rate: of the audio tokenizer, in Hz.
    """

    def __init__(
        self, weights: F64, by: LossBy, vocabulary: AudioTextVocabulary, frame_rate: float
    ) -> None:
        self._weights, self._by, self._vocabulary = weights, by, vocabulary
        self._frame_rate, self._has_warned = frame_rate, False

    def add_to(self, batch: Batch) -> None:
        """Adds `loss_weights` to rows for a decoder, `SIDE_loss_weights` to rows of two sides:
        float32, of the shape of the ids, 0 outside the loss."""
        for task, spans in _segments(batch) if "labels" in batch else _rows(batch):
            weight = np.float32(self._weight(task, spans))
            for span in spans:
                np.multiply(span.is_counted, weight, out=span.weights)

    def _weight(self, task: int, spans: Sequence[_LossSide]) -> float:
        """What each id in the loss counts, of an example that lies in these spans."""
        weight = float(self._weights[task])
        if self._by == "token":
            return weight
        if self._by == "second":
            weight *= self._seconds(spans)
        return weight / max(1, sum(np.count_nonzero(span.is_counted) for span in spans))

    def _seconds(self, spans: Sequence[_LossSide]) -> float:
        """Seconds of audio in an example."""
        v = self._vocabulary
        steps = sum(np.count_nonzero(span.ids >= v.free_id) for span in spans) / v.step
        if v.layout == "delay":
            # The steps of a delayed clip before its last codebook begins.
            clips = sum(np.count_nonzero(span.ids == v.soa_id) for span in spans)
            steps = max(0, steps - clips * (len(v.codebook_sizes) - 1))
        if not steps and not self._has_warned:
            self._has_warned = True
            _LOG.warning("loss_by='second': examples without audio do not count in the loss")
        return float(steps / self._frame_rate)


def _segments(batch: Batch) -> Iterator[tuple[int, list[_LossSide]]]:
    """Task and span of each example in rows for a decoder."""
    is_counted = batch["labels"] != NO_LABEL
    batch["loss_weights"] = np.zeros(is_counted.shape, np.float32)
    tasks = batch["task"].reshape(len(is_counted), -1)
    columns = (batch["segment_ids"], batch["input_ids"], is_counted, batch["loss_weights"], tasks)
    for segments, ids, counted, weights, task in zip(*columns, strict=True):
        edges = np.flatnonzero(segments[1:] != segments[:-1]) + 1
        for begin, end in pairwise([0, *edges.tolist(), len(segments)]):
            if segments[begin]:
                part = slice(begin, end)
                yield (
                    int(task[min(begin, len(task) - 1)]),
                    [_LossSide(ids[part], counted[part], weights[part])],
                )


def _rows(batch: Batch) -> Iterator[tuple[int, list[_LossSide]]]:
    """Task and both sides of each example in rows of two sides."""
    columns = [batch["task"].tolist()]
    for side in SIDES:
        weights = batch[f"{side}_loss_weights"] = np.zeros(batch[side].shape, np.float32)
        columns += [batch[side], batch[f"{side}_loss"].view(np.bool_), weights]
    for task, *arrays in zip(*columns, strict=True):
        if task >= 0:
            yield task, [_LossSide(*arrays[:3]), _LossSide(*arrays[3:])]


def task_weights(weights: Any, tasks: Sequence[str]) -> F64:
    """The weight of each task, 1 for those that are not named.

    Args:
      weights: numbers of at least 0 by task, domain, category or major task
        (`mixtures.spec.select`); of names that overlap the last counts. None: all 1.

    Raises:
      SettingsError: it is no mapping, a weight is no such number, or a name is of no task there.
      UnknownNameError: there is no such name.
    """
    if weights is not None and not isinstance(weights, Mapping):
        raise SettingsError(
            f"loss_weights={weights!r}: expected weights by task, such as {{'music': 0.5}}"
        )
    values = dict.fromkeys(tasks, 1.0)
    for name, weight in (weights or {}).items():
        for task in _named(name, tasks):
            values[task] = _checked(name, weight)
    return np.array(list(values.values()))


def _named(name: Any, tasks: Sequence[str]) -> list[str]:
    """The tasks that a name stands for."""
    names = {name} if name in tasks else set(selected(str(name)))
    if not names & set(tasks):
        raise SettingsError(f"loss_weights: {name!r} names no task of the mixture")
    return [task for task in tasks if task in names]


def _checked(name: str, weight: Any) -> float:
    is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
    if not is_number or not math.isfinite(weight) or weight < 0:
        raise SettingsError(f"loss_weights[{name!r}]={weight!r}: expected a number of at least 0")
    return float(weight)
