"""Three processes of torch.distributed take the batches of one finite stream together."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

FORMS = ("padded", "bucketed", "one_task", "packed")


def rank(number: int, ranks: int, meeting: str, folder: str) -> None:
    """One rank: every batch is met by one of every other rank, and rows are summed over all."""
    import torch
    import torch.distributed as dist

    import audioflan_tasks as af
    import tests.store.tokenizers  # noqa: F401 - registers mulaw
    from audioflan_tasks.engine.adapters.torch_dataset import TorchBatches

    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=number, world_size=ranks)
    options = af.ExampleOptions(tokenizer="mulaw")
    mix = af.mixture("key_detection", "gender_recognition", policy="equal")
    sums = []
    for form in FORMS:
        for ending in ({}, {"drop_last": True}, {"pad_to_equal": True}):
            dataset = TorchBatches(
                mix, batch_size=3, split="test", seed=2, num_epochs=1, form=form,
                lengths={"inputs": 200, "targets": 60}, options=options, shard=(number, ranks),
                **ending,
            )  # fmt: skip
            rows = torch.zeros(3, dtype=torch.int64)
            for batch in torch.utils.data.DataLoader(dataset, batch_size=None):
                loss = batch["labels"] != -100 if form == "packed" else batch["targets_loss"]
                mean = loss.float().sum() / (loss > 0).sum()
                # Hangs here where ranks have unequal numbers of batches.
                dist.all_reduce(mean)
                assert torch.isfinite(mean)
                segments = batch["segment_ids"].amax(1) if form == "packed" else batch["task"] >= 0
                fresh = 1 - batch["repeated"].long() if "repeated" in batch else 1
                rows += torch.tensor([1, int((segments.long() * fresh).sum()), 0])
            dist.all_reduce(rows)
            sums.append(rows.tolist())
    dist.destroy_process_group()
    Path(folder, f"{number}.txt").write_text(repr(sums))


@pytest.mark.slow
def test_three_ranks_of_gloo_end_together(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    if not torch.distributed.is_gloo_available():
        pytest.skip("torch has no gloo")
    context: Any = torch.multiprocessing.get_context("spawn")
    arguments = (3, str(tmp_path / "meeting"), str(tmp_path))
    processes = [context.Process(target=rank, args=(n, *arguments)) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(240)
        if process.is_alive():
            process.kill()
    assert [process.exitcode for process in processes] == [0, 0, 0], sys.platform
    first, *others = [(tmp_path / f"{n}.txt").read_text() for n in range(3)]
    assert first == others[0] == others[1]
    sums = eval(first)
    whole = {sums[3 * n][1] for n in range(len(FORMS))}
    assert len(whole) == 1
    for n in range(len(FORMS)):
        shared, dropped, padded = sums[3 * n : 3 * n + 3]
        assert shared[1] == padded[1] >= dropped[1]
