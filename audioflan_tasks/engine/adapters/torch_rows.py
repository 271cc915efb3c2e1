"""Rows for a decoder as torch tensors: a collator for Hugging Face's Trainer, masks, losses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from audioflan_tasks.engine.batching.collate import NO_LABEL
from audioflan_tasks.errors import MissingExtraError, SettingsError

try:
    import torch
    from torch import Tensor
    from torch.nn import functional
except ImportError as error:
    raise MissingExtraError("torch", "torch", "a collator of torch tensors") from error

__all__ = ["LossByTask", "RowCollator", "block_diagonal", "label_losses", "weighted_loss"]

# What stands behind shorter rows, where it is not 0.
_FILLERS = {"labels": NO_LABEL}

_FLOATS = ("loss_weights",)


class RowCollator:
    """Makes one batch of tensors of batches of the forms `causal` and `packed`.

        dataset = TorchBatches(mix, form="packed", batch_size=1, pack_length=4096, seed=0)
        Trainer(model, arguments, train_dataset=dataset, data_collator=RowCollator().collate)

    It gives `input_ids`, `labels`, `position_ids` (int64 [rows, longest]) and, where there are
    any, `loss_weights` (float32). Labels are not shifted: Hugging Face models do that. Rows of
    one example have `attention_mask` int64 too.

    Packed rows have `use_cache`, False, and no `attention_mask`: only without a cache and without
    a two-dimensional mask do models of transformers (4.57 and later) see from `position_ids`,
    which begin anew, where an example ends. With either, an example attends to those before it
    in its row, and nothing says so. `block_mask` gives the mask itself, for other models.

    Args:
      pad_id: what fills `input_ids` of shorter rows: `AudioTextVocabulary.pad_id`.
      block_mask: gives packed rows an `attention_mask` of their own (`block_diagonal`) instead,
        of length times length numbers a row; flash attention takes none.
    """

    def __init__(self, pad_id: int = 0, *, block_mask: bool = False) -> None:
        self._pad_id, self._block_mask = pad_id, block_mask

    def collate(self, batches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """One batch of the rows of all.

        Raises:
          SettingsError: they are batches of another form.
        """
        if not batches or "segment_ids" not in batches[0]:
            raise SettingsError('a RowCollator needs batches of form="causal" or form="packed"')
        names = ["input_ids", "labels", "position_ids", *_FLOATS]
        rows = {name: self._table(name, batches) for name in names if name in batches[0]}
        segments = self._table("segment_ids", batches)
        if not _is_packed(batches[0]):
            return {**rows, "attention_mask": (segments > 0).long()}
        if self._block_mask:
            return {**rows, "attention_mask": block_diagonal(segments)}
        return {**rows, "use_cache": False}

    def _table(self, name: str, batches: Sequence[Mapping[str, Any]]) -> Tensor:
        """The rows of an array of all batches, as long as the longest."""
        arrays = [np.asarray(batch[name]) for batch in batches]
        shape = (sum(map(len, arrays)), max(array.shape[1] for array in arrays))
        filler = self._pad_id if name == "input_ids" else _FILLERS.get(name, 0)
        table = np.full(shape, filler, np.float32 if name in _FLOATS else np.int64)
        begin = 0
        for array in arrays:
            table[begin : begin + len(array), : array.shape[1]] = array
            begin += len(array)
        return torch.from_numpy(table)


def block_diagonal(segment_ids: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """A mask [rows, 1, length, length] that is added to attention: 0 where an id may attend, which
    is to itself and to ids before it of the same segment, else the lowest number of `dtype`.

    Padding is a segment of its own, so that no row of the mask is without a 0.
    """
    length = segment_ids.shape[1]
    is_same = segment_ids[:, None, :, None] == segment_ids[:, None, None, :]
    steps = torch.arange(length, device=segment_ids.device)
    may_attend = is_same & (steps[:, None] >= steps)
    mask = torch.zeros(may_attend.shape, dtype=dtype, device=segment_ids.device)
    return mask.masked_fill_(~may_attend, torch.finfo(dtype).min)


def label_losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy [rows, length] of each label at the place of the label; 0 where there is none.

    Args:
      logits: [rows, length, ids]; those at place i predict the id at i + 1.
      labels: [rows, length], not shifted.
    """
    losses = functional.cross_entropy(
        logits[:, :-1].transpose(1, 2), labels[:, 1:].long(), ignore_index=NO_LABEL,
        reduction="none",
    )  # fmt: skip
    return functional.pad(losses, (1, 0))


def weighted_loss(logits: Tensor, labels: Tensor, loss_weights: Tensor | None = None) -> Tensor:
    """The mean loss, sum(weight * loss) / sum(weight); 0 where nothing counts.

    Args:
      logits, labels: as of `label_losses`.
      loss_weights: [rows, length] (`batches(loss_weights=…)`); None: each label counts 1.
    """
    is_label = labels != NO_LABEL
    weights = is_label.float() if loss_weights is None else loss_weights * is_label
    losses = label_losses(logits.float(), labels)
    return (losses * weights).sum() / weights.sum().clamp_min(torch.finfo(torch.float32).tiny)


class LossByTask:
    """Sums of losses and weights by task; means by task or by anything a task has.

    Args:
      tasks: the names that the numbers in `task` stand for (`Batches.tasks`).
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        self._tasks = tuple(tasks)
        self._sums = torch.zeros(2, len(self._tasks), dtype=torch.float64)

    def add(self, losses: Tensor, weights: Tensor, task: Tensor) -> None:
        """Adds losses of ids; all tensors are of one shape, or `task` has one number a row.

        Ids of weight 0 and of task -1 (padding) do not count.
        """
        if task.dim() < losses.dim():
            task = task[..., None].expand_as(losses)
        counts = (weights > 0) & (task >= 0)
        weight = weights[counts].double().cpu()
        loss = losses.detach()[counts].double().cpu() * weight
        self._sums.index_add_(1, task[counts].long().cpu(), torch.stack([loss, weight]))

    def means(self, groups: Mapping[str, str] | None = None) -> dict[str, float]:
        """Mean loss by task, or by the group that `groups` gives for a task's name; only of
        those that have any."""
        sums: defaultdict[str, float] = defaultdict(float)
        weights: defaultdict[str, float] = defaultdict(float)
        for name, (loss, weight) in zip(self._tasks, self._sums.T.tolist(), strict=True):
            group = name if groups is None else groups.get(name, "")
            sums[group] += loss
            weights[group] += weight
        return {group: sums[group] / weights[group] for group in sums if weights[group]}


def _is_packed(batch: Mapping[str, Any]) -> bool:
    """Whether rows may have several examples: then each id has its task."""
    return np.ndim(batch["task"]) == 2
