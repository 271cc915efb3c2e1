"""Rows for a decoder against examples made one by one: ids, labels, positions, segments."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.engine import Batches, batches
from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.mixtures import mixture
from tests.conftest import maker_of

LENGTHS = {"inputs": 300, "targets": 60}
MIX = mixture("key_detection", "gender_recognition", "audio_caption", policy="equal")
KEYS = {"input_ids", "labels", "attention_mask", "position_ids", "segment_ids", "roles", "task"}


def made(form: str, **options: Any) -> Batches:
    defaults: dict[str, Any] = {"batch_size": 3, "split": "test", "seed": 5, "num_epochs": 1,
                                "lengths": LENGTHS}  # fmt: skip
    return batches(MIX, **{**defaults, "form": form, **options})


def segments_of(batch: Batch) -> list[dict[str, list[int]]]:
    """The arrays of each example of a batch."""
    names = KEYS - {"task"} if batch["task"].ndim == 1 else KEYS
    return [
        {name: batch[name][row][segments == number].tolist() for name in names}
        for row, segments in enumerate(batch["segment_ids"])
        for number in range(1, segments.max() + 1)
    ]


@pytest.mark.parametrize("form", ["causal", "packed"])
@pytest.mark.parametrize("loss_on", ["answer", "all"])
def test_each_example_stands_whole_with_labels_that_are_not_shifted(
    form: str, loss_on: str
) -> None:
    maker, wanted = maker_of(open_corpus(), LENGTHS), []
    for task in MIX.tasks:
        for row in range(open_corpus().size(task, "test")):
            example = maker.example(open_corpus().instance(task, "test", row), 5, 0)
            assert example is not None
            ids = [*example.inputs.tolist(), *example.targets.tolist()]
            start = len(example.inputs) if loss_on == "answer" else 1
            labels = [-100] * start + ids[start:]
            wanted.append((ids, labels))
    stream = made(form, loss_on=loss_on)
    found = [e for batch in stream for e in segments_of(batch)]
    assert sorted((e["input_ids"], e["labels"]) for e in found) == sorted(wanted)
    for arrays in found:
        assert arrays["position_ids"] == list(range(len(arrays["input_ids"])))
        assert set(arrays["attention_mask"]) == {1}
        assert set(arrays["roles"]) <= {1, 2, 3}


@pytest.mark.parametrize("form", ["causal", "packed"])
def test_padding_is_marked_in_every_array(form: str) -> None:
    stream = made(form)
    vocabulary = stream.stream.maker.vocabulary
    ids = padding = 0
    for batch in stream:
        extra = {"epoch", "row", "step"} if form == "causal" else set()
        assert set(batch) == KEYS | extra
        assert batch["input_ids"].shape == (3, 360)
        is_padding = batch["attention_mask"] == 0
        assert (batch["input_ids"][is_padding] == vocabulary.pad_id).all()
        assert (batch["labels"][is_padding] == -100).all()
        for name in ("position_ids", "segment_ids", "roles"):
            assert not batch[name][is_padding].any()
        ids, padding = ids + is_padding.size, padding + int(is_padding.sum())
    assert stream.padding == pytest.approx(padding / ids)


def test_causal_rows_are_those_of_padded_batches_side_by_side() -> None:
    pairs = itertools.islice(zip(made("padded"), made("causal"), strict=True), 3)
    for padded, causal in pairs:
        for row in range(3):
            sides = [padded[s][row, : padded[f"{s}_length"][row]] for s in ("inputs", "targets")]
            ids = np.concatenate(sides)
            assert np.array_equal(causal["input_ids"][row, : len(ids)], ids)
        for name in ("task", "epoch", "row", "step"):
            assert np.array_equal(padded[name], causal[name])


def test_widths_without_lengths_are_those_of_the_longest_row() -> None:
    for batch in itertools.islice(made("causal", lengths=None, multiple=64), 3):
        longest = int(batch["attention_mask"].sum(1).max())
        assert batch["input_ids"].shape[1] == -(-longest // 64) * 64


def test_an_example_does_not_predict_the_first_id_of_the_next() -> None:
    stream = made("packed", loss_on="all", pack_length=1200)
    batch = next(stream)
    is_label = batch["labels"] != -100
    assert batch["segment_ids"].max() > 2
    assert np.array_equal(is_label, (batch["segment_ids"] > 0) & (batch["position_ids"] > 0))
    # The loss of a model that shifts labels compares row[:-1] with labels[1:].
    is_predicted, segments = is_label[:, 1:], batch["segment_ids"]
    assert np.array_equal(segments[:, 1:][is_predicted], segments[:, :-1][is_predicted])
