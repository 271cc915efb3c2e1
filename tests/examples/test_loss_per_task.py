"""The example of losses by task: sums by hand, and a run of the whole script."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")


def loaded() -> Any:
    path = Path(__file__).parents[2] / "examples" / "loss_per_task.py"
    spec = importlib.util.spec_from_file_location("loss_per_task", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_means_by_hand() -> None:
    losses = loaded().LossByTask(["a", "b", "c"])
    loss = torch.tensor([[1.0, 2.0, 9.0], [4.0, 6.0, 9.0]])
    weight = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    losses.add(loss, weight, torch.tensor([[0, 0, 0], [1, 1, -1]]))
    losses.add(loss, weight, torch.tensor([0, 0]))
    assert losses.means() == {"a": pytest.approx((3 + 3 + 19) / 7), "b": 5.0}
    assert losses.means({"a": "x", "b": "x"}) == {"x": pytest.approx(35 / 9)}


def test_the_script_runs(capsys: pytest.CaptureFixture[str]) -> None:
    loaded().main(steps=3)
    shown = capsys.readouterr().out
    for words in ("audioflan_key_detection\t", "music\t", "padding\t"):
        assert words in shown
