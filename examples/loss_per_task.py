"""Training loss per task, domain and tag, in plain torch.

    python examples/loss_per_task.py        # trains a tiny model on the demo corpus

`LossByTask` is the helper: give it the loss of every id and the task of every id or row.
Needs the extra `torch`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

import audioflan_tasks as af


class LossByTask:
    """Sums of losses and counts of ids by task; means by task or by anything a task has.

    Args:
      tasks: the names that the numbers in `task` stand for (`Batches.tasks`).
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        self._tasks = tasks
        self._sums = torch.zeros(len(tasks), dtype=torch.float64)
        self._counts = torch.zeros(len(tasks), dtype=torch.float64)

    def add(self, loss: Tensor, weight: Tensor, task: Tensor) -> None:
        """Adds the loss of each id; all tensors of one shape, `task` may be one value a row.

        Ids of weight 0 and of task -1 (padding) do not count.
        """
        if task.dim() < loss.dim():
            task = task[..., None].expand_as(loss)
        counts = (weight > 0) & (task >= 0)
        index = task[counts].long().cpu()
        kept = weight[counts].double().cpu()
        self._sums.index_add_(0, index, loss.detach()[counts].double().cpu() * kept)
        self._counts.index_add_(0, index, kept)

    def means(self, groups: Mapping[str, str] | None = None) -> dict[str, float]:
        """Mean loss by task, or by the group that `groups` gives for a task's name."""
        sums: defaultdict[str, float] = defaultdict(float)
        counts: defaultdict[str, float] = defaultdict(float)
        for name, total, count in zip(
            self._tasks, self._sums.tolist(), self._counts.tolist(), strict=True
        ):
            group = name if groups is None else groups.get(name, "")
            sums[group] += total
            counts[group] += count
        return {group: sums[group] / counts[group] for group in sums if counts[group]}


def main(steps: int = 20) -> None:
    """Trains on packed batches of three tasks and prints the losses."""
    torch.manual_seed(0)
    mix = af.mixture("key_detection", "gender_recognition", "audio_caption", policy="equal")
    stream = af.batches(mix, batch_size=2, form="packed", pack_length=2048, seed=0)
    size = stream.stream.maker.vocabulary.vocab_size
    model = nn.Sequential(nn.Embedding(size, 32), nn.Linear(32, size))
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    losses = LossByTask(stream.tasks)
    for _, batch in zip(range(steps), stream, strict=False):
        ids = torch.from_numpy(batch["ids"]).long()
        segments, counts = (torch.from_numpy(batch[k]) for k in ("segments", "loss"))
        # The next id of the same example, where it is part of the answer (`loss_on`).
        same = segments[:, 1:] == segments[:, :-1]
        weight = (same & (counts[:, 1:] > 0)).float()
        logits = model(ids[:, :-1])
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
        losses.add(loss, weight, torch.from_numpy(batch["task"])[:, 1:])
        optimiser.zero_grad()
        ((loss * weight).sum() / weight.sum()).backward()
        optimiser.step()
    domains = {task: facts["domain"] for task, facts in stream.facts.items()}
    for name, value in {**losses.means(), **losses.means(domains)}.items():
        print(f"{name}\t{value:.3f}")
    print(f"padding\t{stream.padding:.1%}")


if __name__ == "__main__":
    main()
