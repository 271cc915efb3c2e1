"""Weights in the loss: by hand, and the same mean loss in rows of every form."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

from audioflan_tasks.engine import Batches, batches
from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.engine.batching.objective import Objective
from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.tokens.text import text_side
from audioflan_tasks.tokens.vocabulary import AudioTextVocabulary
from tests.kinds import first_of

MIX = mixture("key_detection", "gender_recognition", "denoising", policy="equal")
LENGTHS = {"inputs": 300, "targets": 300}
# 2 ids a step; 4 steps a second.
VOCABULARY = AudioTextVocabulary(text_side("bytes"), (8, 8), "flatten")
SOA, EOA, CODE = VOCABULARY.soa_id, VOCABULARY.eoa_id, VOCABULARY.audio_base


def made(form: str, **options: Any) -> Batches:
    defaults: dict[str, Any] = {"batch_size": 4, "split": "test", "seed": 5, "num_epochs": 1,
                                "lengths": LENGTHS}  # fmt: skip
    return batches(MIX, **{**defaults, "form": form, **options})


def packed_row() -> Batch:
    """A row of two examples: task 0 with 4 ids in the loss and half a second of audio, task 1
    with 2 ids in the loss and a quarter of a second in two spans."""
    ids = [9, SOA, CODE, CODE, CODE, CODE, EOA, 5, 6, 7, 8, 3, SOA, CODE, CODE, EOA, 4, 5, 0, 0]
    segments = [1] * 11 + [2] * 7 + [0] * 2
    labels = [-100] * 7 + ids[7:11] + [-100] * 5 + ids[16:18] + [-100] * 2
    arrays = {"input_ids": ids, "segment_ids": segments, "labels": labels,
              "task": [0] * 11 + [1] * 7 + [-1] * 2}  # fmt: skip
    return {name: np.array([values], np.int64) for name, values in arrays.items()}


# Weights 3 and 0.5. By token each id has its task's weight; by example 3 / 4 and 0.5 / 2; by
# second 3 * 0.5 / 4 and 0.5 * 0.25 / 2.
@pytest.mark.parametrize(
    ("by", "first", "second"),
    [("token", 3, 0.5), ("example", 0.75, 0.25), ("second", 0.375, 0.0625)],
)
def test_weights_by_hand(by: Any, first: float, second: float) -> None:
    batch = packed_row()
    Objective(np.array([3, 0.5]), by, VOCABULARY, 4.0).add_to(batch)
    wanted = [0.0] * 7 + [first] * 4 + [0.0] * 5 + [second] * 2 + [0.0] * 2
    assert batch["loss_weights"].tolist() == [wanted]
    assert batch["loss_weights"].dtype == np.float32


def test_the_steps_that_delay_a_span_are_no_audio() -> None:
    delayed = AudioTextVocabulary(text_side("bytes"), (8, 8), "delay")
    span = delayed.audio_block(np.zeros((4, 2), np.int64))
    ids = np.array([[3, *span, 4, 5]], np.int64)
    labels = np.where(ids < 6, ids, -100)
    batch = {"input_ids": ids, "labels": labels, "segment_ids": np.ones_like(ids),
             "task": np.zeros_like(ids)}  # fmt: skip
    Objective(np.array([1.0]), "second", delayed, 4.0).add_to(batch)
    # One second, over three ids.
    assert batch["loss_weights"][0, -1] == np.float32(1 / 3)


def loss_of(ids: np.ndarray) -> np.ndarray:
    """A loss that depends on the id alone."""
    loss: np.ndarray = np.sin(ids.astype(np.float64)) + 2
    return loss


def mean_loss(stream: Batches) -> float:
    total = weight = 0.0
    for batch in stream:
        sides = [("input_ids", "loss_weights")] if "labels" in batch else [
            (side, f"{side}_loss_weights") for side in ("inputs", "targets")
        ]  # fmt: skip
        for ids, weights in sides:
            total += float((batch[weights] * loss_of(batch[ids])).sum(dtype=np.float64))
            weight += float(batch[weights].sum(dtype=np.float64))
    return total / weight


@pytest.mark.slow
@pytest.mark.parametrize("by", first_of("second", "token", "example"))
def test_the_mean_loss_is_the_same_in_every_form(by: str) -> None:
    options: dict[str, Any] = {"loss_weights": {"music": 3, "denoising": 0.5}, "loss_by": by}
    means = [
        mean_loss(made(form, **options))
        for form in ("padded", "bucketed", "one_task", "causal", "packed")
    ]
    assert means == pytest.approx([means[0]] * 5, rel=1e-5)
    assert mean_loss(made("packed", loss_weights={}, loss_by=by)) != pytest.approx(
        means[0], rel=1e-3
    )


def test_weights_change_neither_ids_nor_order() -> None:
    plain, weighted = made("packed"), made("packed", loss_weights={"music": 2}, loss_by="second")
    for batch, other in zip(plain, weighted, strict=True):
        other.pop("loss_weights")
        assert batch.keys() == other.keys()
        assert all(np.array_equal(batch[name], other[name]) for name in batch)
    assert plain.state_dict() == weighted.state_dict()


def test_the_last_name_of_a_task_counts() -> None:
    stream = made("causal", loss_weights={"speech": 3, "gender_recognition": 0}, batch_size=12)
    batch = next(stream)
    wanted = {"audioflan_gender_recognition": 0, "audioflan_denoising": 3}
    for task, weights, labels in zip(
        batch["task"].tolist(), batch["loss_weights"], batch["labels"], strict=True
    ):
        weight = wanted.get(stream.tasks[task], 1)
        assert np.array_equal(weights, weight * (labels != -100))


def test_examples_without_audio_are_told_of(caplog: pytest.LogCaptureFixture) -> None:
    batch = packed_row()
    batch["input_ids"][batch["input_ids"] >= SOA] = 3
    objective = Objective(np.array([3, 0.5]), "second", VOCABULARY, 4.0)
    with caplog.at_level(logging.WARNING, "audioflan_tasks"):
        objective.add_to(batch)
        objective.add_to(batch)
    assert not batch["loss_weights"].any()
    assert [r.message for r in caplog.records] == [
        "loss_by='second': examples without audio do not count in the loss"
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"loss_by": "tokens"}, "loss_by='tokens': expected one of token, second, example"),
        ({"loss_weights": [1]}, "expected weights by task"),
        ({"loss_weights": {"music": -1}}, r"loss_weights\['music'\]=-1: expected a number"),
        ({"loss_weights": {"music": True}}, "expected a number of at least 0"),
        ({"loss_weights": {"music": float("nan")}}, "expected a number of at least 0"),
        ({"loss_weights": {"melody_extraction": 1}}, "names no task of the mixture"),
    ],
)
def test_weights_that_cannot_be(options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        made("packed", **options)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean"):
        made("packed", loss_weights={"musik": 1})
    with pytest.raises(UnknownNameError):
        made("packed", loss_weights={3: 1})
