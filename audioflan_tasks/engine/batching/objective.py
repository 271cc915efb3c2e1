"""What each id counts in the loss, apart from how often its task is drawn."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
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


class _SideLoss(NamedTuple):
    """Ids, which of them count in the loss, and the number of the example of each."""

    ids: NDArray[np.int32]
    is_counted: NDArray[np.bool_]
    examples: NDArray[np.int64]


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
        if "labels" in batch:
            (batch["loss_weights"],) = self._of_rows(batch)
            return
        rows = np.arange(len(batch["task"]))[:, None]
        sides = [
            _SideLoss(
                batch[side],
                batch[f"{side}_loss"].view(np.bool_),
                np.broadcast_to(rows, batch[side].shape),
            )
            for side in SIDES
        ]
        names = [f"{side}_loss_weights" for side in SIDES]
        batch.update(zip(names, self._of_sides(sides, batch["task"]), strict=True))

    def _of_rows(self, batch: Batch) -> list[NDArray[np.float32]]:
        segments = batch["segment_ids"]
        rows, width = len(segments), int(segments.max(initial=0)) + 1
        examples = segments + np.arange(rows)[:, None] * width
        task = batch["task"] if batch["task"].ndim == 2 else batch["task"][:, None]
        tasks, is_used = np.full(rows * width, -1, np.int64), segments > 0
        tasks[examples[is_used]] = np.broadcast_to(task, segments.shape)[is_used]
        side = _SideLoss(batch["input_ids"], batch["labels"] != NO_LABEL, examples)
        return self._of_sides([side], tasks)

    def _of_sides(
        self, sides: Sequence[_SideLoss], tasks: NDArray[Any]
    ) -> list[NDArray[np.float32]]:
        """Weights of the ids of each side; `tasks` has that of every example, -1 for none."""
        weights = np.where(tasks >= 0, self._weights[tasks], 0.0)
        if self._by != "token":
            counts = sum(_counts(side.examples[side.is_counted], len(tasks)) for side in sides)
            weights = weights / np.maximum(counts, 1)
        if self._by == "second":
            weights = weights * self._seconds(sides, tasks)
        values = weights.astype(np.float32)
        return [values[side.examples] * side.is_counted for side in sides]

    def _seconds(self, sides: Sequence[_SideLoss], tasks: NDArray[Any]) -> F64:
        """Seconds of audio of each example."""
        v, seconds = self._vocabulary, np.zeros(len(tasks))
        # Steps of a delayed span before its last codebook begins.
        late = len(v.codebook_sizes) - 1 if v.layout == "delay" else 0
        for ids, _, examples in sides:
            steps = _counts(examples[ids >= v.free_id], len(tasks)) / v.step
            spans = _counts(examples[ids == v.soa_id], len(tasks))
            seconds += np.maximum(steps - late * spans, 0) / self._frame_rate
        if not self._has_warned and ((seconds == 0) & (tasks >= 0)).any():
            self._has_warned = True
            _LOG.warning("loss_by='second': examples without audio do not count in the loss")
        return seconds


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


def _counts(examples: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """How often each example number stands there."""
    return np.bincount(examples.reshape(-1), minlength=size)
