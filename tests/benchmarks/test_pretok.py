"""The peer over ready ids gives the examples that were written, at the tasks' rates."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

HOME = Path(__file__).parents[2] / "benchmarks" / "mixing"
# First id, numbers of inputs and targets, and task of three examples of the ids 0, 1, 2, …
TABLE = np.array([[0, 3, 2, 0], [5, 1, 1, 1], [7, 2, 4, 1]])
IDS = np.arange(13, dtype=np.uint16)


@pytest.fixture(scope="module")
def pretok() -> Iterator[ModuleType]:
    before = set(sys.modules)
    sys.path.insert(0, str(HOME))
    yield importlib.import_module("peers.pretok")
    sys.path.remove(str(HOME))
    for name in set(sys.modules) - before:
        if str(HOME) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def test_sides_are_padded_with_0(pretok: ModuleType) -> None:
    starts, inputs, targets, _ = TABLE[[2, 1]].T
    assert pretok._padded(IDS, starts, inputs).tolist() == [[7, 8], [5, 0]]
    assert pretok._padded(IDS, starts + inputs, targets).tolist() == [[9, 10, 11, 12], [6, 0, 0, 0]]


def test_rows_for_a_decoder_by_hand(pretok: ModuleType) -> None:
    ids, labels, positions, segments = pretok._packed(IDS, [TABLE[[0, 1]], TABLE[[2]]], 8)
    assert ids.tolist() == [[0, 1, 2, 3, 4, 5, 6, 0], [7, 8, 9, 10, 11, 12, 0, 0]]
    assert labels[0].tolist() == [-100, -100, -100, 3, 4, -100, 6, -100]
    assert positions[0].tolist() == [0, 1, 2, 3, 4, 0, 1, 0]
    assert segments.tolist() == [[1, 1, 1, 1, 1, 2, 2, 0], [1] * 6 + [0, 0]]


def test_examples_fill_rows_in_their_order(pretok: ModuleType) -> None:
    sizes = np.array([5, 2, 6])
    rows = pretok._fitted(np.array([0, 1, 2, 1, 1]), sizes, 8)
    assert [row.tolist() for row in rows] == [[0, 1], [2, 1], [1]]


def test_each_row_of_a_task_comes_once_an_epoch(
    pretok: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretok, "counts_of", lambda tasks, work: [1, 8])
    drawn = pretok._drawn(TABLE, "A", 2, 3000)
    rows = next(drawn)
    assert next(drawn).shape == (3000,)
    of_second = rows[rows > 0]
    pairs = of_second[: len(of_second) // 2 * 2].reshape(-1, 2)
    assert (np.sort(pairs, 1) == [1, 2]).all()
    # 8 ** (1 / 3) beside 1.
    assert len(of_second) / 3000 == pytest.approx(2 / 3, abs=0.03)
