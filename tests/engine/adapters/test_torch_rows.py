"""Rows as tensors: what models of Hugging Face make of them, and losses worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audioflan_tasks.config import settings
from audioflan_tasks.engine import batches
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.tokens import vocabulary_of
from tests.kinds import first_of

torch: Any = pytest.importorskip("torch")

from audioflan_tasks.engine.adapters.torch_rows import (  # noqa: E402 - needs torch
    LossByTask,
    RowCollator,
    block_diagonal,
    label_losses,
    weighted_loss,
)

MIX = mixture("key_detection", "gender_recognition", policy="equal")


def made(form: str, count: int, **options: Any) -> list[dict[str, np.ndarray]]:
    """Batches of one row, of examples of at most 300 ids; packed rows have 700."""
    defaults: dict[str, Any] = {
        "split": "test", "seed": 2, "batch_size": 1, "num_epochs": 1, "pack_length": 700,
        "lengths": {"inputs": 260, "targets": 40},
        "options": settings.example_options().replace(text="bytes"),
    }  # fmt: skip
    stream = batches(MIX, form=form, **{**defaults, **options})  # type: ignore[arg-type]
    return [batch for _, batch in zip(range(count), stream, strict=False)]


def test_rows_of_all_batches_become_one() -> None:
    parts = made("causal", 3, lengths=None, loss_weights={})
    batch = RowCollator(pad_id=9).collate(parts)
    width = max(part["input_ids"].shape[1] for part in parts)
    dtypes = {"input_ids": torch.int64, "labels": torch.int64, "position_ids": torch.int64,
              "attention_mask": torch.int64, "loss_weights": torch.float32}  # fmt: skip
    assert {name: values.dtype for name, values in batch.items()} == dtypes
    for row, part in enumerate(parts):
        size = part["input_ids"].shape[1]
        for name, filler in (("input_ids", 9), ("labels", -100), ("attention_mask", 0)):
            assert batch[name].shape == (3, width)
            assert np.array_equal(batch[name][row, :size], part[name][0])
            assert (batch[name][row, size:] == filler).all()


def test_packed_rows_leave_the_flat_mask_out() -> None:
    parts = made("packed", 2)
    assert set(RowCollator().collate(parts)) == {"input_ids", "labels", "position_ids", "use_cache"}
    mask = RowCollator(block_mask=True).collate(parts)["attention_mask"]
    assert mask.shape == (2, 1, 700, 700)


def test_batches_of_two_sides_are_refused() -> None:
    with pytest.raises(SettingsError, match='batches of form="causal" or form="packed"'):
        RowCollator().collate(made("padded", 1))
    with pytest.raises(SettingsError, match="RowCollator"):
        RowCollator().collate([])


def test_block_diagonal_by_hand() -> None:
    mask = block_diagonal(torch.tensor([[1, 1, 2, 0]]))[0, 0] == 0
    assert mask.tolist() == [
        [True, False, False, False],
        [True, True, False, False],
        [False, False, True, False],
        [False, False, False, True],
    ]


# Logits that give id 0 the probability p and id 1 the rest, at each place.
def logits_of(*probabilities: float) -> Any:
    p = torch.tensor(probabilities)
    return torch.log(torch.stack([p, 1 - p], -1))[None]


def test_losses_by_hand() -> None:
    logits = logits_of(0.5, 0.25, 0.5, 0.125)
    labels = torch.tensor([[-100, 0, 1, -100]])
    # The id at place 1 is predicted at place 0: log 2; that at 2 at place 1: log 4/3.
    losses = label_losses(logits, labels)
    assert losses[0].tolist() == pytest.approx([0, np.log(2), np.log(4 / 3), 0])
    assert weighted_loss(logits, labels).item() == pytest.approx(np.log(8 / 3) / 2)
    weights = torch.tensor([[7.0, 3.0, 1.0, 7.0]])
    wanted = (3 * np.log(2) + np.log(4 / 3)) / 4
    assert weighted_loss(logits, labels, weights).item() == pytest.approx(wanted)
    assert weighted_loss(logits, torch.full((1, 4), -100)).item() == 0


def small_model(attention: str) -> Any:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    options = settings.example_options().replace(text="bytes")
    config = transformers.LlamaConfig(
        vocab_size=vocabulary_of(options).vocab_size, hidden_size=16, intermediate_size=16,
        num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
        attn_implementation=attention,
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config).eval()


@pytest.mark.slow
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_an_example_has_the_same_logits_alone_and_packed(attention: str) -> None:
    model, parts, counts = small_model(attention), made("packed", 2), []
    for block_mask in (False, True):
        batch = RowCollator(block_mask=block_mask).collate(parts)
        with torch.no_grad():
            logits = model(**batch).logits
        for row, part in enumerate(parts):
            segments = torch.from_numpy(part["segment_ids"][0])
            counts.append(int(segments.max()))
            for number in range(1, counts[-1] + 1):
                ids = batch["input_ids"][row][segments == number]
                with torch.no_grad():
                    alone = model(input_ids=ids[None]).logits[0]
                assert torch.allclose(logits[row][segments == number], alone, atol=1e-5)
    # Rows with more than one example, or nothing was shown.
    assert min(counts) > 1


@pytest.mark.slow
def test_a_flat_mask_or_a_cache_would_mix_examples() -> None:
    model, (part,) = small_model("sdpa"), made("packed", 1)
    batch = RowCollator().collate([part])
    second = torch.from_numpy(part["segment_ids"] == 2)
    mask = torch.from_numpy(part["attention_mask"])
    with torch.no_grad():
        apart = model(**batch).logits[second]
        for change in ({"use_cache": True}, {"attention_mask": mask}):
            mixed = model(**{**batch, **change}).logits[second]
            assert not torch.allclose(apart, mixed, atol=1e-3)


@pytest.mark.slow
def test_models_shift_the_labels_themselves() -> None:
    model = small_model("sdpa")
    for form in ("causal", "packed"):
        batch = RowCollator().collate(made(form, 4))
        with torch.no_grad():
            found = model(**batch)
        assert found.loss.item() == pytest.approx(
            weighted_loss(found.logits, batch["labels"]).item(), rel=1e-5
        )


@pytest.mark.slow
@pytest.mark.parametrize("by", first_of("second", "token", "example"))
def test_the_weighted_loss_of_a_model_is_that_of_padded_rows(by: str) -> None:
    model, options = small_model("sdpa"), {"loss_weights": {"music": 3}, "loss_by": by}
    means = []
    for form in ("causal", "packed"):
        batch = RowCollator().collate(made(form, 999, **options))
        with torch.no_grad():
            logits = model(
                **{k: v for k, v in batch.items() if k not in ("labels", "loss_weights")}
            ).logits
        means.append(weighted_loss(logits, batch["labels"], batch["loss_weights"]).item())
    assert means[0] == pytest.approx(means[1], rel=1e-5)


def test_means_by_task_by_hand() -> None:
    losses = LossByTask(["a", "b", "c"])
    loss = torch.tensor([[1.0, 2.0, 9.0], [4.0, 6.0, 9.0]])
    weight = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 2.0]])
    losses.add(loss, weight, torch.tensor([[0, 0, 0], [1, 1, -1]]))
    losses.add(loss, weight, torch.tensor([0, 0]))
    assert losses.means() == {"a": pytest.approx((3 + 3 + 28) / 8), "b": 5.0}
    assert losses.means({"a": "x", "b": "x"}) == {"x": pytest.approx(44 / 10)}
